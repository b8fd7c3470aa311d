"""The meter counts what passes, however it is cut into pieces."""

import pytest

from local.meter.http import HttpRequests

SENT = (
    b"POST /table HTTP/1.1\r\nHost: x\r\nContent-Length: 24\r\n\r\nGET /not HTTP/1.1\r\n\r\n123"
    b"GET /table(1)?$top=1 HTTP/1.1\r\nHost: x\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, 7, len(SENT)])
def test_requests_are_told_from_bodies_whatever_the_pieces(size: int) -> None:
    seen: list[tuple[str, str]] = []
    reading = HttpRequests(lambda what, where: seen.append((what, where)))
    for start in range(0, len(SENT), size):
        reading.sent(SENT[start : start + size])
    assert seen == [("POST", "/table"), ("GET", "/table(1)?$top=1")]


def test_a_body_whose_end_is_not_announced_is_an_error_not_a_guess() -> None:
    reading = HttpRequests(lambda *_: None)
    with pytest.raises(ValueError, match="chunks"):
        reading.sent(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
