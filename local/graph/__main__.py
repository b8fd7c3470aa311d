"""`python -m local.graph --jwks URL [--port 0] [--seed FILE] [--write-quota intune=200/20]`."""

import argparse
from pathlib import Path

from local.serving import serve
from local.standins.tokens import TokenChecker

from .quotas import Quota
from .refusals import Service
from .server import graph
from .tenant import Seed

_DEFAULT_SEED = Path(__file__).parent / "seed.json"


def _quota(text: str) -> tuple[Service, Quota]:
    """Read `intune=200/20`; a final `!` leaves Retry-After out of the 429."""
    service, _, limit = text.rstrip("!").partition("=")
    writes, _, seconds = limit.partition("/")
    quota = Quota(writes=int(writes), seconds=float(seconds), retry_after=not text.endswith("!"))
    return Service(service), quota


def main() -> None:
    """Serve the tenant until stopped."""
    arguments = argparse.ArgumentParser(prog="python -m local.graph")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--seed", type=Path, default=_DEFAULT_SEED)
    arguments.add_argument("--jwks", required=True, help="address of the issuer's key set")
    arguments.add_argument("--audience", default="https://graph.microsoft.com")
    arguments.add_argument(
        "--write-quota",
        type=_quota,
        action="append",
        default=[],
        metavar="SERVICE=WRITES/SECONDS",
        help="enforce a quota on intune or directory; a final ! answers 429 without Retry-After",
    )
    chosen = arguments.parse_args()
    seed = Seed.model_validate_json(chosen.seed.read_bytes())
    tokens = TokenChecker(chosen.jwks, chosen.audience)
    serve(graph(port=chosen.port, seed=seed, tokens=tokens, quotas=dict(chosen.write_quota)))


if __name__ == "__main__":
    main()
