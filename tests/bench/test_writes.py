"""How a drain is judged: every number of the benchmark's table rests on it."""

from typing import Any

import pytest

from local.bench.changes import DIRECTORY, INTUNE, Change
from local.bench.writes import Drained, Quota, of_service

QUOTA = Quota(10, 10.0)


def write(at: float, device: str, name: str, *, status: int = 200, took: float = 0.1) -> Any:
    path = f"/v1.0/deviceManagement/managedDevices/{device}"
    body = {"managedDeviceName": name}
    return {"at": at, "finishedAt": at + took, "path": path, "body": body, "status": status}


def judged(*entries: Any, changes: list[Change] | None = None) -> Drained:
    asked = changes or [
        Change(e["path"].rpartition("/")[2], e["body"]["managedDeviceName"]) for e in entries
    ]
    return Drained.of(entries, asked, QUOTA, dead=0)


@pytest.mark.parametrize(("every", "share"), [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0)])
def test_what_was_used_counts_from_the_end_of_the_first_span_on(every: float, share: float) -> None:
    first_at_once = [write(0, f"a{n}", "x") for n in range(10)]
    even = [write(10 + every * n, f"b{n}", "x") for n in range(1, 101)]
    one = judged(*first_at_once, *even)
    assert one.used == pytest.approx(share)
    assert one.seconds == 10 + every * 100


def test_a_tail_counts_for_the_whole_and_not_for_the_backlog() -> None:
    even = [write(n, f"a{n}", "x") for n in range(96)]
    tail = [write(1_000 + n, f"b{n}", "x") for n in range(4)]
    one = judged(*even, *tail)
    assert one.used < 0.1
    assert one.backlog > 0.9


def test_all_is_well() -> None:
    one = judged(write(0, "a", "1"), write(20, "a", "2"), write(21, "b", "1"))
    assert (one.wrong, one.overlapping, one.twice, one.throttled) == (0, 0, 0, 0)


def test_a_refusal_is_no_write() -> None:
    refused, asked = write(0, "a", "1", status=429), [Change("a", "1"), Change("b", "1")]
    one = judged(refused, write(1, "a", "1"), write(20, "b", "1"), changes=asked)
    assert one.throttled == pytest.approx(1 / 3)
    assert (one.twice, one.wrong) == (0, 0)


def test_a_change_that_was_written_again_is_told() -> None:
    one = judged(write(0, "a", "1"), write(5, "a", "1"), changes=[Change("a", "1")])
    assert (one.twice, one.wrong) == (1, 0)


@pytest.mark.parametrize("names", [["2", "1"], ["1"]])
def test_a_device_without_all_its_values_in_order_is_wrong(names: list[str]) -> None:
    written = [write(n, "a", name) for n, name in enumerate(names)] + [write(9, "b", "1")]
    asked = [Change("a", "1"), Change("a", "2"), Change("b", "1")]
    assert judged(*written, changes=asked).wrong == 1


def test_writes_to_one_device_that_overlap_are_told() -> None:
    one = judged(write(0, "a", "1", took=2), write(1, "a", "2"), write(1, "b", "1"))
    assert one.overlapping == 1


def test_a_write_belongs_to_the_service_of_its_path() -> None:
    assert of_service(write(0, "a", "1"), INTUNE)
    assert not of_service(write(0, "a", "1"), DIRECTORY)
    assert of_service({"path": "/v1.0/devices/a"}, DIRECTORY)
