"""`python -m cli`: look into Sluice and set it going again.

    python -m cli changes (show | cancel [--abandon] | release [--window] | reverse) ID
    python -m cli bulk (show | cancel | resume [--failure-share SHARE]) ID [--json]
    python -m cli brake (on [--reason TEXT] | off | show [--json] | release RULE | cancel RULE)
    python -m cli dead-letters list [--queue NAME] [--json]
    python -m cli dead-letters redrive (ID | --all) [--queue NAME]
    python -m cli device-accounts (list | show | put | delete | rotate | import | export | overdue)
    python -m cli device-accounts discover [--group ID] [--where FILTER] [--rooms PATTERN] > FILE
    python -m cli plan FILE [--json]
    python -m cli rotation reconcile [ACCOUNT | --after ACCOUNT] [--json]
    python -m cli permissions [--json]
    python -m cli webhooks check [SOURCE ...]
    python -m cli webhooks explain SOURCE FILE [--json]

Settings come from the environment, or from a file in the shape of local.settings.json. The command
acts as the managed identity where there is one, else as the person signed in with `az login`.
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from azure.core.exceptions import AzureError

from cli import (
    brake,
    bulk,
    changes,
    dead_letters,
    device_accounts,
    permissions,
    plan,
    rotation,
    webhooks,
)
from shared.messaging.messages import SendFailed
from shared.settings import SettingsError

QUEUES = ("changes", "intake", "outcomes")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    root = argparse.ArgumentParser(prog="python -m cli", description=__doc__.partition("\n")[0])
    root.add_argument(
        "--settings", type=Path, metavar="FILE", help="take settings from a local.settings.json"
    )
    areas = root.add_subparsers(dest="area", required=True)
    deeds = areas.add_parser("changes", help="see one change, and cancel, release or reverse it")
    deed = deeds.add_subparsers(dest="action", required=True)
    for name, told in changes.ACTIONS.items():
        one = deed.add_parser(name, help=told)
        one.add_argument("id", help="the id of the change")
        one.set_defaults(insist=False)
        if name in changes.INSISTING:
            flag, meaning = changes.INSISTING[name]
            one.add_argument(flag, dest="insist", action="store_true", help=meaning)
    brake.add_parser(areas)
    _add_bulk(areas.add_parser("bulk", help="see a bulk change, and cancel or resume it"))
    letters = areas.add_parser("dead-letters", help="see and redrive the dead-letter queues")
    actions = letters.add_subparsers(dest="action", required=True)
    show = actions.add_parser("list", help="every dead letter, with the recorded reason")
    show.add_argument("--json", action="store_true", help="one JSON document a line")
    redrive = actions.add_parser("redrive", help="send dead letters on their way again")
    which = redrive.add_mutually_exclusive_group(required=True)
    which.add_argument("id", nargs="?", help="the id in the list: an operation or a message")
    which.add_argument("--all", action="store_true", help="every dead letter")
    for action in (show, redrive):
        action.add_argument("--queue", choices=QUEUES, help="this queue only")
    device_accounts.add_parser(areas, _content)
    planned = areas.add_parser("plan", help="what the request in a file would write, and a hash")
    planned.add_argument("request", type=_content, metavar="FILE", help="a body of POST /changes")
    planned.add_argument("--json", action="store_true", help="one JSON document")
    rotations = areas.add_parser("rotation", help="look after the rotation of passwords")
    look = rotations.add_subparsers(dest="action", required=True).add_parser(
        "reconcile", help="accounts whose register, directory, devices and vault do not agree"
    )
    which = look.add_mutually_exclusive_group()
    which.add_argument("account", nargs="?", metavar="ACCOUNT", help="this one only")
    which.add_argument("--after", metavar="ACCOUNT", help="those behind this one only")
    look.add_argument("--json", action="store_true", help="one JSON document a line")
    doctor = areas.add_parser(
        "permissions", help="what the identity lacks on Graph, and has too much"
    )
    doctor.add_argument("--json", action="store_true", help="one JSON document")
    _add_webhooks(areas)
    return root


def _add_webhooks(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    hooks = areas.add_parser("webhooks", help="try source files, and explain payloads")
    action = hooks.add_subparsers(dest="action", required=True)
    check = action.add_parser("check", help="try the examples of source files")
    check.add_argument("sources", nargs="*", metavar="SOURCE", help="these only")
    explain = action.add_parser("explain", help="what the payload in a file would become")
    explain.add_argument("source", metavar="SOURCE", help="a file of sources/, without its ending")
    explain.add_argument("payload", type=_content, metavar="FILE", help="what the tool sends")
    explain.add_argument("--json", action="store_true", help="one JSON document")


def _add_bulk(area: argparse.ArgumentParser) -> None:
    actions = area.add_subparsers(dest="action", required=True)
    for name, told in bulk.ACTIONS.items():
        one = actions.add_parser(name, help=told)
        one.add_argument("id", help="the id of the bulk change")
        one.add_argument("--json", action="store_true", help="one JSON document")
        one.set_defaults(failure_share=None)
        if name == "resume":
            one.add_argument(
                "--failure-share",
                type=_share,
                metavar="SHARE",
                help="halt again only when more than this share has failed, 0 to 1",
            )


def _share(text: str) -> float:
    share = float(text)
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("a share is between 0 and 1")
    return share


def _content(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path}: {error.strerror}") from None


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when it did what was asked, 1 when not, 2 for wrong usage or settings."""
    options = parser().parse_args(arguments)
    try:
        if options.settings:
            os.environ.update(_values(options.settings))
        managed = "IDENTITY_ENDPOINT" in os.environ
        os.environ.setdefault("SLUICE_IDENTITY", "managed" if managed else "azure-cli")
        return asyncio.run(_work(options))
    except SettingsError as error:
        print(f"settings: {error}", file=sys.stderr)
        return 2
    except (AzureError, SendFailed) as error:
        # Every Azure SDK raises AzureError for what does not answer or does not let us in.
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _work(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """What the command line asks for."""
    work: dict[str, Callable[[], Coroutine[Any, Any, int]]] = {
        "brake": lambda: brake.act(options),
        "bulk": lambda: bulk.act(
            options.action, options.id, failure_share=options.failure_share, as_json=options.json
        ),
        "changes": lambda: changes.act(options.action, options.id, insist=options.insist),
        "dead-letters": lambda: _dead_letters(options),
        "device-accounts": lambda: device_accounts.act(options),
        "permissions": lambda: permissions.show(as_json=options.json),
        "plan": lambda: plan.show(options.request, as_json=options.json),
        "webhooks": lambda: webhooks.act(options),
        "rotation": lambda: rotation.show(
            options.account, after=options.after, as_json=options.json
        ),
    }
    return work[options.area]()


def _dead_letters(options: argparse.Namespace) -> Coroutine[Any, Any, int]:
    queues = [options.queue] if options.queue else list(QUEUES)
    if options.action == "list":
        return dead_letters.show(queues, as_json=options.json)
    return dead_letters.redrive(queues, options.id)


def _values(path: Path) -> dict[str, str]:
    """The settings of a file in the shape of local.settings.json; raises SettingsError."""
    try:
        values = json.loads(path.read_text())["Values"].items()
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise SettingsError(f'{path} is not {{"Values": {{NAME: VALUE}}}} in JSON') from None
    return {name: str(value) for name, value in values}


if __name__ == "__main__":
    sys.exit(main())
