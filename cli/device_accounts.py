"""The register of device accounts for people: see it, write it, and find what belongs into it."""

import argparse
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from shared import composition
from shared.changes.problems import RequestRefused
from shared.changes.times import in_utc
from shared.clock import utc_now
from shared.faults import Fault
from shared.register.csv_file import TOLD_ONLY
from shared.register.discover import SELECT, propose
from shared.register.edit import known, put, read_entry, remove
from shared.register.entry import Entry, entry_id
from shared.register.exporting import document_line, entry_line, header_line
from shared.register.precondition import Precondition
from shared.register.rotate import rotate
from shared.register.view import view


def add_parser(areas: Any, content: Callable[[str], bytes]) -> None:
    """Add `device-accounts` to the command line; `content` reads the file of an argument."""
    area = areas.add_parser("device-accounts", help="the register of accounts to rotate")
    actions = area.add_subparsers(dest="action", required=True)
    listed = actions.add_parser("list", help="every account, with what became of its rotations")
    listed.add_argument("--json", action="store_true", help="one JSON document a line")
    for name, told in (
        ("show", "one account, as JSON"),
        ("delete", "forget an account; its secret stays in the vault"),
        ("rotate", "ask for a new password now"),
    ):
        actions.add_parser(name, help=told).add_argument("id", help="the account, or its id")
    written = actions.add_parser("put", help="register an account, or replace what is said of it")
    written.add_argument("document", type=content, metavar="FILE", help="its document, in JSON")
    imported = actions.add_parser("import", help="register what a CSV file says, or nothing")
    imported.add_argument("file", type=content, metavar="FILE")
    imported.add_argument("--dry-run", action="store_true", help="check it and write nothing")
    actions.add_parser("export", help="print the register as CSV")
    actions.add_parser("overdue", help="how many accounts should have been rotated and were not")
    found = actions.add_parser("discover", help="propose rows from what Intune knows, as CSV")
    found.add_argument("--where", metavar="FILTER", help="an OData filter on managed devices")
    found.add_argument(
        "--group",
        metavar="ID",
        help="only devices in this group of Microsoft Entra ID, and those of its users",
    )
    found.add_argument(
        "--rooms",
        action="append",
        default=[],
        metavar="PATTERN",
        help="devices with such a model or name run Teams Rooms, for example MTR-*",
    )


async def act(options: argparse.Namespace) -> int:
    """Do it and print what came of it; 1 when it was refused."""
    try:
        await _DO[options.action](options)
    except RequestRefused as refused:
        for problem in refused.problems:
            print(f"{problem.code} at {problem.pointer or '/'}: {problem.detail}", file=sys.stderr)
        return 1
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    finally:
        await composition.close()
    return 0


async def _list(options: argparse.Namespace) -> None:
    async for entry in composition.register().all():
        print(json.dumps(view(entry), ensure_ascii=False) if options.json else _line(entry))


async def _show(options: argparse.Namespace) -> None:
    entry = await known(composition.register(), entry_id(options.id))
    print(json.dumps(view(entry), indent=2, ensure_ascii=False))


async def _put(options: argparse.Namespace) -> None:
    wanted = entry_id(read_entry(options.document).account)
    done = await put(composition.register(), wanted, options.document, Precondition(), utc_now())
    print(_line(done.entry))


async def _delete(options: argparse.Namespace) -> None:
    await remove(composition.register(), entry_id(options.id), Precondition())
    print(f"{entry_id(options.id)}  deleted")


async def _rotate(options: argparse.Namespace) -> None:
    register, intake = composition.register(), composition.intake()
    wanted = entry_id(options.id)
    accepted = await rotate(register, intake, wanted, b"", source="operator", key=None)
    print(f"{accepted.operation.id}  {accepted.operation.state}")


async def _import(options: argparse.Namespace) -> None:
    dry_run = options.dry_run
    done = await composition.importing().run(options.file, utc_now(), dry_run=dry_run)
    counts = ", ".join(f"{number} {name}" for name, number in done.view.items())
    print(f"would be: {counts}" if dry_run else counts)


async def _export(_: argparse.Namespace) -> None:
    sys.stdout.write(header_line(*TOLD_ONLY))
    async for entry in composition.register().all():
        sys.stdout.write(entry_line(entry))


async def _overdue(_: argparse.Namespace) -> None:
    print(await composition.overdue())


async def _discover(options: argparse.Namespace) -> None:
    from shared.graph.groups import members_of  # noqa: PLC0415  the SDK takes seconds to load
    from shared.graph.pages import every  # noqa: PLC0415
    from shared.graph.routes import ROUTES  # noqa: PLC0415

    graph, route = composition.graph_client(), ROUTES["list-managed-devices"]
    group = await members_of(graph, options.group) if options.group else None
    devices = every(graph, route, {}, select=SELECT, where=options.where)
    proposed = await propose(devices, options.rooms, group)
    sys.stdout.write(header_line())
    for document in proposed.documents.values():
        sys.stdout.write(document_line(document))
    for name in proposed.left_out:
        print(f"left out: {name!r}", file=sys.stderr)


def _line(entry: Entry) -> str:
    due = in_utc(entry.due) or "on request"
    return f"{entry.id}  {entry.state:8}  due {due}  {entry.detail}".rstrip()


_DO: dict[str, Callable[[argparse.Namespace], Coroutine[Any, Any, None]]] = {
    "list": _list,
    "show": _show,
    "put": _put,
    "delete": _delete,
    "rotate": _rotate,
    "import": _import,
    "export": _export,
    "overdue": _overdue,
    "discover": _discover,
}
