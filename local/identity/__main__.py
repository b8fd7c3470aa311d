"""`python -m local.identity [--port 0] [--roles FILE] [--lifetime SECONDS]`."""

import argparse
import json
from pathlib import Path

from local.serving import serve

from .issuer import Issuer
from .server import identity

_ONE_DAY = 86_400


def main() -> None:
    """Serve tokens until stopped."""
    arguments = argparse.ArgumentParser(prog="python -m local.identity")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument(
        "--roles", type=Path, help="JSON: granted application permissions by audience"
    )
    arguments.add_argument("--lifetime", type=int, default=_ONE_DAY, help="of a token, in seconds")
    arguments.add_argument("--header", help="identity header (default: a new one at every start)")
    chosen = arguments.parse_args()
    issuer = Issuer(chosen.lifetime)
    if chosen.roles:
        issuer.roles |= json.loads(chosen.roles.read_text())
    serve(identity(port=chosen.port, issuer=issuer, header=chosen.header))


if __name__ == "__main__":
    main()
