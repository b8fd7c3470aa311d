"""Approval bound to the plan: planned first, made once an approved ticket carries the hash."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from gate import GOOD, MINIMAL, MemoryTickets
from simulation.boundary import Boundary, Mishap
from simulation.policy import NeverStops
from simulation.scripts import devices
from simulation.tenant import Tenant
from simulation.world import Ask, Redrive, World

from shared.actions.approve_plan import approve_plan
from shared.actions.release import release
from shared.changes.operation import Operation
from shared.changes.problems import RequestRefused
from shared.changes.states import State
from shared.messaging.messages import OUTCOMES, Message, SendFailed
from shared.webhooks.admission import Admission
from shared.webhooks.payload import Payload
from shared.webhooks.sources import Loaded, SourceError, load
from shared.writeback.note import note_of
from shared.writeback.outcome import Outcome

PLANNING = MINIMAL | {"plan": {"hash": "plan"}}
OTHER = f"sha256:{'0' * 64}"


async def _as_it_is(_: Loaded, payload: Payload) -> Payload:
    return payload


class Desk:
    """A ticket tool and Sluice in one process; the ticket is whatever was written last."""

    def __init__(self, folder: Path, *steps: Any) -> None:
        (folder / "tool.yaml").write_text(yaml.safe_dump(PLANNING, sort_keys=False))
        self.source = load(folder, "tool", {})
        self.answers: list[str] = []
        boundary = Boundary()
        self.hub = devices(1)[0]
        self.world = World(boundary, Tenant(boundary, [self.hub]), [*steps])

    def says(self, **ticket: Any) -> Ask:
        """An event of the ticket, once nothing of the one before is under way."""

        async def deliver(world: World) -> None:
            use = world.bulk
            admission = Admission(use.intake, use.actions, MemoryTickets(), _as_it_is)
            payload = GOOD | {"deviceId": self.hub.device_id} | ticket
            try:
                admitted = await admission.admit(self.source, Payload(payload, None))
            except RequestRefused as refused:
                self.answers.append(refused.first.code)
                raise
            self.answers.append(admitted.status)

        return Ask(deliver, when=lambda world: all(s is not State.ACCEPTED for s in states(world)))

    async def run(self, *steps: Any) -> Operation:
        self.world._script = [*steps]
        await self.world.run()
        [change] = self.world.operations.all()
        return change


def states(world: World) -> list[State]:
    return [each.state for each in world.operations.all()]


def hash_of(change: Operation) -> str:
    assert change.planned
    assert change.planned.hash
    return change.planned.hash


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def planned(desk: Desk) -> Operation:
    return await desk.run(desk.says(approved=False))


async def test_the_first_delivery_makes_a_plan_and_tells_the_ticket_its_hash(desk: Desk) -> None:
    change = await planned(desk)
    assert (change.state, desk.hub.effects) == (State.HELD, [])
    [told] = [json.loads(message.body) for message in desk.world.broker.outcomes]
    assert (told["state"], told["ticket"]["id"]) == ("held", "T-1")
    assert told["failure"]["code"] == "plan-not-approved"
    assert told["planned"]["hash"] == hash_of(change)
    [value] = told["planned"]["plan"]["changes"]
    assert (value["before"], value["after"]) == (None, "CC-1042")
    outcome = Outcome.read(desk.world.broker.outcomes[0].body)
    assert outcome
    lines = note_of(outcome, "a").lines
    assert "/extensionAttributes/extensionAttribute1: null → CC-1042" in lines
    assert f"Plan {hash_of(change)}" in lines
    assert not any(desk.world.lines.lines.values())


async def test_an_approved_ticket_with_the_hash_makes_the_change(tmp_path: Path) -> None:
    known = hash_of(await planned(Desk(tmp_path)))
    desk = Desk(tmp_path)
    change = await desk.run(
        desk.says(approved=False), desk.says(approved=True, plan=f"approved: {known}, thanks")
    )
    assert (change.state, desk.hub.effects) == (State.VERIFIED, ["CC-1042"])
    assert change.planned
    assert change.planned.approved_at
    assert desk.answers == ["accepted", "duplicate"]


@pytest.mark.parametrize(
    ("ticket", "answer"),
    [
        ({"approved": True}, "duplicate"),
        ({"approved": False, "plan": "THE HASH"}, "duplicate"),
        ({"approved": True, "plan": OTHER}, "another-plan"),
    ],
)
async def test_no_other_ticket_makes_it(
    tmp_path: Path, ticket: dict[str, Any], answer: str
) -> None:
    known = hash_of(await planned(Desk(tmp_path)))
    if ticket.get("plan") == "THE HASH":
        ticket = ticket | {"plan": known}
    desk = Desk(tmp_path)
    change = await desk.run(desk.says(approved=False), desk.says(**ticket))
    assert (change.state, desk.hub.effects) == (State.HELD, [])
    assert desk.answers[-1] == answer


async def test_a_ticket_that_is_approved_before_it_has_a_plan_gets_one_first(desk: Desk) -> None:
    change = await desk.run(desk.says(approved=True, plan=OTHER))
    assert (change.state, desk.hub.effects) == (State.HELD, [])


async def test_a_person_cannot_release_it_past_its_ticket(desk: Desk) -> None:
    change = await planned(desk)
    codes = []

    async def try_it(world: World) -> None:
        try:
            await release(world.bulk.actions, NeverStops(), change.id, window=True)
        except RequestRefused as refused:
            codes.append(refused.first.code)
            raise

    desk.world._next = 0
    await desk.run(Ask(try_it))
    assert codes == ["plan-not-approved"]
    assert desk.hub.effects == []


async def test_what_is_approved_is_the_plan_that_is_on_record_by_then(desk: Desk) -> None:
    # It may be planned anew between the look at the hash and the decision.
    change = await planned(desk)

    async def approve(world: World) -> None:
        await approve_plan(world.bulk.actions, change.id, {OTHER})

    desk.world._next = 0
    change = await desk.run(Ask(approve))
    assert (change.state, desk.hub.effects) == (State.HELD, [])


async def test_what_is_not_as_planned_any_more_fails_and_is_planned_anew_when_redriven(
    tmp_path: Path,
) -> None:
    known = hash_of(await planned(Desk(tmp_path)))
    desk = Desk(tmp_path)

    async def meddle(_: World) -> None:
        desk.hub.attribute = "somebody else's"

    change = await desk.run(
        desk.says(approved=False),
        Ask(meddle, when=lambda world: State.HELD in states(world)),
        desk.says(approved=True, plan=known),
    )
    assert change.failure
    assert (change.state, change.failure.code) == (State.FAILED, "plan-changed")
    desk.world._next = 0
    change = await desk.run(Redrive())
    assert (change.state, desk.hub.effects) == (State.HELD, [])
    assert hash_of(change) != known
    desk.world._next = 0
    change = await desk.run(desk.says(approved=True, plan=[hash_of(change)]))
    assert (change.state, desk.hub.effects) == (State.VERIFIED, ["CC-1042"])


async def test_a_deadline_behind_its_plan_does_not_write_it(tmp_path: Path) -> None:
    calls = Desk(tmp_path)
    await planned(calls)
    first = calls.world.boundary.names.index("send outcomes")
    desk = Desk(tmp_path)
    desk.world.boundary.mishaps[first] = Mishap.OUT_OF_TIME
    change = await planned(desk)
    assert (change.state, change.due_at, desk.hub.effects) == (State.HELD, None, [])
    assert len(desk.world.broker.outcomes) == 1


async def untold(desk: Desk) -> Operation:
    """A change whose ticket could not be told its plan, until its message was given up."""
    send = desk.world.broker.send

    async def refuse_outcomes(message: Message) -> None:
        if message.queue == OUTCOMES:
            raise SendFailed(OUTCOMES)
        await send(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk.world.broker, "send", refuse_outcomes)
        change = await planned(desk)
    desk.world._next = 0
    assert len(desk.world.broker.dead) == 1
    return change


async def test_a_plan_that_its_ticket_was_not_told_still_waits_for_it(desk: Desk) -> None:
    assert (await untold(desk)).state is State.HELD
    change = await desk.run(Redrive())
    assert (change.state, desk.hub.effects) == (State.HELD, [])
    [told] = [json.loads(message.body) for message in desk.world.broker.outcomes]
    assert told["planned"]["hash"] == hash_of(change)
    desk.world._next = 0
    change = await desk.run(desk.says(approved=True, plan=hash_of(change)))
    assert (change.state, desk.hub.effects) == (State.VERIFIED, ["CC-1042"])


async def test_what_failed_before_its_plan_was_approved_is_planned_anew_when_redriven(
    desk: Desk,
) -> None:
    change = await untold(desk)
    at = desk.world.boundary.now
    desk.world.operations._write(change.failed("any", "any", at))
    desk.hub.attribute = "somebody else's"
    redriven = await desk.run(Redrive())
    assert (redriven.state, desk.hub.effects) == (State.HELD, [])
    assert hash_of(redriven) != hash_of(change)


async def test_a_turn_that_nobody_approved_writes_nothing(desk: Desk) -> None:
    change = await untold(desk)
    at = desk.world.boundary.now
    desk.world.operations._write(replace(change, due_at=at))
    change = await desk.run(Redrive())
    assert (change.state, change.due_at, desk.hub.effects) == (State.HELD, None, [])


async def test_what_is_so_already_needs_no_approval(desk: Desk) -> None:
    desk.hub.attribute = "CC-1042"
    assert (await planned(desk)).state is State.UNCHANGED


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ticket": None}, "approved by a ticket"),
        (
            {
                "rules": [
                    {
                        "when": "true",
                        "operation": "rotateDeviceAccount",
                        "request": {"target": {"account": "account"}},
                    }
                ]
            },
            "has no plan",
        ),
    ],
)
def test_a_file_that_cannot_bind_an_approval_is_not_used(
    tmp_path: Path, wrong: dict[str, Any], told: str
) -> None:
    (tmp_path / "tool.yaml").write_text(yaml.safe_dump(PLANNING | wrong))
    with pytest.raises(SourceError, match=told):
        load(tmp_path, "tool", {})
