"""The Key Vault stand-in as one component."""

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from aiohttp import web

from local.standins.control import add_control, explained
from local.standins.faults import Fault, FaultPlan
from local.standins.journal import Journal
from local.standins.listening import listening
from local.standins.tokens import TokenChecker

from .certificate import server_tls
from .front_door import FrontDoor
from .handlers import Handlers
from .safe import Safe
from .secret import SetParameters
from .storage import Storage

_VERSION = "/secrets/{name}/{version:[^/]*}"
"""The client leaves the version empty, with the slash, when it means the latest."""


@asynccontextmanager
async def vault(
    *,
    port: int,
    data: Path | None,
    seed: Mapping[str, SetParameters],
    tokens: TokenChecker,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Mapping[str, object]]:
    """Serve a vault; yields the ready line: its address and the authority to trust.

    Secrets outlive the process in `data`; seeded secrets are set when their names are unknown.
    """
    async with AsyncExitStack() as stack:
        directory = data or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        directory.mkdir(parents=True, exist_ok=True)
        storage = Storage(directory / "secrets.sqlite" if data else None)
        stack.enter_context(closing(storage))
        safe = Safe(storage, clock)
        _sow(safe, seed)
        tls, authority = server_tls(directory)
        base = await stack.enter_async_context(listening(_application(safe, tokens), port, tls))
        yield {"vault": base, "vaultCa": str(authority.resolve())}


def _sow(safe: Safe, seed: Mapping[str, SetParameters]) -> None:
    for name, given in seed.items():
        if not safe.holds(name):
            safe.set(name, given)


def _application(safe: Safe, tokens: TokenChecker) -> web.Application:
    faults = FaultPlan(Fault)
    journal = Journal(secret={"value"})
    door, handlers = FrontDoor(journal, faults, tokens), Handlers(safe)
    app = web.Application(middlewares=[explained])
    add_control(app, faults, journal)
    app.add_routes(
        [
            web.get("/secrets", door.before(handlers.find)),
            web.get("/secrets/{name}/versions", door.before(handlers.find_versions)),
            web.put("/secrets/{name}", door.before(handlers.set)),
            web.get("/secrets/{name}", door.before(handlers.get)),
            web.get(_VERSION, door.before(handlers.get)),
            web.patch(_VERSION, door.before(handlers.update)),
            web.delete("/secrets/{name}", door.before(handlers.delete)),
            web.get("/deletedsecrets", door.before(handlers.find_deleted)),
            web.get("/deletedsecrets/{name}", door.before(handlers.get_deleted)),
            web.post("/deletedsecrets/{name}/recover", door.before(handlers.recover)),
            web.delete("/deletedsecrets/{name}", door.before(handlers.purge)),
        ]
    )
    return app
