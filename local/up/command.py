"""`python -m local up`: run the local stack until Ctrl-C or SIGTERM."""

import argparse
import asyncio
import json
import logging
import signal
import sys
from pathlib import Path
from typing import Any

from local.up.data import FolderInUse
from local.up.health import unhealthy
from local.up.process import ROOT, ComponentFailed
from local.up.stack import Stack, running_stack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("--port", type=int, default=0, help="port of the app (default: a free one)")
    parser.add_argument(
        "--hosts", type=int, default=1, metavar="N", help="so many processes run the app"
    )
    parser.add_argument(
        "--app", type=Path, default=ROOT, metavar="DIR", help="folder of the function app"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--data",
        type=Path,
        default=ROOT / ".local",
        metavar="DIR",
        help="what is kept between runs (default: .local in the repository)",
    )
    where.add_argument(
        "--fresh", action="store_true", help="start empty, in a temporary folder, and keep nothing"
    )
    parser.add_argument(
        "--setting",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="an app setting to add or replace (repeatable)",
    )
    parser.add_argument(
        "--verbose", action="store_true", help="show the components' logs on standard error"
    )


def run(chosen: argparse.Namespace) -> int:
    """Run the stack as chosen; return the exit code: 0 after a stop, 1 after a failure."""
    logging.basicConfig(format="local up: %(message)s", level=logging.INFO, stream=sys.stderr)
    try:
        return asyncio.run(_run(chosen))
    except (ComponentFailed, FolderInUse) as error:
        print(f"local up: {error}", file=sys.stderr)
        return 1


async def _run(chosen: argparse.Namespace) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _cancel_once, asyncio.current_task())
    try:
        async with running_stack(
            app=chosen.app,
            data=None if chosen.fresh else chosen.data,
            port=chosen.port,
            hosts=chosen.hosts,
            settings=dict(chosen.setting),
            itsm=True,
            verbose=chosen.verbose,
        ) as stack:
            if why := await unhealthy(stack.endpoints):
                raise ComponentFailed(f"the app is not healthy: {why}")
            return await _until_given_up(stack)
    except asyncio.CancelledError:
        return 0


async def _until_given_up(stack: Stack) -> int:
    print(json.dumps(stack.endpoints.line(stack.pids)), flush=True)
    print(f"local up: giving up: {await stack.given_up()}", file=sys.stderr)
    return 1


def _cancel_once(work: asyncio.Task[Any] | None) -> None:
    # A second signal changes nothing: stopping is bounded, and orphans are worse than waiting.
    if work and not work.cancelling():
        work.cancel()


def _setting(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not name or not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
