"""What a client of the local stack needs to know, as a type and as the one line of JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.up.components import Answers


@dataclass(frozen=True)
class Endpoints:
    """Addresses and development credentials of a running stack. They outlive every restart."""

    http: str
    """The app's root at its first host, for example `http://127.0.0.1:7071`."""
    amqp: str
    graph: str
    """The Graph that the app uses, without a version: the stand-in's or the one given."""
    vault: str
    tables: str
    identity: str
    itsm: str | None
    """The ticketing tools, where there are any."""
    itsm_password: str | None
    """What Sluice proves itself by to them."""
    meter: str | None
    """What counts the app's calls, where it is metered."""
    service_bus_connection: str
    table_connection: str
    function_key: str
    master_key: str
    identity_header: str
    vault_ca: Path
    """PEM of the authority that signed the vault's certificate."""
    settings: Path
    """The generated settings of the app, in the shape of local.settings.json."""

    @classmethod
    def of(cls, answers: Answers, *, graph: str, settings: Path) -> "Endpoints":
        """Collect the endpoints from the ready lines of all components."""
        said = {name: value for line in answers.values() for name, value in line.items()}
        return cls(
            http=str(answers["host"]["http"]),
            amqp=str(said["amqp"]),
            graph=graph,
            vault=str(said["vault"]),
            tables=str(said["tables"]),
            identity=str(said["identity"]),
            itsm=str(said["itsm"]) if "itsm" in said else None,
            itsm_password=str(said["itsmPassword"]) if "itsm" in said else None,
            meter=str(said["meter"]) if "meter" in said else None,
            service_bus_connection=str(said["serviceBusConnection"]),
            table_connection=str(said["tableConnection"]),
            function_key=str(said["functionKey"]),
            master_key=str(said["masterKey"]),
            identity_header=str(said["identityHeader"]),
            vault_ca=Path(str(said["vaultCa"])),
            settings=settings,
        )

    def line(self, pids: Mapping[str, int]) -> dict[str, object]:
        """Return the fields of the line that `python -m local up` prints."""
        return {
            "http": self.http,
            "amqp": self.amqp,
            "graph": self.graph,
            "vault": self.vault,
            "tables": self.tables,
            "identity": self.identity,
            "itsm": self.itsm,
            "itsmPassword": self.itsm_password,
            "serviceBusConnection": self.service_bus_connection,
            "tableConnection": self.table_connection,
            "functionKey": self.function_key,
            "masterKey": self.master_key,
            "identityHeader": self.identity_header,
            "vaultCa": str(self.vault_ca),
            "settings": str(self.settings),
            "pids": dict(pids),
        }
