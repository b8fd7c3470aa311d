"""Faults that the policies of design.py have to find, as in seeded_faults.py."""

import design
from fault import Fault

_ROOT, _APP, _BUS = "resources.bicep", "modules/functionapp.bicep", "modules/servicebus.bicep"
_AUTH, _API = "modules/authentication.bicep", "graph/api.bicep"
_ENDS, _ZONE = "modules/private-endpoints.bicep", "modules/private-zone.bicep"

DESIGN_FAULTS = (
    Fault(design.rights_before_start, _ROOT, "  dependsOn: [access]\n", "", "before it has its"),
    Fault(
        design.rights_before_start,
        _ROOT,
        "principalId: identity.outputs.principalId",
        "principalId: app.outputs.principalId",
        "waits for the app",
    ),
    Fault(
        design.repeatable,
        _ROOT,
        "uniqueString(resourceGroup().id, name)",
        "utcNow()",
        "another value",
    ),
    Fault(
        design.sized_by_parameters,
        _APP,
        "scaling.?memory ?? 2048",
        "2048",
        "instanceMemoryMB has to be",
    ),
    Fault(
        design.sized_by_parameters,
        _APP,
        "maximumInstanceCount: scaling.?mostInstances ?? 40\n",
        "",
        "maximumInstanceCount has to be",
    ),
    Fault(
        design.queues_of_one_list,
        _BUS,
        "requiresSession: each.sessions",
        "requiresSession: false",
        "requiresSession has to be",
    ),
    Fault(design.queues_of_one_list, "queues.bicep", "sessions: true", "sessions: false", "lanes"),
    Fault(design.queues_of_one_list, "queues.bicep", "name: 'intake'", "name: 'entry'", "entry"),
    Fault(design.accounts_apart, _ROOT, "'str${compact}'", "'sth${compact}'", "share a storage"),
    Fault(
        design.accounts_apart,
        _ROOT,
        "'${packageStorage.outputs.blobEndpoint}packages'",
        "'${hostStorage.outputs.blobEndpoint}packages'",
        "packageContainer is not of packageStorage",
    ),
    Fault(
        design.graph_apart,
        _ROOT,
        "    principalId: identity.outputs.principalId\n",
        "    principalId: graphIdentity.?outputs.principalId ?? identity.outputs.principalId\n",
        "not given to the identity of the host",
    ),
    Fault(
        design.graph_apart,
        _ROOT,
        "string = graphIdentity.?outputs.principalId ?? identity.outputs.principalId",
        "string = identity.outputs.principalId",
        "not the identity that calls Graph",
    ),
    Fault(
        design.graph_apart,
        _APP,
        "GRAPH_CLIENT_ID: graphClientId",
        "GRAPH_CLIENT_ID: clientId",
        "with the identity of the host",
    ),
    Fault(
        design.doors,
        _AUTH,
        "allowedAudiences: [allowed.clientId, 'api://${allowed.clientId}']",
        "allowedAudiences: []",
        "for other APIs",
    ),
    Fault(design.doors, _AUTH, "${tenant().tenantId}/v2.0", "common/v2.0", "of other tenants"),
    Fault(
        design.doors, _AUTH, "'/api/health', ", "'/api/health', '/api/changes', ", "/api/changes"
    ),
    Fault(design.doors, _AUTH, "'/api/openapi.json'", "", "/api/openapi.json"),
    Fault(
        design.roles_of_the_api,
        _API,
        "value: 'Changes.Operate'",
        "value: 'Changes.Admin'",
        "Changes.Admin",
    ),
    Fault(
        design.roles_of_the_api,
        _API,
        "appRoleAssignmentRequired: true",
        "appRoleAssignmentRequired: false",
        "gets a token all the same",
    ),
    Fault(
        design.roles_of_the_api,
        _API,
        "oauth2PermissionScopes: [",
        "acceptMappedClaims: [",
        "people get no token",
    ),
    Fault(
        design.found_within_the_network,
        _ENDS,
        "  table: tableNames.outputs.id\n",
        "",
        "table has no private DNS zone",
    ),
    Fault(
        design.found_within_the_network,
        _ZONE,
        "virtualNetwork: { id: networkId }",
        "virtualNetwork: { id: '' }",
        "no network asks it",
    ),
    Fault(
        design.found_within_the_network,
        _APP,
        "    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId\n",
        "",
        "outside of the network",
    ),
    Fault(
        design.found_within_the_network,
        "modules/storage.bicep",
        "defaultAction: private ? 'Deny' : 'Allow'",
        "defaultAction: 'Allow'",
        "account: its firewall",
    ),
    Fault(
        design.found_within_the_network,
        "modules/keyvault.bicep",
        "bypass: 'None'",
        "bypass: 'AzureServices'",
        "vault: its firewall",
    ),
    Fault(
        design.operators_can_look,
        "modules/operators.bicep",
        "  scope: workspace\n",
        "  scope: insights\n",
        "cannot read the workspace",
    ),
)
