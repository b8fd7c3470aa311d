"""Records as table entities."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

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


def units(text: str) -> int:
    """What Table Storage counts."""
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(("character", "count"), [("\x00", MOST_STEPS), ("🛋", 100)])
def test_a_timeline_that_does_not_fit_keeps_its_last_steps_and_can_be_read_back(character, count):
    steps = tuple(Step(State.APPLYING, NOW, character * 256) for _ in range(count - 1))
    last = Step(State.FAILED, NOW, "the last")
    columns = to_columns(replace(OPERATION, timeline=(*steps, last)))

    timeline = from_columns(columns, "etag").timeline

    assert units(columns["timeline"]) <= LONGEST_TEXT
    assert timeline[-1] == last
    assert 1 < len(timeline) <= len(steps)


@pytest.mark.parametrize(("character", "fit"), [("x", 30_000), ("ü", 30_000), ("🛋", 15_000)])
def test_values_of_graph_are_kept_as_long_as_the_store_takes_them(character, fit):
    for number in (fit, fit + 5_000):
        columns = to_columns(replace(OPERATION, before={"notes": character * number}))
        assert units(columns["before"]) <= LONGEST_TEXT
        assert ("tooLong" in columns["before"]) == (number > fit)


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
