"""The routes to Microsoft Graph: a page of all, and what an operation's page says of its own."""

from itertools import groupby

from local.docs.markdown import code, table
from shared.graph.route import Write
from shared.graph.routes import READS, STEPS, WRITES
from shared.permissions.needs import needs_of

_HEAD = """\
# Routes to Microsoft Graph

Made by `make docs` from `shared/graph/routes.py`; change that and run it again.

The members of a change's `target` choose its route: they are the names in its path. The first \
version is taken unless the request names another `version`. A route that is not official stands \
on Microsoft's reference pages and not in its published description of Graph, and the service is \
reported to refuse it; [changes.md](changes.md#routes) tells what a request can do about that. \
The permission is the least privileged application permission.
"""


def page() -> str:
    """docs/routes.md."""
    parts = [_HEAD]
    for operation, writes in groupby(WRITES, key=lambda write: write.operation):
        rows = [
            [
                write.name,
                code(f"{write.method} {write.path}"),
                ", ".join(write.versions),
                write.body,
                str(write.success),
                write.permission,
                _official(write),
            ]
            for write in writes
        ]
        columns = "name route versions body answer permission official"
        parts += [f"## {operation}\n", table(columns.split(), rows)]
    steps = [
        [
            step.name,
            code(f"{step.method} {step.path}"),
            ", ".join(step.versions),
            str(step.success),
            step.permission,
        ]
        for step in STEPS
    ]
    columns = "name route versions answer permission"
    parts += ["## What a rotation writes besides\n", table(columns.split(), steps)]
    reads = [
        [read.name, code(f"GET {read.path}"), ", ".join(read.versions), read.permission]
        for read in READS
    ]
    parts += ["## What is read\n", table("name route versions permission".split(), reads)]
    return "\n".join(parts)


def targets(operation: str) -> str:
    """The targets of an operation, and where each of them leads."""
    rows = [
        [
            ", ".join(code(name) for name in sorted(write.parameters)),
            code(f"{write.method} {write.path}"),
            ", ".join(write.versions),
            _official(write),
        ]
        for write in WRITES
        if write.operation == operation
    ]
    return table(["members of `target`", "route", "versions", "official"], rows)


def permissions(operation: str) -> str:
    """The application permissions that an operation needs on its official routes."""
    needs = needs_of([operation], unofficial=False)
    rows = [
        [code(least), ", ".join(code(name) for name in higher)] for least, *higher in sorted(needs)
    ]
    return table(["least privilege", "also accepted"], rows)


def _official(write: Write) -> str:
    return "yes" if write.instead is None else f"no: {write.instead}"
