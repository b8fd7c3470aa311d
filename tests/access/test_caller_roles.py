"""Where Microsoft Entra ID stands before the API, roles decide what a caller may do."""

import base64
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import azure.functions as func
import pytest

from function_app import app
from shared import composition
from shared.access.roles import OPERATE, SUBMIT, roles_of

FREE = {"get_health_details"}
"""Behind a key alone, so that it answers when nothing else does."""

type Handler = Callable[[func.HttpRequest], Awaitable[func.HttpResponse]]


def principal(*roles: str) -> str:
    claims = [{"typ": "roles", "val": role} for role in roles]
    told = {"auth_typ": "aad", "claims": [*claims, {"typ": "name", "val": OPERATE}]}
    return base64.b64encode(json.dumps(told).encode()).decode()


def http_functions() -> dict[str, tuple[Handler, str]]:
    """Every function over HTTP, and what the host asks callers for."""
    found: dict[str, tuple[Handler, str]] = {}
    for builder in app._function_builders:
        function = builder.build(app.auth_level)
        binding = function.get_trigger().get_dict_repr()
        if binding["type"] == "httpTrigger":
            level = str(binding["authLevel"].value).upper()
            found[function.get_function_name()] = (function.get_user_function(), level)
    return found


FUNCTIONS = http_functions()
KEYED = sorted(name for name, (_, level) in FUNCTIONS.items() if level == "FUNCTION")
FOR_SOURCES = {"post_change", "get_change", "validate_webhook"}


@pytest.fixture(autouse=True)
def roles_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {
        "CALLER_ROLES": "true",
        "ServiceBus": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=x;SharedAccessKey=eA==;"
        "UseDevelopmentEmulator=true;",
        "Records": "UseDevelopmentStorage=true",
        "KEY_VAULT_URL": "https://127.0.0.1:1",
    }.items():
        monkeypatch.setenv(name, value)
    composition.settings.cache_clear()
    yield
    composition.settings.cache_clear()


async def refused(name: str, *roles: str) -> bool:
    """Whether a caller with these roles is refused; what it asks for makes no sense anyway."""
    request = func.HttpRequest(
        method="POST",
        url=f"/api/{name}",
        headers={"x-ms-client-principal": principal(*roles)} if roles else {},
        route_params={"id": "none", "source": "none"},
        body=b"",
    )
    answer = await FUNCTIONS[name][0](request)
    return answer.status_code == 403 and json.loads(answer.get_body())["type"].endswith(
        ":role-missing"
    )


@pytest.mark.parametrize("name", sorted(set(KEYED) - FREE))
async def test_without_a_role_a_key_opens_nothing(name: str) -> None:
    assert await refused(name)
    assert await refused(name, "Something.Else")


@pytest.mark.parametrize("name", sorted(set(KEYED) - FREE - FOR_SOURCES))
async def test_a_source_may_not_do_what_operators_do(name: str) -> None:
    assert await refused(name, SUBMIT)


@pytest.mark.parametrize("name", ["post_change", "validate_webhook"])
@pytest.mark.parametrize("role", [SUBMIT, OPERATE])
async def test_sources_and_operators_may_ask_for_changes(name: str, role: str) -> None:
    assert not await refused(name, role)


async def test_what_is_open_to_anybody_asks_for_no_role() -> None:
    opened = {name for name, (_, level) in FUNCTIONS.items() if level == "ANONYMOUS"}
    assert {"post_webhook", "options_webhook"} <= opened
    assert set(KEYED) >= FOR_SOURCES
    for name in ("post_webhook", "options_webhook"):
        assert not await refused(name)


@pytest.mark.parametrize(
    "header",
    [None, "", "not base64", "bm8ganNvbg==", "W10=", "eyJjbGFpbXMiOiAxfQ==", "bnVsbA=="],
)
def test_a_header_that_makes_no_sense_gives_no_role(header: Any) -> None:
    assert roles_of(header) == frozenset()


def test_the_claim_of_roles_may_have_a_name_of_its_own() -> None:
    told = {"role_typ": "urn:role", "claims": [{"typ": "urn:role", "val": SUBMIT}]}
    assert roles_of(base64.b64encode(json.dumps(told).encode()).decode()) == {SUBMIT}
