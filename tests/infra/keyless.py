"""No key, no secret, no plain text: policies on what a deployment is entered with."""

import re
from collections.abc import Iterator

from findings import says

from scripts.bicep import Expression, Infra

WANTED = {
    "Microsoft.ServiceBus/namespaces": {
        "properties.disableLocalAuth": True,
        "properties.minimumTlsVersion": "1.2",
    },
    "Microsoft.Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": False,
        "properties.allowBlobPublicAccess": False,
        "properties.minimumTlsVersion": "TLS1_2",
        "properties.supportsHttpsTrafficOnly": True,
    },
    "Microsoft.KeyVault/vaults": {
        "properties.enableRbacAuthorization": True,
        "properties.enablePurgeProtection": True,
        "properties.accessPolicies": None,
    },
    "Microsoft.Insights/components": {"properties.DisableLocalAuth": True},
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
    "Microsoft.Web/sites": {
        "properties.httpsOnly": True,
        "properties.siteConfig.minTlsVersion": "1.2",
        "identity.type": "UserAssigned",
        "properties.functionAppConfig.deployment.storage.authentication.type": (
            "UserAssignedIdentity"
        ),
        "properties.functionAppConfig.runtime.name": "python",
        "properties.functionAppConfig.runtime.version": "3.13",
    },
    "Microsoft.ServiceBus/namespaces/queues": {
        "properties.deadLetteringOnMessageExpiration": True,
    },
    "Microsoft.Web/sites/config": {
        "properties.globalValidation.requireAuthentication": True,
        "properties.globalValidation.unauthenticatedClientAction": "Return401",
        "properties.identityProviders.azureActiveDirectory.validation"
        ".defaultAuthorizationPolicy.allowedApplications": "allowed.allowedApplications",
    },
}


def keyless(infra: Infra) -> Iterator[str]:
    """No keys, no plain text, nothing anonymous; what the platform defaults to does not count."""
    for type_, wanted in WANTED.items():
        found = infra.of_type(type_)
        if not found:
            yield f"there is no {type_}"
        for resource in found:
            for path, value in wanted.items():
                if resource.at(path) != value:
                    yield says(resource, f"{path} has to be {value!r}")


def no_secret_is_read(infra: Infra) -> Iterator[str]:
    """Templates neither read keys nor hold secrets, and no rule of shared access exists."""
    for file in infra.files.values():
        for call in re.findall(r"\blist(?:Keys|Secrets|\w*Sas|ConnectionStrings)\(", file.text):
            yield f"{file.name}: {call}) reads a key"
    for resource in infra.resources:
        if resource.type.endswith(("/authorizationRules", "vaults/secrets")):
            yield says(resource, f"{resource.type} is a secret in a keyless deployment")


def connections_are_whole(infra: Infra) -> Iterator[str]:
    """A connection by a user-assigned identity names the credential and the client id too."""
    settings = infra.files["modules/functionapp.bicep"].one("var", "required").value
    places = {"accountName", "fullyQualifiedNamespace", "blobServiceUri"}
    named = {name.partition("__")[0] for name in settings if name.partition("__")[2] in places}
    for connection in sorted(named | {"AzureWebJobsStorage", "ServiceBus"}):
        if settings.get(f"{connection}__credential") != "managedidentity":
            yield f"{connection}__credential has to be managedidentity"
        if settings.get(f"{connection}__clientId") != "clientId":
            yield f"{connection}__clientId is missing"
    for name, value in settings.items():
        if name.endswith(("AzureWebJobsStorage", "ConnectionString")):
            yield f"{name} is a connection string"
        if re.search(r"(secret|password|key|token)$", name, re.IGNORECASE) and not isinstance(
            value, Expression
        ):
            yield f"{name} is a secret in a template"
    authorization = str(settings.get("APPLICATIONINSIGHTS_AUTHENTICATION_STRING"))
    if "Authorization=AAD" not in authorization or "${clientId}" not in authorization:
        yield "APPLICATIONINSIGHTS_AUTHENTICATION_STRING: without it telemetry is dropped"
