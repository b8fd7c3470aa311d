"""What is found of accounts whose parties do not agree, after rotations that were played."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import SecretStr
from simulation.now import now
from simulation.register import MemoryRegister
from simulation.rooms import MemoryDevices, Rooms
from simulation.rotations import HUBS, SCENARIOS
from simulation.world import World

from shared.changes.problems import RequestRefused
from shared.faults import Transient
from shared.quota.priority import is_background
from shared.register.document import DeviceReference, Schedule
from shared.register.edit import remove
from shared.register.entry import Entry, EntryState
from shared.register.precondition import Precondition
from shared.register.tick import LONGEST
from shared.rotation.dependencies import Dependencies
from shared.rotation.drift import SKEW, Finding, findings
from shared.rotation.ended import RotationEnded
from shared.rotation.ports import Calls, Device
from shared.rotation.reconcile import PAGE, Report, go_on
from shared.vault.ports import Secret


def use(world: World) -> Dependencies:
    assert world.rotating
    return world.rotating


def found(world: World, rooms: Rooms) -> list[Finding]:
    return now(world, findings(use(world), rooms.entry))


@pytest.mark.parametrize("name", [n for n, s in SCENARIOS.items() if s.ends.ended])
def test_nothing_has_drifted_behind_a_rotation_however_it_ended(name: str) -> None:
    world, rooms = SCENARIOS[name].play({})
    assert rooms.entry.state in (EntryState.VERIFIED, EntryState.REVERSED)
    assert found(world, rooms) == []


def test_an_account_whose_device_was_enrolled_anew_is_due_at_once() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    rooms.devices.enrolled_at = rooms.boundary.now
    [finding] = found(world, rooms)
    assert (finding.code, finding.repaired) == ("device-enrolled-anew", True)
    assert rooms.entry.due
    assert rooms.entry.due - rooms.boundary.now < timedelta(days=1)
    rooms.boundary.now = rooms.entry.due
    assert [each.repaired for each in found(world, rooms)] == [False]


def changed_in_the_directory(rooms: Rooms) -> None:
    rooms.changed_at = (rooms.boundary.now + 2 * SKEW).isoformat()


def changed_on_the_device(rooms: Rooms) -> None:
    rooms.hubs[HUBS[0]].began_at = (rooms.boundary.now + 2 * SKEW).isoformat()


def changed_in_the_vault(rooms: Rooms) -> None:
    rooms.secrets[rooms.entry.secret_name].append(Secret(SecretStr("by hand"), "v9"))


def lost_from_the_vault(rooms: Rooms) -> None:
    del rooms.secrets[rooms.entry.secret_name]


def gone_from_intune(rooms: Rooms) -> None:
    del rooms.hubs[HUBS[0]]


def given_a_role(rooms: Rooms) -> None:
    rooms.directory.has_roles = True


def disabled(rooms: Rooms) -> None:
    rooms.directory.enabled = False


def synchronised(rooms: Rooms) -> None:
    rooms.directory.synced = True


def rotated_by_the_device(rooms: Rooms) -> None:
    document = rooms.entry.document.model_copy(update={"deviceRotatesPassword": True})
    rooms.entry = replace(rooms.entry, document=document)


@pytest.mark.parametrize(
    ("meddle", "code"),
    [
        (changed_in_the_directory, "password-changed-elsewhere"),
        (changed_on_the_device, "device-changed-elsewhere"),
        (changed_in_the_vault, "secret-changed-elsewhere"),
        (lost_from_the_vault, "secret-not-found"),
        (gone_from_intune, "device-not-found"),
        (given_a_role, "account-has-roles"),
        (disabled, "account-disabled"),
        (synchronised, "account-synced"),
        (rotated_by_the_device, "two-rotate"),
    ],
)
def test_what_somebody_else_did_is_found_and_not_mended(
    meddle: Callable[[Rooms], None], code: str
) -> None:
    world, rooms = SCENARIOS["one device"].play({})
    meddle(rooms)
    before = (rooms.entry, rooms.password, dict(rooms.secrets), list(rooms.minted))
    assert [each.code for each in found(world, rooms)] == [code]
    assert (rooms.entry, rooms.password, dict(rooms.secrets), list(rooms.minted)) == before


def test_several_things_are_found_at_once() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    for meddle in (changed_in_the_directory, gone_from_intune, lost_from_the_vault):
        meddle(rooms)
    codes = {each.code for each in found(world, rooms)}
    assert codes == {"password-changed-elsewhere", "device-not-found", "secret-not-found"}


def test_a_change_of_the_time_of_ours_is_not_taken_for_another_s() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    assert rooms.entry.verified_at
    rooms.changed_at = (rooms.entry.verified_at + SKEW).isoformat()
    assert found(world, rooms) == []


@pytest.mark.parametrize("time", ["", "yesterday", "2999-01-01T00:00:00"])
def test_a_time_that_cannot_be_read_says_nothing(time: str) -> None:
    world, rooms = SCENARIOS["one device"].play({})
    rooms.changed_at = rooms.hubs[HUBS[0]].began_at = time
    assert found(world, rooms) == []


def test_an_account_that_was_never_rotated_is_looked_at_for_what_would_refuse_it() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    rooms.entry = replace(
        rooms.entry, state=EntryState.NEW, verified_at=None, ended_at=None, operation=None
    )
    lost_from_the_vault(rooms)
    changed_in_the_directory(rooms)
    assert found(world, rooms) == []
    given_a_role(rooms)
    assert [each.code for each in found(world, rooms)] == ["account-has-roles"]


def as_if_nobody_told(rooms: Rooms) -> str | None:
    rooms.entry = replace(rooms.entry, state=EntryState.QUEUED, verified_at=None, ended_at=None)
    return rooms.entry.operation


def test_a_register_that_does_not_know_of_an_end_is_told() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    ended = as_if_nobody_told(rooms)
    (finding,) = found(world, rooms)
    assert (finding.code, finding.repaired) == ("rotation-not-settled", True)
    assert (rooms.entry.state, rooms.entry.operation) == (EntryState.VERIFIED, ended)
    assert found(world, rooms) == []


@pytest.mark.parametrize("name", ["one device", "the device does not know how"])
def test_an_account_on_request_whose_end_nobody_told_is_free_again(name: str) -> None:
    world, rooms = SCENARIOS[name].play({})
    as_if_nobody_told(rooms)
    on_request = rooms.entry.document.model_copy(update={"schedule": Schedule(everyDays=None)})
    register = MemoryRegister(rooms.boundary)
    register.add(replace(rooms.entry, document=on_request, due=None, scheduled=None))
    everybody = replace(
        use(world), register=register, ended=RotationEnded(register, timedelta(hours=1))
    )
    with pytest.raises(RequestRefused):
        now(world, remove(register, rooms.entry.id, Precondition()))
    report = now(world, go_on(everybody, MemoryBookmark(), most=1))
    assert report.numbers == {"examined": 1, "repaired": 1, "rotation-not-settled": 1}
    [entry] = register.entries()
    assert (entry.under_way, entry.due, entry.scheduled) == (False, None, None)
    now(world, remove(register, entry.id, Precondition()))
    assert register.entries() == []


def test_a_rotation_that_waits_for_a_person_is_told_of_and_left_alone() -> None:
    world, rooms = SCENARIOS["the device never answers"].play({})
    rooms.entry = replace(rooms.entry, state=EntryState.QUEUED)
    rooms.entry = replace(rooms.entry, operation=world.operations.all()[0].id)
    (finding,) = found(world, rooms)
    assert (finding.code, finding.repaired) == ("rotation-held", False)


def test_a_rotation_that_nobody_has_on_record_is_missed() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    as_if_nobody_told(rooms)
    rooms.entry = replace(rooms.entry, operation="6a59ea83-02bd-468f-a40b-f2c3d1821983")
    assert [each.code for each in found(world, rooms)] == ["rotation-missing"]


def test_what_was_found_while_somebody_was_at_work_is_not_told() -> None:
    world, rooms = SCENARIOS["one device"].play({})
    read = rooms.entry
    given_a_role(rooms)
    rooms.entry = replace(rooms.entry, etag="another")
    assert now(world, findings(use(world), read)) == []


class ManyEntries:
    """As many accounts as are wanted, all with the same device; only what a run reads."""

    def __init__(self, entry: Entry, number: int) -> None:
        self.entries = [replace(entry, id=f"{n:04}") for n in range(number)]

    async def get(self, entry_id: str) -> Entry | None:
        return next((each for each in self.entries if each.id == entry_id), None)

    async def all(self, after: str | None = None) -> AsyncIterator[Entry]:
        for each in self.entries:
            if after is None or each.id > after:
                yield each


class MemoryBookmark:
    after: str | None = None

    async def read(self) -> str | None:
        return self.after

    async def write(self, after: str | None) -> None:
        self.after = after


class Watched(MemoryDevices):
    """Intune does something else before each answer."""

    def __init__(self, rooms: Rooms, watch: Callable[[], None]) -> None:
        super().__init__(rooms)
        self._watch = watch

    async def find(self, reference: DeviceReference, calls: Calls) -> Device:
        self._watch()
        return await super().find(reference, calls)


def many(number: int) -> tuple[World, Rooms, Dependencies]:
    world, rooms = SCENARIOS["one device"].play({})
    register = ManyEntries(rooms.entry, number)
    return world, rooms, replace(use(world), register=register)  # type: ignore[arg-type]


def test_runs_go_over_the_register_in_pieces_and_begin_again() -> None:
    world, rooms, everybody = many(2 * PAGE + 50)
    given_a_role(rooms)
    bookmark = MemoryBookmark()

    def run() -> Report:
        return now(world, go_on(everybody, bookmark, most=PAGE))

    reports = [run() for _ in range(4)]
    assert [each.examined for each in reports] == [PAGE, PAGE, 50, PAGE]
    assert [each.after for each in reports] == ["0099", "0199", None, "0099"]
    accounts = [finding.account for report in reports[:3] for finding in report.findings]
    assert accounts == [f"{n:04}" for n in range(2 * PAGE + 50)]
    assert reports[2].numbers == {"examined": 50, "repaired": 0, "account-has-roles": 50}


class Throttled(MemoryDevices):
    """Intune answers so many reads, and then none."""

    def __init__(self, rooms: Rooms, answers: int) -> None:
        super().__init__(rooms)
        self._answers = answers

    async def find(self, reference: DeviceReference, calls: Calls) -> Device:
        self._answers -= 1
        if self._answers < 0:
            raise Transient("graph-429", "Too many requests.")
        return await super().find(reference, calls)


def test_a_run_stops_where_somebody_cannot_be_asked_and_the_next_goes_on_there() -> None:
    world, rooms, everybody = many(2 * PAGE)
    bookmark = MemoryBookmark()
    throttled = replace(everybody, devices=Throttled(rooms, PAGE + 10))
    report = now(world, go_on(throttled, bookmark, most=10 * PAGE))
    assert PAGE < report.examined <= PAGE + 10
    assert report.after == bookmark.after == f"{report.examined - 1:04}"
    assert report.stopped == "graph-429: Too many requests."
    rest = now(world, go_on(everybody, bookmark, most=10 * PAGE))
    assert (rest.examined, rest.after, rest.stopped) == (2 * PAGE - report.examined, None, "")


def test_a_run_ends_in_time_for_the_host_and_the_next_goes_on_there() -> None:
    world, rooms, everybody = many(4 * PAGE)
    bookmark, began = MemoryBookmark(), rooms.boundary.now

    def takes_a_second() -> None:
        rooms.boundary.now += timedelta(seconds=1)

    slow = replace(everybody, devices=Watched(rooms, takes_a_second))
    report = now(world, go_on(slow, bookmark, most=10 * PAGE))
    assert timedelta(0) <= rooms.boundary.now - began - LONGEST < timedelta(seconds=10)
    assert (report.stopped, report.after) == ("its time is over", bookmark.after)
    assert 2 * PAGE < report.examined < 3 * PAGE
    again = now(world, go_on(slow, bookmark, most=10 * PAGE))
    assert (again.examined, again.after) == (4 * PAGE - report.examined, None)


def test_a_run_that_dies_has_kept_how_far_it_came() -> None:
    world, rooms, everybody = many(3 * PAGE)
    bookmark, asked = MemoryBookmark(), iter(range(2 * PAGE + 1))

    def dies() -> None:
        if next(asked) == 2 * PAGE:
            raise KeyError("as good as any")

    dying = replace(everybody, devices=Watched(rooms, dies))
    with pytest.raises(KeyError):
        now(world, go_on(dying, bookmark, most=10 * PAGE))
    assert bookmark.after == "0199"


def test_the_timer_leaves_of_the_quotas_what_a_timer_leaves() -> None:
    world, rooms, everybody = many(1)
    seen: list[bool] = []
    watched = replace(everybody, devices=Watched(rooms, lambda: seen.append(is_background())))
    now(world, go_on(watched, MemoryBookmark(), most=1))
    assert seen == [True]
