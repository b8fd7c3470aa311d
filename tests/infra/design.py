"""What the design of a deployment promises beside being keyless: order, size, separation, doors."""

import re
from collections.abc import Iterator

from app import triggers
from findings import says

from scripts.bicep import Infra
from shared.access.roles import OPERATE, SUBMIT

MONITORING_READER = "monitoringReader"
LOOKED_AT = ("workbook", "workspace", "namespace", "insights")


def rights_before_start(infra: Infra) -> Iterator[str]:
    """The first start looks for its package and its locks, and fails without the rights."""
    app = infra.files["resources.bicep"].one("module", "app")
    if "access" not in (app.at("dependsOn") or []):
        yield "resources.bicep: app may start before it has its rights: dependsOn: [access]"
    access = infra.files["resources.bicep"].one("module", "access")
    if "app." in str(access.value):
        yield "resources.bicep: access waits for the app, which waits for its rights"


def repeatable(infra: Infra) -> Iterator[str]:
    """A second deployment of the same changes nothing."""
    for file in infra.files.values():
        for call in re.findall(r"\b(?:utcNow|newGuid)\(", file.text):
            yield f"{file.name}: {call}) is another value each time"


def sized_by_parameters(infra: Infra) -> Iterator[str]:
    """Memory, the limit of instances and those always ready are the deployer's choice."""
    (app,) = infra.of_type("Microsoft.Web/sites")
    size = app.at("properties.functionAppConfig.scaleAndConcurrency")
    for given, chosen in (
        ("instanceMemoryMB", "memory"),
        ("maximumInstanceCount", "mostInstances"),
        ("alwaysReady", "alwaysReady"),
    ):
        if not str(size.get(given)).startswith(f"scaling.?{chosen} ??"):
            yield says(app, f"{given} has to be scaling.?{chosen}, or a default")


def queues_of_one_list(infra: Infra) -> Iterator[str]:
    """Each property of a queue is that of its entry; `changes` has lanes and drops repeats."""
    (queue,) = infra.of_type("Microsoft.ServiceBus/namespaces/queues")
    for given, entry in (
        ("lockDuration", "each.lock"),
        ("maxDeliveryCount", "each.deliveries"),
        ("defaultMessageTimeToLive", "each.timeToLive"),
        ("requiresSession", "each.sessions"),
        ("requiresDuplicateDetection", "each.duplicates != null"),
    ):
        if queue.at(f"properties.{given}") != entry:
            yield says(queue, f"{given} has to be {entry}")
    listed = {each["name"]: each for each in infra.files["queues.bicep"].one("var", "queues").value}
    if listed.keys() != {"intake", "changes", "outcomes"}:
        yield f"queues.bicep: {', '.join(listed)}"
    for name, sessions, repeats in (("changes", True, False), ("outcomes", False, False)):
        if (
            listed[name]["sessions"] is not sessions
            or (listed[name]["duplicates"] is None) != repeats
        ):
            yield f"queues.bicep: {name} lacks its lanes or its detection of duplicates"


def accounts_apart(infra: Infra) -> Iterator[str]:
    """The host, the package and the records have an account each."""
    root = infra.files["resources.bicep"]
    accounts = [each for each in root.all("module") if each.target == "modules/storage.bicep"]
    if len({str(each.at("params.name")) for each in accounts}) != 3:
        yield "resources.bicep: host, package and records share a storage account"
    app = root.one("module", "app")
    for what, account in (
        ("packageContainer", "packageStorage"),
        ("recordsEndpoint", "recordsStorage"),
        ("hostStorage.name", "hostStorage"),
    ):
        if f"{account}.outputs" not in str(app.at(f"params.{what}")):
            yield f"resources.bicep: {what} is not of {account}"


def graph_apart(infra: Infra) -> Iterator[str]:
    """A second identity has no right in Azure, and Graph is called with no other."""
    root = infra.files["resources.bicep"]
    if root.one("module", "access").at("params.principalId") != "identity.outputs.principalId":
        yield "resources.bicep: access is not given to the identity of the host"
    other = "graphIdentity.?outputs.principalId ?? identity.outputs.principalId"
    if root.one("output", "graphPrincipalId").value != other:
        yield "resources.bicep: graphPrincipalId is not the identity that calls Graph"
    settings = infra.files["modules/functionapp.bicep"].one("var", "required").value
    if settings.get("GRAPH_CLIENT_ID") != "graphClientId":
        yield "modules/functionapp.bicep: Graph is called with the identity of the host"


def doors(infra: Infra) -> Iterator[str]:
    """Entra ID checks whose token it is and for whom; what is open, the app itself leaves open."""
    (protection,) = infra.of_type("Microsoft.Web/sites/config")
    entra = "properties.identityProviders.azureActiveDirectory"
    if "allowed.clientId" not in (protection.at(f"{entra}.validation.allowedAudiences") or []):
        yield says(protection, "takes tokens for other APIs")
    if "tenant().tenantId" not in str(protection.at(f"{entra}.registration.openIdIssuer")):
        yield says(protection, "takes tokens of other tenants")
    anonymous = {
        f"/api/{each.binding['route']}".replace("{", "${")
        for each in triggers()
        if each.type == "httpTrigger" and str(each.binding["authLevel"].value) == "anonymous"
    }
    paths = str(infra.files["modules/authentication.bicep"].one("var", "openPaths").value)
    open_ = set(re.findall(r"'(/api/[^']*)'", paths))
    for path in open_ ^ anonymous:
        yield f"modules/authentication.bicep: {path} is open here or in the app, and not in both"


def roles_of_the_api(infra: Infra) -> Iterator[str]:
    """The registration has the roles that the app asks for; people may have that of operators."""
    api = infra.files["graph/api.bicep"].one("resource", "api")
    roles = {each["value"]: each["allowedMemberTypes"] for each in api.at("appRoles")}
    if roles != {SUBMIT: ["Application"], OPERATE: ["Application", "User"]}:
        yield says(api, f"its roles are {roles}")
    if not api.at("api.oauth2PermissionScopes"):
        yield says(api, "people get no token that their role could be in")
    if (
        infra.files["graph/api.bicep"]
        .one("resource", "apiInTenant")
        .at("appRoleAssignmentRequired")
        is not True
    ):
        yield "graph/api.bicep: whoever has no role gets a token all the same"


def found_within_the_network(infra: Infra) -> Iterator[str]:
    """Each private endpoint has a name that the network knows; the app is in the network."""
    file = infra.files["modules/private-endpoints.bicep"]
    parts = {each["part"] for each in file.one("var", "endpoints").value}
    for part in parts - file.one("var", "zones").value.keys():
        yield f"{file.name}: {part} has no private DNS zone"
    zone = infra.files["modules/private-zone.bicep"].one("resource", "link")
    if zone.at("properties.virtualNetwork.id") != "networkId":
        yield says(zone, "no network asks it")
    (app,) = infra.of_type("Microsoft.Web/sites")
    if "subnetId" not in str(app.at("properties.virtualNetworkSubnetId")):
        yield says(app, "is outside of the network")
    for resource in infra.of_type("Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"):
        rules = resource.at("properties.networkAcls") or {}
        if rules.get("defaultAction") != "private ? 'Deny' : 'Allow'" or rules["bypass"] != "None":
            yield says(resource, "its firewall lets others pass")


def operators_can_look(infra: Infra) -> Iterator[str]:
    """Whoever operates can open the workbook, and everything that it asks."""
    assigned = [
        str(each.at("scope"))
        for each in infra.files["modules/operators.bicep"].all("resource")
        if MONITORING_READER in str(each.at("properties.roleDefinitionId"))
    ]
    for what in LOOKED_AT:
        if what not in assigned:
            yield f"modules/operators.bicep: operators cannot read the {what}"


DESIGN = (
    rights_before_start,
    repeatable,
    sized_by_parameters,
    queues_of_one_list,
    accounts_apart,
    graph_apart,
    doors,
    roles_of_the_api,
    found_within_the_network,
    operators_can_look,
)
