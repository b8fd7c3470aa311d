"""The Graph stand-in as one component."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web

from local.standins.control import add_control, explained
from local.standins.exchange import Exchange
from local.standins.faults import FaultPlan
from local.standins.journal import Journal
from local.standins.listening import listening
from local.standins.tokens import TokenChecker

from .approvals import Approvals
from .clock import Clock
from .control import TenantControl
from .front_door import FrontDoor, GraphFault
from .quotas import Quota, WriteQuotas
from .refusals import Service
from .routes import ROUTES
from .routing import Router
from .tenant import Seed, Tenant

_LARGEST_BULK = 64 * 1024**2
"""Bytes; `POST /_control/objects` brings whole fleets at once."""


@asynccontextmanager
async def graph(
    *,
    port: int,
    seed: Seed,
    tokens: TokenChecker,
    quotas: Mapping[Service, Quota],
    clock: Clock = time.time,
) -> AsyncIterator[Mapping[str, object]]:
    """Serve a tenant; yields the ready line: the address without a version."""
    tenant = Tenant(clock)
    tenant.add(seed)
    limits = WriteQuotas(clock)
    for service, quota in quotas.items():
        limits.set(service, quota)
    faults = FaultPlan(GraphFault)
    journal = Journal(secret={"password"})
    router = Router(ROUTES)
    approvals = Approvals()
    door = FrontDoor(tenant, router, tokens, limits, approvals)
    app = web.Application(middlewares=[explained], client_max_size=_LARGEST_BULK)
    add_control(app, faults, journal)
    TenantControl(tenant, limits, router, approvals).add_to(app)
    app.router.add_route(
        "*", "/{rest:.*}", Exchange(journal, faults, door.serve, door.refuse).handle
    )
    async with listening(app, port) as base:
        yield {"graph": base}
