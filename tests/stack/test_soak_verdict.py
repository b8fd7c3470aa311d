"""What a soak makes of what it sees: growth, and messages that came twice."""

import os
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen

import pytest

from local.memory import Held, held_by
from local.soak.watch import Growth, Sample, Watch


def life(pid: int, *, rss: float, files: float, samples: int = 300) -> list[Sample]:
    """Ten changes between two samples; so much more of each in every sample."""
    return [
        Sample(pid, 10 * n, Held(100 + rss * n, round(50 + files * n + n % 7), 0))
        for n in range(samples)
    ]


def test_what_grows_with_the_changes_is_told_for_each_thousand_of_them() -> None:
    growth = Growth.of(life(1, rss=0.05, files=0.1))
    rss, files = growth.for_each(1_000)
    assert growth.changes == 1_000
    assert rss == pytest.approx(5.0)
    assert files == pytest.approx(10.0, abs=1)


def test_a_life_that_was_cut_short_and_a_warm_up_are_no_growth() -> None:
    killed = life(1, rss=9.0, files=9.0, samples=50)
    warm = [Sample(2, n, Held(min(100.0 + n, 150.0), 60, 50)) for n in range(300)]
    assert Growth.of([*killed, *warm]) == Growth(0.0, 0.0, 100)
    assert Growth.of([]) == Growth(0.0, 0.0, 0)


def test_a_message_that_comes_again_is_seen_unless_it_was_rejected(tmp_path: Path) -> None:
    log = tmp_path / "host.log"
    watch = Watch(log)
    watch.look(os.getpid(), 0, explained=False)
    log.write_text("message=a delivery=1 outcome=done\nmessage=b delivery=3 outcome=reject\n")
    watch.look(os.getpid(), 1, explained=False)
    assert (watch.redelivered, watch.unexplained) == (0, 0)
    with log.open("a") as lines:
        lines.write("message=c delivery=2 outcome=done\nmessage=d delivery=1")
    watch.look(os.getpid(), 2, explained=True)
    with log.open("a") as lines:
        lines.write("2 outcome=done\nqueue changes: session lost: x\n")
    watch.look(os.getpid(), 3, explained=False)
    assert (watch.redelivered, watch.lost, watch.unexplained) == (2, 1, 2)
    assert len(watch.samples) == 4


def test_open_files_of_a_process_are_counted() -> None:
    with Popen(["cat"], stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL) as process:
        held = held_by(process.pid)
        process.communicate()
    assert (held.files, held.sockets) == (3, 0)
    with pytest.raises(ProcessLookupError):
        held_by(2**22 + 1)
