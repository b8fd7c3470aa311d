"""`python -m local.vault --jwks URL [--port 0] [--data DIR] [--seed FILE]`."""

import argparse
from pathlib import Path

from pydantic import TypeAdapter

from local.serving import serve
from local.standins.tokens import TokenChecker

from .front_door import AUDIENCE
from .secret import SetParameters
from .server import vault

_SEED = TypeAdapter(dict[str, SetParameters])


def main() -> None:
    """Serve the vault until stopped."""
    arguments = argparse.ArgumentParser(prog="python -m local.vault")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--jwks", required=True, help="address of the issuer's key set")
    arguments.add_argument("--data", type=Path, help="directory in which secrets survive")
    arguments.add_argument(
        "--seed", type=Path, help='JSON: {"name": {"value", "contentType", "tags", "attributes"}}'
    )
    chosen = arguments.parse_args()
    seed = _SEED.validate_json(chosen.seed.read_bytes()) if chosen.seed else {}
    tokens = TokenChecker(chosen.jwks, AUDIENCE)
    serve(vault(port=chosen.port, data=chosen.data, seed=seed, tokens=tokens))


if __name__ == "__main__":
    main()
