"""Addresses of termini: `amqps://host:port/queue`, or the path alone."""

import re

from local.broker.amqp.types import Described

CBS = "$cbs"
MANAGEMENT_SUFFIX = "/$management"

_AUTHORITY = re.compile(r"^[a-z][a-z0-9+.-]*://[^/]*", re.IGNORECASE)


def path_of(address: str) -> str:
    """Drop scheme and authority, which mean nothing on one machine, and outer slashes."""
    return _AUTHORITY.sub("", address).strip("/")


def address_of(terminus: Described | None) -> str:
    """Read the address of a source or target; empty if there is none."""
    fields = None if terminus is None else terminus.value
    address = fields[0] if isinstance(fields, list) and fields else None
    return address if isinstance(address, str) else ""
