"""Records as table entities."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.changes.operation import (
    MOST_STEPS,
    Approval,
    Decision,
    Operation,
    Planned,
    Reversal,
    Step,
)
from shared.changes.states import State
from shared.records.codec import LONGEST_TEXT, from_columns, to_columns

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

OPERATION = Operation(
    id="5b885e09-ffb6-489d-b169-51a291d70bb2",
    source="http",
    key=None,
    fingerprint="f",
    request={"operation": "patchDevice", "target": {}, "set": {}},
    device="device:1",
    lane="directory-00",
    state=State.ACCEPTED,
    accepted_at=NOW,
    updated_at=NOW,
)


def test_a_timeline_that_does_not_fit_keeps_its_last_steps_and_can_be_read_back():
    steps = tuple(Step(State.APPLYING, NOW, "\x00" * 256) for _ in range(MOST_STEPS - 1))
    last = Step(State.FAILED, NOW, "the last")
    columns = to_columns(replace(OPERATION, timeline=(*steps, last)))

    timeline = from_columns(columns, "etag").timeline

    assert len(columns["timeline"]) <= LONGEST_TEXT
    assert timeline[-1] == last
    assert 1 < len(timeline) < MOST_STEPS


def test_an_approval_a_reversal_a_decision_and_a_plan_are_read_back_as_they_were_written():
    operation = replace(
        OPERATION,
        approval=Approval("code", {"notes": None}, NOW, NOW + timedelta(days=3)),
        reverses=Reversal("one", {"notes": "x"}),
        reversed_by="other",
        decision=Decision("hold", "boardrooms", "sha256:0", NOW, NOW),
        planned=Planned("sha256:1", {"changes": []}, NOW, None),
    )
    assert from_columns(to_columns(operation), "etag") == replace(operation, etag="etag")
