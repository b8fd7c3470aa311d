"""`python -m local.host --app DIR --settings FILE`: run a Functions app on this machine."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from local.host.app import App
from local.host.errors import StartupError
from local.host.host import running_host
from local.host.http.keys import Keys
from local.host.logs import set_up_logging
from local.host.settings import Settings, apply_local_settings
from local.host.table import table
from local.serving import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Run or check the app; returns the exit code (1: the app is not fit to run)."""
    options = _parser().parse_args(arguments)
    folder = options.app.resolve()
    expected = options.expect.split(",") if options.expect else None
    try:
        if options.settings:
            apply_local_settings(options.settings)
        set_up_logging()
        app = App.load(folder, Settings(os.environ), expected)
    except StartupError as error:
        print(error, file=sys.stderr)
        return 1
    if options.check:
        print(table(app.functions, app.settings, app.config.route_prefix))
        return 0
    given = {"function": options.function_key, "master": options.master_key}
    keys = Keys(**{level: key for level, key in given.items() if key})
    serve(running_host(app, options.port, keys, options.timers))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    add = parser.add_argument
    add("--app", type=Path, default=Path(), metavar="DIR", help="folder of function_app.py")
    add("--settings", type=Path, metavar="FILE", help="in the shape of local.settings.json")
    add("--port", type=int, default=0, help="HTTP port on 127.0.0.1 (default: a free one)")
    add("--check", action="store_true", help="index, check, print the functions, and exit")
    add("--expect", metavar="NAMES", help="comma-separated: refuse any other set of functions")
    add("--timers", type=Path, metavar="FILE", help="of several hosts, who has it fires the timers")
    add("--function-key", metavar="KEY", help="default: a new one at every start")
    add("--master-key", metavar="KEY", help="default: a new one at every start")
    return parser


if __name__ == "__main__":
    sys.exit(main())
