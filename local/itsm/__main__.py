"""`python -m local.itsm [--port 0] [--password TEXT]`."""

import argparse

from local.serving import serve

from .server import itsm


def main() -> None:
    """Serve the tools until stopped."""
    arguments = argparse.ArgumentParser(prog="python -m local.itsm")
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument(
        "--password", default="a password for this machine", help="what callers prove themselves by"
    )
    chosen = arguments.parse_args()
    serve(itsm(port=chosen.port, password=chosen.password))


if __name__ == "__main__":
    main()
