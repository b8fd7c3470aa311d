"""`python -m scripts.graph_permissions`: the Graph permissions that the enabled operations need.

    --principal ID                     what would be granted; nothing is changed
    --principal ID --apply             grant it
    --principal ID --apply --remove-extra   and take away what no enabled operation needs
    --list                             the least that the operations need, as JSON

Whoever runs it with --apply has to be Privileged Role Administrator or Global Administrator, signed
in with az. Doing it twice does nothing twice.
"""

import argparse
import json
import sys
from collections.abc import Iterable

from scripts.graph_permissions.directory import Directory, Refused
from shared.permissions.needs import may_need, needs_of
from shared.permissions.report import Report, examine
from shared.policy.offer import EVERY_OPERATION


def main(arguments: list[str] | None = None) -> int:
    """Do what was asked; 0 when nothing is missing afterwards, or would be."""
    options = _parser().parse_args(arguments)
    needs = needs_of(options.operations, unofficial=options.unofficial)
    if options.list:
        print(json.dumps(examine((), needs).missing))
        return 0
    directory = Directory()
    missing = examine((), needs).missing
    try:
        granted = directory.granted(options.principal)
        report = examine([each.name for each in granted], needs, may_need(options.operations))
        missing = report.missing
        _tell(report, remove_extra=options.remove_extra)
        if not options.apply:
            return 0
        for name in missing:
            directory.grant(options.principal, name)
        for each in granted:
            if options.remove_extra and each.name in report.superfluous:
                directory.take_away(options.principal, each.assignment)
    except Refused as refused:
        print(_explained(refused, options.principal, missing), file=sys.stderr)
        return 1
    print("done; a running app has it with its next token: restart it to have it now")
    return 0


def _tell(report: Report, *, remove_extra: bool) -> None:
    sign = "-" if remove_extra else "!"
    lines = [
        *(f"+ {name}" for name in report.missing),
        *(f"{sign} {name} (no enabled operation needs it)" for name in report.superfluous),
        *(
            f"! {name} ({', '.join(least)} would do)"
            for name, least in report.broader.items()
            if name not in report.superfluous
        ),
        *(
            f"= {name}"
            for name in report.granted
            if name not in report.superfluous and name not in report.broader
        ),
    ]
    print("\n".join(lines))


def _explained(refused: Refused, principal: str, missing: Iterable[str]) -> str:
    if not refused.forbidden:
        return str(refused)
    return "\n".join(
        [
            "You may not grant this. A Privileged Role Administrator has to run the same command,",
            f"or grant these application permissions on Microsoft Graph to {principal}:",
            *(f"  {name}" for name in missing),
        ]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.graph_permissions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--principal", metavar="ID", help="the output graphPrincipalId")
    what.add_argument("--list", action="store_true", help="print what is needed, ask nobody")
    parser.add_argument(
        "--operations",
        type=_operations,
        default=sorted(EVERY_OPERATION),
        metavar="NAMES",
        help="the enabled ones, separated by commas, as the setting OPERATIONS; default: all",
    )
    parser.add_argument("--unofficial", action="store_true", help="as ALLOW_UNOFFICIAL_ROUTES")
    parser.add_argument("--apply", action="store_true", help="grant what is missing")
    parser.add_argument("--remove-extra", action="store_true", help="take away what is not needed")
    return parser


def _operations(text: str) -> list[str]:
    names = {name.strip() for name in text.split(",")}
    if unknown := names - EVERY_OPERATION:
        raise argparse.ArgumentTypeError(f"no operation: {', '.join(sorted(unknown))}")
    return sorted(names)


if __name__ == "__main__":
    sys.exit(main())
