"""The routes to Microsoft Graph as a page: docs/routes.md is what `page` returns."""

from collections.abc import Iterable
from itertools import groupby

from shared.graph.routes import READS, STEPS, WRITES

_HEAD = """\
# Routes to Microsoft Graph

Made by `python -m cli routes` from `shared/graph/routes.py`; change that and run it again.

The members of a change's `target` choose its route: they are the names in its path. The first \
version is taken unless the request names another `version`. A route that is not official stands \
on Microsoft's reference pages and not in its published description of Graph, and the service is \
reported to refuse it; [changes.md](changes.md#routes) tells what a request can do about that. \
The permission is the least privileged application permission.
"""


def page() -> str:
    """The page, in Markdown."""
    parts = [_HEAD]
    for operation, writes in groupby(WRITES, key=lambda write: write.operation):
        rows = [
            [
                write.name,
                f"`{write.method} {write.path}`",
                ", ".join(write.versions),
                write.body,
                str(write.success),
                write.permission,
                "yes" if write.instead is None else f"no: {write.instead}",
            ]
            for write in writes
        ]
        columns = "name route versions body answer permission official"
        parts += [f"## {operation}\n", _table(columns, rows)]
    steps = [
        [
            step.name,
            f"`{step.method} {step.path}`",
            ", ".join(step.versions),
            str(step.success),
            step.permission,
        ]
        for step in STEPS
    ]
    columns = "name route versions answer permission"
    parts += ["## What a rotation writes besides\n", _table(columns, steps)]
    reads = [
        [read.name, f"`GET {read.path}`", ", ".join(read.versions), read.permission]
        for read in READS
    ]
    parts += ["## What is read\n", _table("name route versions permission", reads)]
    return "\n".join(parts)


def _table(columns: str, rows: Iterable[list[str]]) -> str:
    head = columns.split()
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
