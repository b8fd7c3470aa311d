"""`python -m local.broker`: serve the queues of an emulator configuration."""

import argparse
import logging
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from local.broker.config import DEFAULT_CONFIG, ConfigError, read_config
from local.broker.server import Broker
from local.broker.store import StoreInUseError
from local.serving import serve


@asynccontextmanager
async def _serving(broker: Broker) -> AsyncIterator[Mapping[str, object]]:
    async with broker:
        yield {"amqp": broker.amqp, "serviceBusConnection": broker.connection_string}


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.broker", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--data", type=Path, help="a folder; without one, nothing is kept")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    try:
        queues = read_config(options.config)
    except ConfigError as cause:
        parser.error(str(cause))
    try:
        serve(_serving(Broker(queues, port=options.port, data=options.data)))
    except StoreInUseError as cause:
        sys.exit(str(cause))


if __name__ == "__main__":
    main()
