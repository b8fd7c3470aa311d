"""Who may ask whether it may send events, and what it is answered."""

from pathlib import Path

import pytest
from gate import MINIMAL, gate_of

from shared.changes.problems import RequestRefused
from shared.webhooks.handshake import permission

SOURCE = MINIMAL | {"allowedOrigins": ["events.example.com"]}


def test_an_origin_that_the_source_names_may_send(tmp_path: Path) -> None:
    sources = gate_of(tmp_path, SOURCE).sources
    asked = {
        "webhook-request-origin": "events.example.com",
        "webhook-request-callback": "http://169.254.169.254/confirm",
        "webhook-request-rate": "1000",
    }
    headers = permission(sources, "tool", asked)
    assert headers["WebHook-Allowed-Origin"] == "events.example.com"
    assert headers["WebHook-Allowed-Rate"].isdecimal()
    assert headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("origin", [None, "", "*", "evil.example.com", "EVENTS.example.com\n"])
@pytest.mark.parametrize("source", ["tool", "nobody"])
def test_nobody_else_may_and_a_star_is_no_origin(
    tmp_path: Path, source: str, origin: str | None
) -> None:
    sources = gate_of(tmp_path, SOURCE).sources
    headers = {} if origin is None else {"webhook-request-origin": origin}
    with pytest.raises(RequestRefused) as refused:
        permission(sources, source, headers)
    assert (refused.value.status, refused.value.first.code) == (403, "origin-not-allowed")


def test_an_origin_of_one_source_may_not_send_to_another(tmp_path: Path) -> None:
    sources = gate_of(tmp_path, SOURCE).sources
    with pytest.raises(RequestRefused):
        permission(sources, "nobody", {"webhook-request-origin": "events.example.com"})
