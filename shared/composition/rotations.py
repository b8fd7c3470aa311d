"""Rotations and their register."""

from functools import cache
from typing import TYPE_CHECKING

from shared.clock import utc_now
from shared.composition.policies import clearance
from shared.composition.services import graph_client, sender, settings, tables, vault
from shared.composition.stores import ended, lines, operations, register
from shared.composition.ways_in import intake

if TYPE_CHECKING:
    from shared.graph.calendars import RoomCalendars
    from shared.graph.directory import EntraDirectory
    from shared.graph.intune import IntuneDevices
    from shared.register.importing import Importing
    from shared.register.tick import Timer
    from shared.rotation.dependencies import Dependencies as Rotating


@cache
def importing() -> "Importing":
    """The use case that takes a file of device accounts."""
    from shared.records.register_in_bulk import TableRegisterInBulk
    from shared.register.importing import Importing

    return Importing(register(), TableRegisterInBulk(tables()))


@cache
def rotation_timer() -> "Timer":
    """The use case of the rotation timer."""
    from shared.register.tick import Timer

    return Timer(register(), intake(), utc_now, ended())


async def overdue() -> int:
    """How many accounts should have been rotated and were not, as far as it is counted."""
    from shared.register.overdue import count

    return await count(register(), utc_now(), settings().overdue_after)


async def between() -> int:
    """How many devices are between two passwords."""
    from shared.rotation.between import count

    return await count(register(), operations())


@cache
def directory() -> "EntraDirectory":
    """The accounts whose passwords are rotated."""
    from shared.graph.directory import EntraDirectory

    return EntraDirectory(graph_client())


@cache
def devices() -> "IntuneDevices":
    """The devices that sign in with them."""
    from shared.graph.intune import IntuneDevices

    return IntuneDevices(graph_client())


@cache
def calendar() -> "RoomCalendars":
    """The calendars of their rooms."""
    from shared.graph.calendars import RoomCalendars

    return RoomCalendars(graph_client())


@cache
def rotating() -> "Rotating":
    """What a rotation needs."""
    from shared.passwords.mint import mint
    from shared.rotation.dependencies import Dependencies, RotationPatience

    return Dependencies(
        operations=operations(),
        lines=lines(),
        sender=sender(),
        clock=utc_now,
        ended=ended(),
        patience=settings().patience,
        clearance=clearance(),
        register=register(),
        vault=vault(),
        directory=directory(),
        devices=devices(),
        calendar=calendar(),
        mint=mint,
        waits=RotationPatience(looks=settings().patience.action),
    )
