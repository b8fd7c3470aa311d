"""The rules of a rotation, one test each, on ports in memory and a virtual clock."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from simulation.boundary import Boundary
from simulation.policy import ALLOWS_ALL, Policing
from simulation.rooms import Hub, Rooms
from simulation.rotations import HUBS, ROTATE, Scenario
from simulation.tenant import Device, Tenant
from simulation.world import Cancel, Decide, Post, Step, World

from shared.changes.operation import Operation
from shared.changes.states import State
from shared.faults import Fault, NeedsApproval, Permanent, Transient
from shared.messaging.messages import nudge

FIRST = "Initial-Password-1"


class Play:
    """One rotation in a room, with whatever a test puts there first."""

    def __init__(
        self,
        *,
        outcomes: tuple[str, ...] = ("done",),
        script: tuple[Step, ...] = (ROTATE,),
        devices: tuple[Device, ...] = (),
        in_vault: bool = True,
        protected: str = "",
        **row: Any,
    ) -> None:
        boundary = Boundary()
        rule = {"name": "protected", "devices": [protected or "nothing"], "decision": "hold"}
        policing = Policing(boundary, ALLOWS_ALL | {"protected": [rule]})
        given = Scenario(outcomes=(outcomes,), confirmWithinHours=2.0, **row)
        hub = Hub(HUBS[0], FIRST, list(outcomes))
        self.rooms = Rooms(boundary, given.document, [hub], in_vault=in_vault)
        tenant = Tenant(boundary, list(devices))
        self.world = World(boundary, tenant, list(script), rooms=self.rooms, policing=policing)
        self.hub = hub

    def run(self, before: Callable[["Play"], None] = lambda _: None) -> Operation:
        before(self)
        asyncio.run(self.world.run())
        assert self.rooms.wrong == []
        return next(
            o
            for o in self.world.operations.all()
            if o.request["operation"] == "rotateDeviceAccount"
        )

    @property
    def calls(self) -> list[str]:
        return self.world.boundary.names


def test_the_steps_come_in_their_order() -> None:
    play = Play()
    play.run()
    order = [
        name
        for name in play.calls
        if name in ("vault.write", "directory.set_password", "devices.set_account", "devices.sync")
    ]
    assert order == [
        "vault.write",
        "directory.set_password",
        "devices.set_account",
        "devices.sync",
        "vault.write",
    ]


def test_every_write_is_on_record_before_it_is_sent() -> None:
    play = Play()
    play.run()
    for write in ("directory.set_password", "devices.set_account"):
        assert play.calls[play.calls.index(write) - 1] == "operations.save"


def test_a_directory_that_stops_answering_in_doubt_holds_the_rotation() -> None:
    play = Play()

    def silent(play: Play) -> None:
        async def set_password(*_: Any) -> None:
            from simulation.rooms import _in_doubt

            raise _in_doubt()

        play.rooms.directory.set_password = set_password  # type: ignore[method-assign]

    held = play.run(silent)
    assert held.state is State.HELD
    assert held.progress
    assert held.progress["directory"] == "unknown"


def test_a_directory_that_refuses_for_good_fails_it_and_nothing_happened() -> None:
    play = Play()

    def refusing(play: Play) -> None:
        async def set_password(*_: Any) -> None:
            raise Permanent("graph-403-Authorization_RequestDenied", "not allowed")

        play.rooms.directory.set_password = set_password  # type: ignore[method-assign]

    failed = play.run(refusing)
    assert failed.state is State.FAILED
    assert play.rooms.password == FIRST
    assert play.rooms.entry.detail == "graph-403-Authorization_RequestDenied"


def test_three_passwords_are_minted_at_most() -> None:
    play = Play()
    play.rooms.rejecting = 9
    failed = play.run()
    assert failed.failure
    assert failed.failure.code == "password-rejected"
    assert len(play.rooms.minted) == 3


def test_an_old_result_of_the_device_proves_nothing() -> None:
    play = Play(outcomes=("failed",))
    play.hub.result, play.hub.began_at = "done", "2026-01-01T00:00:00+00:00"
    play.hub.shows_after = timedelta(seconds=90)
    assert play.run().state is State.HELD
    assert play.rooms.current == FIRST


def test_a_message_that_comes_again_does_not_disturb_a_held_rotation() -> None:
    play = Play(outcomes=("failed",))
    held = play.run()
    play.world.broker._take(nudge(held, again="once more"))
    again = play.run()
    assert again.state is State.HELD
    assert again.timeline == held.timeline


def test_a_device_that_does_not_know_the_action_is_asked_once() -> None:
    play = Play(outcomes=("notsupported",))
    assert play.run().state is State.HELD
    assert play.calls.count("devices.set_account") == 1


def test_a_device_that_fails_is_told_three_times_with_one_password() -> None:
    play = Play(outcomes=("failed",))
    assert play.run().state is State.HELD
    assert play.calls.count("devices.set_account") == 3
    assert len(play.rooms.minted) == 1


def test_the_register_knows_of_a_rotation_before_anything_is_touched() -> None:
    play = Play()
    play.run()
    assert play.calls.index("register.save") < play.calls.index("vault.write")


def test_the_current_password_is_promoted_once() -> None:
    play = Play()
    play.run()
    assert len(play.rooms.secrets[play.rooms.entry.secret_name]) == 2


def test_what_cannot_be_reversed_is_held() -> None:
    play = Play(outcomes=("notsupported",), whenUnconfirmed="reverse", in_vault=False)
    assert play.run().state is State.HELD


def test_a_held_rotation_goes_on_with_the_same_password_when_it_is_released() -> None:
    play = Play(outcomes=("failed",))

    def mend() -> None:
        play.hub.outcomes = ["done"]

    play.world._script.append(Decide("release", mend))
    assert play.run().state is State.VERIFIED
    assert len(play.rooms.minted) == 1


def test_a_held_rotation_is_undone_when_a_person_says_so() -> None:
    play = Play(outcomes=("failed",), script=(ROTATE, Decide("reverse")))
    assert play.run().state is State.REVERSED
    assert play.rooms.password == FIRST
    # It said three times that it kept the one it had.
    assert play.calls.count("devices.set_account") == 3


def test_a_device_that_took_the_password_unseen_is_told_the_previous_one_and_has_to_confirm() -> (
    None
):
    play = Play(outcomes=("pending",), script=(ROTATE,))

    def takes_it() -> None:
        play.hub.password, play.hub.result, play.hub.done_at = play.hub.given, "done", None
        play.hub.outcomes = ["done"]

    play.world._script.append(Decide("reverse", takes_it))
    undone = play.run()
    assert undone.state is State.REVERSED
    assert device(undone)["phase"] == "confirmed"
    assert play.hub.password == play.rooms.password == FIRST


def test_a_device_that_says_nothing_is_told_the_previous_password_and_not_waited_for() -> None:
    play = Play(outcomes=("pending",), whenUnconfirmed="reverse")
    undone = play.run()
    assert undone.state is State.REVERSED
    assert (device(undone)["phase"], device(undone)["password"]) == ("asked", "unknown")
    assert play.hub.given == FIRST
    # Two hours to confirm the new one, and one to tell that it had taken it.
    assert timedelta(hours=3) < undone.updated_at - undone.accepted_at < timedelta(hours=3.5)


def test_a_device_that_answers_late_is_waited_for_when_it_has_taken_the_password() -> None:
    play = Play(outcomes=("done",), whenUnconfirmed="reverse")
    play.hub.shows_after = timedelta(hours=2.3)

    told = play.rooms.devices.set_account

    async def sooner_the_next_time(*given: Any, **named: Any) -> None:
        await told(*given, **named)
        play.hub.shows_after = timedelta()

    play.rooms.devices.set_account = sooner_the_next_time  # type: ignore[method-assign]
    undone = play.run()
    assert undone.state is State.REVERSED
    assert device(undone)["phase"] == "confirmed"
    assert play.hub.password == play.rooms.password == FIRST


@pytest.mark.parametrize(
    "fault", [Permanent("graph-400-BadRequest", "busy"), NeedsApproval("who asks?", "code")]
)
def test_a_silent_device_that_may_not_be_told_keeps_nobody_from_going_back(fault: Fault) -> None:
    play = Play(outcomes=("pending",), whenUnconfirmed="reverse")
    tell = play.rooms.devices.set_account

    async def once(*given: Any, **named: Any) -> None:
        if play.hub.given:
            raise fault
        await tell(*given, **named)

    play.rooms.devices.set_account = once  # type: ignore[method-assign]
    undone = play.run()
    assert undone.state is State.REVERSED
    assert (device(undone)["phase"], device(undone)["password"]) == ("left", "unknown")


def test_a_rotation_that_nobody_approves_goes_back() -> None:
    play = Play(whenUnconfirmed="reverse")

    async def asks(*_: Any, **__: Any) -> None:
        raise NeedsApproval("Another administrator has to approve it.", "code")

    play.rooms.devices.set_account = asks  # type: ignore[method-assign]
    undone = play.run()
    assert undone.state is State.REVERSED
    assert undone.progress
    assert undone.progress["undoing"] == "approval-expired"
    assert (undone.approval, play.rooms.password) == (None, FIRST)


def test_a_device_that_is_gone_or_was_never_told_keeps_nobody_from_going_back() -> None:
    for outcome, password in (("gone", "unknown"), ("forbidden", "previous")):
        play = Play(outcomes=(outcome,), whenUnconfirmed="reverse")
        undone = play.run()
        assert undone.state is State.REVERSED
        assert (device(undone)["phase"], device(undone)["password"]) == ("left", password)
        assert play.calls.count("devices.set_account") == 1


def device(rotation: Operation) -> dict[str, Any]:
    """What the record of a rotation says of its only device."""
    assert rotation.progress
    [found] = rotation.progress["devices"]
    return dict(found)


def test_a_rotation_that_has_told_nobody_is_not_undone() -> None:
    play = Play(script=(ROTATE, Decide("reverse")), protected="BOARDROOM")
    told: list[str] = []

    def renamed_meanwhile(play: Play) -> None:
        async def set_password(*_: Any) -> None:
            told.append("directory")
            play.rooms.devices.name = "BOARDROOM"
            raise Transient("graph-503", "busy")

        play.rooms.directory.set_password = set_password  # type: ignore[method-assign]

    held = play.run(renamed_meanwhile)
    assert held.held_by_policy
    assert held.progress
    assert not held.progress["undoing"]
    play.world._script.append(Cancel("r1"))
    assert play.run().state is State.CANCELLED
    assert told == ["directory"]


def test_a_held_rotation_can_be_given_up_and_others_go_on() -> None:
    again = Post("r2", ROTATE.body)
    play = Play(outcomes=("failed",), script=(ROTATE, Decide("abandon"), again))
    play.rooms.rotations = 2
    given_up = play.run()
    assert given_up.state is State.CANCELLED
    assert given_up.progress
    assert given_up.progress["directory"] == "new"
    second = next(o for o in play.world.operations.all() if o.key == "r2")
    assert second.state is State.HELD
    assert list(play.world.lines.lines[f"device:{HUBS[0]}"]) == [second.id]


def test_a_rotation_that_told_the_directory_is_not_cancelled() -> None:
    play = Play(outcomes=("pending",))
    play.run()
    play.world._script.append(Cancel("r1"))
    assert play.run().state is State.HELD


def test_a_change_of_the_device_waits_for_the_rotation() -> None:
    device = Device("0" * 8, HUBS[0], HUBS[0])
    attributes = {"extensionAttributes": {"extensionAttribute1": "x"}}
    body = {"operation": "patchDevice", "target": {"deviceId": HUBS[0]}, "set": attributes}
    play = Play(script=(ROTATE, Post("p1", body)), devices=(device,), outcomes=("done",))
    rotation = play.run()
    patch = next(o for o in play.world.operations.all() if o.key == "p1")
    assert patch.state is State.VERIFIED
    wrote = [name for name in play.calls if name in ("patch-device-by-device-id", "vault.write")]
    began_first = patch.updated_at < next(s.at for s in rotation.timeline if s.state == "applying")
    assert began_first or wrote[-1] == "patch-device-by-device-id"


GATE: dict[str, Callable[[Play], None]] = {
    "account-synced": lambda play: setattr(play.rooms.directory, "synced", True),
    "account-disabled": lambda play: setattr(play.rooms.directory, "enabled", False),
    "account-has-roles": lambda play: setattr(play.rooms.directory, "has_roles", True),
    "device-not-seen": lambda play: setattr(play.rooms.devices, "seen_ago", timedelta(days=2)),
    "device-not-found": lambda play: play.rooms.hubs.clear(),
    "account-not-registered": lambda play: setattr(
        play.rooms, "entry", replace(play.rooms.entry, id="another")
    ),
}


@pytest.mark.parametrize("code", GATE)
def test_the_gate_lets_nothing_pass_that_speaks_against_it(code: str) -> None:
    play = Play()
    failed = play.run(GATE[code])
    assert failed.failure
    assert failed.failure.code == code
    assert "vault.write" not in play.calls


def test_a_device_that_is_away_is_waited_for_while_the_window_is_open() -> None:
    closes = Boundary().now + timedelta(hours=1)
    body = {**ROTATE.body, "notAfter": closes.isoformat().replace("+00:00", "Z")}
    play = Play(script=(Post("r1", body),))
    expired = play.run(GATE["device-not-seen"])
    assert expired.state is State.EXPIRED
    assert expired.updated_at >= closes
    assert "vault.write" not in play.calls


def test_a_meeting_is_waited_for() -> None:
    closes = Boundary().now + timedelta(hours=3)
    body = {**ROTATE.body, "notAfter": closes.isoformat().replace("+00:00", "Z")}
    play = Play(script=(Post("r1", body),), checkMeetings=True)
    ends = play.world.boundary.now + timedelta(hours=1)
    play.rooms.calendar.busy = ends
    done = play.run()
    assert done.state is State.VERIFIED
    assert next(s.at for s in done.timeline if s.state is State.APPLYING) >= ends
