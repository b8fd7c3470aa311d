"""The clouds of Microsoft that a tenant can be in: where Graph, its tokens and Azure are in each.

Sources: Microsoft Graph, "National cloud deployments"; Azure, "Azure Government endpoints" and
"Azure in China endpoints". A token of one cloud means nothing in another.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cloud:
    """One cloud: the root of its Graph, without a version, and the domains of its services."""

    name: str
    graph: str
    authority: str
    """Where Microsoft Entra issues tokens. A managed identity has them from its host instead."""
    vaults: str
    service_bus: str
    tables: str


GLOBAL = Cloud(
    "global",
    "https://graph.microsoft.com",
    "https://login.microsoftonline.com",
    "vault.azure.net",
    "servicebus.windows.net",
    "table.core.windows.net",
)
US_GOV = Cloud(
    "usgov",
    "https://graph.microsoft.us",
    "https://login.microsoftonline.us",
    "vault.usgovcloudapi.net",
    "servicebus.usgovcloudapi.net",
    "table.core.usgovcloudapi.net",
)
US_GOV_DOD = Cloud(
    "usgov-dod",
    "https://dod-graph.microsoft.us",
    US_GOV.authority,
    US_GOV.vaults,
    US_GOV.service_bus,
    US_GOV.tables,
)
CHINA = Cloud(
    "china",
    "https://microsoftgraph.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
    "vault.azure.cn",
    "servicebus.chinacloudapi.cn",
    "table.core.chinacloudapi.cn",
)
CLOUDS = {cloud.name: cloud for cloud in (GLOBAL, US_GOV, US_GOV_DOD, CHINA)}


def cloud_of_graph(root: str) -> Cloud | None:
    """The cloud whose Graph this is; None for a stand-in or a gateway."""
    return next((cloud for cloud in CLOUDS.values() if cloud.graph == root), None)


def is_elsewhere(host: str, cloud: Cloud) -> bool:
    """Whether a host is in the domain of another cloud's services; an unknown one is not."""

    def within(other: Cloud) -> bool:
        domains = (other.vaults, other.service_bus, other.tables)
        return host.lower().rstrip(".").endswith(tuple(f".{domain}" for domain in domains))

    return not within(cloud) and any(within(other) for other in CLOUDS.values())
