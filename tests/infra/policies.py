"""What has to be true of every deployment, as functions that name what is not.

Each takes the parsed files and yields one sentence a fault. test_policies.py runs them on `infra/`
and, so that none is blind, on `infra/` with the very fault that it is there to find.
"""

import re
from collections.abc import Callable, Iterator

from design import DESIGN
from findings import says
from keyless import connections_are_whole, keyless, no_secret_is_read

from scripts.bicep import Infra

type Policy = Callable[[Infra], Iterator[str]]

FLEX_TAKES = {"minTlsVersion", "appSettings"}
FLEX_REFUSES = {
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_TIME_ZONE",
    "TZ",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
}
LEAST_ROLES = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": "Azure Service Bus Data Sender",
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": "Azure Service Bus Data Receiver",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
    "43d0d8ad-25c7-4714-9337-8ba259a9fe05": "Monitoring Reader",
}
PRIVATE = "private ? 'Disabled' : 'Enabled'"
HIDEABLE = (
    "Microsoft.Storage/storageAccounts",
    "Microsoft.KeyVault/vaults",
    "Microsoft.ServiceBus/namespaces",
)
WATCHED = (
    *("Microsoft.ServiceBus/namespaces", "Microsoft.KeyVault/vaults"),
    *("Microsoft.Storage/storageAccounts/blobServices", "Microsoft.OperationalInsights/workspaces"),
    "Microsoft.Storage/storageAccounts/tableServices",
)


def flex_takes_it(infra: Infra) -> Iterator[str]:
    """Newer stamps of Flex Consumption refuse what older plans wanted."""
    (app,) = infra.of_type("Microsoft.Web/sites")
    for name in set(app.at("properties.siteConfig")) - FLEX_TAKES:
        yield says(app, f"siteConfig.{name} may be refused by Flex Consumption")
    for file in infra.files.values():
        for name in FLEX_REFUSES:
            if re.search(rf"\b{name}\b", file.text):
                yield f"{file.name}: {name} is refused by Flex Consumption"
    (plan,) = infra.of_type("Microsoft.Web/serverfarms")
    if plan.at("sku.name") != "FC1" or plan.at("properties.reserved") is not True:
        yield says(plan, "is not Linux on Flex Consumption")


def least_roles(infra: Infra) -> Iterator[str]:
    """Data roles of the list above, each on a resource, each with a principal type."""
    modules = "".join(file.text for name, file in infra.files.items() if "modules/" in name)
    for id_ in re.findall(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", modules):
        if id_ not in LEAST_ROLES:
            yield f"role {id_} is not one of those that were weighed"
    for role in infra.of_type("Microsoft.Authorization/roleAssignments"):
        if role.at("scope") in (None, "resourceGroup()", "subscription()"):
            yield says(role, "is granted on more than one resource")
        if role.at("properties.principalType") is None:
            yield says(role, "has no principalType and races with the directory")
        if not str(role.at("name")).startswith("guid("):
            yield says(role, "has a name that changes or collides")
    for role in infra.of_type("Microsoft.Authorization/roleDefinitions"):
        actions = [action for each in role.at("properties.permissions") for action in each.values()]
        if any(not action.endswith("/read") for several in actions for action in several):
            yield says(role, "does more than read")


def private_switch(infra: Infra) -> Iterator[str]:
    """One switch closes every service that has a door, and only Premium has that switch."""
    for resource in infra.of_type(*HIDEABLE):
        if resource.at("properties.publicNetworkAccess") != PRIVATE:
            yield says(resource, f"publicNetworkAccess has to be {PRIVATE}")
    (namespace,) = infra.of_type("Microsoft.ServiceBus/namespaces")
    if not str(namespace.at("sku")).startswith("private ? { name: 'Premium'"):
        yield says(namespace, "only Premium has private endpoints")
    root = infra.files["resources.bicep"]
    for module in root.all("module"):
        given = module.at("params.private")
        wants = "private" in {p.name for p in infra.files[module.target].all("param")}
        if wants and given != "privateNetworking":
            yield f"resources.bicep: {module.name}: private has to be privateNetworking"
    ends = infra.files["modules/private-endpoints.bicep"].one("var", "endpoints").value
    for part in ("hostStorage", "packageStorage", "recordsStorage", "vault", "serviceBus"):
        if f"services.{part}" not in {each["service"] for each in ends}:
            yield f"{part} has no private endpoint"
    subnets = infra.of_type("Microsoft.Network/virtualNetworks")[0].at("properties.subnets")
    delegated = [each["properties"].get("delegations", []) for each in subnets]
    if not any("Microsoft.App/environments" in str(each) for each in delegated):
        yield "no subnet is delegated to Flex Consumption"


def watched(infra: Infra) -> Iterator[str]:
    """Whatever logs, logs to the workspace; every alert reaches somebody."""
    scopes = {
        (logs.file, logs.at("scope"))
        for logs in infra.of_type("Microsoft.Insights/diagnosticSettings")
    }
    for resource in infra.of_type(*WATCHED):
        if (resource.file, resource.name) not in scopes:
            yield says(resource, "has no diagnostic settings")
    alerts = ("Microsoft.Insights/metricAlerts", "Microsoft.Insights/scheduledQueryRules")
    for alert in infra.of_type(*alerts):
        if "actionGroupId" not in str(alert.at("properties.actions")):
            yield says(alert, "tells nobody")


def no_cloud_by_name(infra: Infra) -> Iterator[str]:
    """Hosts come from the deployment, so that the files serve every cloud."""
    for host in re.findall(
        r"[\w.-]+\.(?:windows\.net|azure\.(?:net|com|cn|us)|microsoftonline\.\w+)", _text(infra)
    ):
        yield f"{host} is the name of one cloud's host"


def described(infra: Infra) -> Iterator[str]:
    """Every parameter of the ways in says what it is."""
    for name in ("main.bicep", "resources.bicep"):
        file = infra.files[name]
        for parameter in file.all("param"):
            if not re.search(
                rf"@description\('.+'\)\n(?:@.*\n)*param {parameter.name}\b", file.text
            ):
                yield f"{name}: parameter {parameter.name} has no description"


def kept(infra: Infra) -> Iterator[str]:
    """The identities and the records are protected from deletion."""
    for file in ("modules/identity.bicep", "modules/storage.bicep"):
        locks = [each for each in infra.files[file].all("resource") if each.type.endswith("/locks")]
        if [(each.at("properties.level"), each.condition) for each in locks] != [
            ("CanNotDelete", "(locked)")
        ]:
            yield f"{file}: there is no lock that `locked` switches on"


POLICIES: tuple[Policy, ...] = (
    keyless,
    no_secret_is_read,
    connections_are_whole,
    flex_takes_it,
    least_roles,
    private_switch,
    watched,
    no_cloud_by_name,
    described,
    kept,
    *DESIGN,
)


def _text(infra: Infra) -> str:
    return "\n".join(file.text for file in infra.files.values())
