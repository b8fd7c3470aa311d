"""The connection to Table Storage, shared by the stores in this folder.

Source: azure-data-tables. A table that is missing is made at the first write that misses it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.request import getproxies

from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError
from azure.data.tables import TableErrorCode
from azure.data.tables.aio import TableClient, TableServiceClient

OPERATIONS, LINES, REFUSALS = "operations", "lines", "refusals"
TICKETS = "tickets"
POLICY = "policy"
REGISTER = "deviceaccounts"
QUOTAS = "quotas"
BULK_TARGETS, BULK_RESULTS = "bulktargets", "bulkresults"

type Entity = Mapping[str, Any]

CONNECTED, ANSWERED, TRIES = 5.0, 10.0, 3
"""Seconds until a connection is there and until an answer goes on, and how often both are tried.

All together less than the lock of a message. The client itself would wait for 300 seconds, and try
eleven times.
"""


class Tables:
    """One client per table over one connection pool."""

    def __init__(self, service: TableServiceClient) -> None:
        self._service = service
        self._clients: dict[str, TableClient] = {}

    @classmethod
    def connect(cls, target: str, credential: AsyncTokenCredential | None) -> "Tables":
        """Connect by endpoint and identity, or by connection string where there is none."""
        # Where no proxy is named, aiohttp must not look for one, and into ~/.netrc, in a thread for
        # each request: that doubles what a request costs, and how long it takes.
        options: dict[str, Any] = {
            "use_env_settings": bool(getproxies().keys() - {"no"}),
            "connection_timeout": CONNECTED,
            "read_timeout": ANSWERED,
            "retry_total": TRIES - 1,
        }
        if credential is None:
            return cls(TableServiceClient.from_connection_string(target, **options))
        return cls(TableServiceClient(endpoint=target, credential=credential, **options))

    def __getitem__(self, table: str) -> TableClient:
        if table not in self._clients:
            self._clients[table] = self._service.get_table_client(table)
        return self._clients[table]

    async def writing[T](self, table: str, write: Callable[[TableClient], Awaitable[T]]) -> T:
        """Run a write, making the table first when it turns out to be missing."""
        try:
            return await write(self[table])
        except HttpResponseError as error:
            if not says(error, TableErrorCode.TABLE_NOT_FOUND):
                raise
        await self._service.create_table_if_not_exists(table)
        return await write(self[table])

    async def ping(self) -> None:
        """Ask the store for something small; raises whatever is wrong with it."""
        async for _ in self._service.list_tables(results_per_page=1):
            break

    async def close(self) -> None:
        """Close the connection pool."""
        await self._service.close()


def says(error: HttpResponseError, code: TableErrorCode) -> bool:
    """Whether the service answered with this error code.

    Read from the answer itself: not every error of the client carries the code.
    """
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    return code in (headers.get("x-ms-error-code"), getattr(error, "error_code", None))
