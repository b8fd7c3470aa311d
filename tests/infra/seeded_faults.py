"""One fault a line: what is right in which file, what would be wrong, and what finds it."""

import keyless
import policies
from fault import Fault

_APP, _BUS = "modules/functionapp.bicep", "modules/servicebus.bicep"
_STORAGE, _VAULT, _ACCESS = (
    "modules/storage.bicep",
    "modules/keyvault.bicep",
    "modules/access.bicep",
)
_LOOK, _ALERTS = "modules/monitoring.bicep", "modules/alerts.bicep"
_NET, _ENDS = "modules/network.bicep", "modules/private-endpoints.bicep"

FAULTS = (
    Fault(
        keyless.keyless,
        _BUS,
        "disableLocalAuth: true",
        "disableLocalAuth: false",
        "disableLocalAuth",
    ),
    Fault(
        keyless.keyless,
        _BUS,
        "minimumTlsVersion: '1.2'",
        "minimumTlsVersion: '1.0'",
        "namespace: properties.minimumTls",
    ),
    Fault(keyless.keyless, _BUS, "deadLetteringOnMessageExpiration: true\n", "", "deadLettering"),
    Fault(keyless.keyless, _STORAGE, "allowSharedKeyAccess: false\n", "", "allowSharedKeyAccess"),
    Fault(
        keyless.keyless,
        _STORAGE,
        "allowBlobPublicAccess: false",
        "allowBlobPublicAccess: true",
        "allowBlobPublicAccess",
    ),
    Fault(keyless.keyless, _STORAGE, "TLS1_2", "TLS1_0", "account: properties.minimumTls"),
    Fault(
        keyless.keyless, _VAULT, "enableRbacAuthorization: true\n", "", "enableRbacAuthorization"
    ),
    Fault(keyless.keyless, _VAULT, "enablePurgeProtection: true\n", "", "enablePurgeProtection"),
    Fault(keyless.keyless, _LOOK, "DisableLocalAuth: true\n", "", "DisableLocalAuth"),
    Fault(
        keyless.keyless,
        _LOOK,
        "features: { disableLocalAuth: true }\n",
        "",
        "features.disableLocalAuth",
    ),
    Fault(keyless.keyless, _APP, "httpsOnly: true\n", "", "httpsOnly"),
    Fault(
        keyless.keyless,
        _APP,
        "type: 'UserAssignedIdentity'",
        "type: 'StorageAccountConnectionString'",
        "authentication.type",
    ),
    Fault(keyless.keyless, _APP, "type: 'UserAssigned'", "type: 'SystemAssigned'", "identity.type"),
    Fault(keyless.keyless, _APP, "version: '3.13'", "version: '3.12'", "runtime.version"),
    Fault(
        keyless.keyless,
        "modules/authentication.bicep",
        "'Return401'",
        "'AllowAnonymous'",
        "unauthenticatedClientAction",
    ),
    Fault(
        keyless.keyless,
        "modules/authentication.bicep",
        "requireAuthentication: true",
        "requireAuthentication: false",
        "requireAuthentication",
    ),
    Fault(
        keyless.keyless,
        "modules/authentication.bicep",
        "defaultAuthorizationPolicy: { allowedApplications: allowed.allowedApplications }\n",
        "",
        "allowedApplications",
    ),
    Fault(
        keyless.no_secret_is_read,
        _STORAGE,
        "output id string = account.id",
        "output key string = account.listKeys().keys[0].value",
        "listKeys",
    ),
    Fault(
        keyless.no_secret_is_read,
        _BUS,
        "'Microsoft.ServiceBus/namespaces/queues@",
        "'Microsoft.ServiceBus/namespaces/authorizationRules@",
        "authorizationRules",
    ),
    Fault(
        keyless.connections_are_whole,
        _APP,
        "  ServiceBus__credential: 'managedidentity'\n",
        "",
        "ServiceBus__credential",
    ),
    Fault(
        keyless.connections_are_whole,
        _APP,
        "  AzureWebJobsStorage__clientId: clientId\n",
        "",
        "AzureWebJobsStorage__clientId",
    ),
    Fault(keyless.connections_are_whole, _APP, ";Authorization=AAD", "", "AUTHENTICATION_STRING"),
    Fault(
        keyless.connections_are_whole,
        _APP,
        "KEY_VAULT_URL: vaultUri",
        "API_PASSWORD: 'hunter2'",
        "API_PASSWORD",
    ),
    Fault(
        policies.flex_takes_it, _APP, "minTlsVersion: '1.2'", "ftpsState: 'Disabled'", "ftpsState"
    ),
    Fault(policies.flex_takes_it, _APP, "KEY_VAULT_URL: vaultUri", "TZ: 'UTC'", "TZ is refused"),
    Fault(policies.flex_takes_it, _APP, "'FC1'", "'Y1'", "not Linux on Flex"),
    Fault(
        policies.least_roles,
        _ACCESS,
        "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
        "090c5cfd-751d-490a-894a-3ce6f1109419",
        "090c5cfd",
    ),
    Fault(policies.least_roles, _ACCESS, "  scope: vault\n", "", "more than one resource"),
    Fault(
        policies.least_roles,
        _ACCESS,
        "    principalType: 'ServicePrincipal'\n",
        "",
        "no principalType",
    ),
    Fault(
        policies.least_roles,
        _ACCESS,
        "name: guid(vault.id, principalId, secretsRole)",
        "name: newGuid()",
        "changes or collides",
    ),
    Fault(
        policies.least_roles,
        _ACCESS,
        "'Microsoft.ServiceBus/namespaces/*/read'",
        "'Microsoft.ServiceBus/*'",
        "more than read",
    ),
    Fault(
        policies.private_switch,
        _VAULT,
        "private ? 'Disabled' : 'Enabled'",
        "'Enabled'",
        "vault: publicNetworkAccess",
    ),
    Fault(
        policies.private_switch,
        _STORAGE,
        "    publicNetworkAccess: private ? 'Disabled' : 'Enabled'\n",
        "",
        "account: publicNetworkAccess",
    ),
    Fault(
        policies.private_switch,
        _BUS,
        "name: 'Premium', tier",
        "name: 'Standard', tier",
        "only Premium",
    ),
    Fault(
        policies.private_switch,
        "resources.bicep",
        "private: privateNetworking",
        "private: false",
        "private has to be",
    ),
    Fault(
        policies.private_switch,
        _ENDS,
        "  { name: 'vault', service: services.vault, part: 'vault' }\n",
        "",
        "vault has no private endpoint",
    ),
    Fault(
        policies.private_switch,
        _NET,
        "'Microsoft.App/environments'",
        "'Microsoft.Web/serverFarms'",
        "delegated",
    ),
    Fault(policies.watched, _VAULT, "scope: vault\n", "scope: other\n", "vault: has no diagnostic"),
    Fault(
        policies.watched,
        _STORAGE,
        "scope: tableService\n",
        "scope: blobs\n",
        "tableService: has no diagnostic",
    ),
    Fault(
        policies.watched,
        _ALERTS,
        "actions: { actionGroups: [actionGroupId] }\n",
        "",
        "logAlert: tells nobody",
    ),
    Fault(
        policies.no_cloud_by_name,
        _BUS,
        "'https://'",
        "'https://x.servicebus.windows.net'",
        "servicebus.windows.net",
    ),
    Fault(
        policies.described,
        "resources.bicep",
        "@description('Size of the app.')\n",
        "",
        "parameter scaling",
    ),
    Fault(policies.kept, "modules/identity.bicep", "'CanNotDelete'", "'ReadOnly'", "no lock"),
)
