"""The requests on one HTTP/1.1 connection."""

from collections.abc import Callable

_HEAD_ENDS = b"\r\n\r\n"

type Note = Callable[[str, str], None]
"""Told of each call: what it does, and to what."""


class HttpRequests:
    """Reads along what a client sends, and notes each request when its head has gone by."""

    def __init__(self, note: Note) -> None:
        self._note = note
        self._buffer = bytearray()
        self._body = 0
        """Bytes of the body of the last request that have yet to come."""

    def sent(self, data: bytes) -> None:
        """Bytes from the client. Raises ValueError for what cannot be told apart."""
        self._buffer += data
        while True:
            skipped = min(self._body, len(self._buffer))
            del self._buffer[:skipped]
            self._body -= skipped
            end = self._buffer.find(_HEAD_ENDS)
            if self._body or end < 0:
                return
            head = self._buffer[:end].decode("latin-1")
            del self._buffer[: end + len(_HEAD_ENDS)]
            self._request(head.split("\r\n"))

    def answered(self, data: bytes) -> None:
        """Bytes to the client: of no interest."""

    def _request(self, lines: list[str]) -> None:
        method, path, _ = lines[0].split(" ")
        fields = (line.partition(":") for line in lines[1:])
        headers = {name.lower(): value.strip() for name, _, value in fields}
        if "transfer-encoding" in headers:
            raise ValueError("a body in chunks")
        self._body = int(headers.get("content-length", 0))
        self._note(method, path)
