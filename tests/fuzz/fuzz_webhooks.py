"""A hundred thousand inputs at the way in: none is answered 500, none raises what is no refusal."""

import asyncio
import base64
import contextlib
import json
import logging
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric import rsa
from gate import ENVIRONMENT, SOURCES, Gate, MemoryVault, delivery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm
from mutations import JSON, NASTY, as_sent, damaged, mutated
from senders import SECRETS, signed
from tally import TALLY, tried

from functions import changes, webhooks
from shared import composition
from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import ChangeRequest
from shared.cloudevents.amqp import open_message
from shared.cloudevents.http import open_request
from shared.openapi.document import document
from shared.planning.dry_run import DryRun
from shared.planning.plan import Plan
from shared.policy.subject import Asker
from shared.settings import Settings
from shared.webhooks import composition as webhooks_composition
from shared.webhooks.admission import Admission
from shared.webhooks.explain import Explainer
from shared.webhooks.expressions import BadExpression, Expression, NotEvaluated
from shared.webhooks.functions import ALLOWED
from shared.webhooks.payload import Payload
from shared.webhooks.receive import Receiver
from shared.webhooks.sources import FOLDER, Loaded, load
from shared.webhooks.verifiers.chain import Verifiers
from shared.webhooks.verifiers.forms import Verifier
from shared.webhooks.verifiers.secrets import SenderSecrets
from shared.webhooks.verifiers.verdict import NotConvinced

pytestmark = pytest.mark.timeout(3600)

CANARY = "Tr0ub4dor-canary"
EXAMPLES = [
    (name, example.payload)
    for name in SOURCES
    for example in load(FOLDER, name, ENVIRONMENT).source.examples
]


def trying(count: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


class Fuzzed:
    """The functions of the app over stores in memory, which are emptied now and then."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.runner = asyncio.Runner()
        self.logged: list[logging.LogRecord] = []
        self.fresh()

    def fresh(self) -> None:
        self.gate = gate = Gate()
        gate.vault.values.update(SECRETS)
        admission = Admission(gate.intake, gate.actions, gate.tickets, _as_it_is)
        verifiers = gate.receiver.verifiers
        receiver = Receiver(gate.sources, verifiers, admission)
        explainer = Explainer(gate.sources, verifiers, _as_it_is, gate.intake)
        self._patch.setattr(webhooks_composition, "receiver", lambda: receiver)
        self._patch.setattr(webhooks_composition, "explainer", lambda: explainer)
        self._patch.setattr(webhooks_composition, "sources", lambda: gate.sources)
        self._patch.setattr(composition, "intake", lambda: gate.intake)
        self._patch.setattr(composition, "dry_run", _NoDryRun)
        self._patch.setattr(composition, "settings", lambda: Settings.read(ENOUGH))

    def run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def answer(self, function: Any, request: func.HttpRequest) -> func.HttpResponse:
        """What the function answers, which is never a fault and repeats no canary."""
        if len(self.gate.changes) > 500:
            self.fresh()
        self.logged.clear()
        answered: func.HttpResponse = self.run(function.build().get_user_function()(request))
        TALLY.answers[answered.status_code] += 1
        assert answered.status_code != 503, [record.exc_info for record in self.logged]
        assert answered.status_code < 500
        assert CANARY.encode() not in answered.get_body() or b"displayName" in request.get_body()
        return answered


ENOUGH = {
    "ServiceBus__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
    "Records__tableServiceUri": "https://contoso.table.core.windows.net",
    "KEY_VAULT_URL": "https://contoso.vault.azure.net",
}


class _NoDryRun(DryRun):
    def __init__(self) -> None:
        """Needs nothing: there is no Graph here."""

    async def plan(self, request: ChangeRequest, asker: Asker) -> Plan:
        raise RequestRefused(422, [Problem("no-graph-here", "", "")])


async def _as_it_is(_: Loaded, payload: Payload) -> Payload:
    return payload


@pytest.fixture(scope="module")
def app() -> Iterator[Fuzzed]:
    with pytest.MonkeyPatch.context() as patch:
        fuzzed = Fuzzed(patch)
        log, heard = logging.getLogger("functions.http"), logging.Handler()
        heard.emit = fuzzed.logged.append  # type: ignore[method-assign]
        log.addHandler(heard)
        with fuzzed.runner:
            yield fuzzed
        log.removeHandler(heard)


SCHEMA = schemathesis.openapi.from_dict(document())
FUNCTIONS = {
    ("/webhooks/{source}", "POST"): webhooks.post_webhook,
    ("/webhooks/{source}", "OPTIONS"): webhooks.options_webhook,
    ("/webhooks/{source}/validate", "POST"): webhooks.validate_webhook,
    ("/changes", "POST"): changes.post_change,
}


@pytest.mark.parametrize(("path", "method"), FUNCTIONS, ids=lambda each: each.strip("/"))
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_what_the_description_allows_and_forbids_is_answered_as_described(
    app: Fuzzed, path: str, method: str, mode: schemathesis.GenerationMode
) -> None:
    operation = SCHEMA[path][method]
    described = {int(status) for status in operation.definition.raw["responses"]}

    @trying(250)
    @given(case=operation.as_strategy(generation_mode=mode), source=st.sampled_from(SOURCES))
    def answers(case: schemathesis.Case, source: str) -> None:
        sent = case.as_transport_kwargs(base_url="https://sluice.example/api")
        body = sent.get("data", b"") if "json" not in sent else as_sent(sent["json"])
        body = body if isinstance(body, bytes) else urlencode(body or {}).encode()
        request = func.HttpRequest(
            method=method,
            url=str(sent["url"]),
            headers={name: str(value) for name, value in sent["headers"].items()},
            params=sent.get("params") or {},
            route_params={"source": source},
            body=body,
        )
        with tried("by schema"):
            answered = app.answer(FUNCTIONS[path, method], request)
            assert answered.status_code in described

    answers()


def request_of(source: str, body: bytes, headers: dict[str, str]) -> func.HttpRequest:
    return func.HttpRequest(
        method="POST",
        url=f"https://sluice.example/api/webhooks/{source}",
        headers={"content-type": "application/json", **headers},
        params={},
        route_params={"source": source},
        body=body,
    )


BATCH = 20
"""Inputs from one seed: drawing them one by one from Hypothesis costs more than trying them."""
SEEDS = st.integers(0, 2**32)


def test_signed_payloads_that_are_nearly_right_are_answered(app: Fuzzed) -> None:
    @trying(2_500)
    @given(st.sampled_from(EXAMPLES), SEEDS)
    def are_answered(example: tuple[str, dict[str, Any]], seed: int) -> None:
        chance, (source, payload) = Random(seed), example
        for _ in range(BATCH):
            _answered(app, "mappings", source, as_sent(mutated(chance, payload)))

    are_answered()


def test_signed_bytes_that_were_damaged_are_answered(app: Fuzzed) -> None:
    @trying(900)
    @given(st.sampled_from(EXAMPLES), SEEDS)
    def are_answered(example: tuple[str, dict[str, Any]], seed: int) -> None:
        chance, (source, payload) = Random(seed), example
        for _ in range(BATCH):
            _answered(app, "damaged bytes", source, damaged(chance, as_sent(payload)))

    are_answered()


def _answered(app: Fuzzed, name: str, source: str, body: bytes) -> None:
    headers = dict(signed(source, body, app.gate.clock()))
    with tried(name):
        answered = app.answer(webhooks.post_webhook, request_of(source, body, headers))
        assert answered.status_code in (202, 400, 413, 422)
        assert json.loads(answered.get_body())["status"]


FORMS: list[dict[str, Any]] = [
    {"hmac": {"secrets": ["s"], "header": "X-S", "prefix": "sha256="}},
    {
        "hmac": {
            "secrets": ["s"],
            "header": "X-S",
            "encoding": "base64",
            "separator": ",",
            "signed": [{"header": "X-T"}, {"body": True}],
            "timestamp": {"header": "X-T"},
        }
    },
    {"standardWebhooks": {"secrets": ["s"]}},
    {"sharedHeader": {"secrets": ["s"], "header": "X-S", "prefix": "Bearer "}},
    {"basic": {"secrets": ["s"], "user": "u"}},
    {
        "entraToken": {
            "tenant": "4d2f9a2c-6f0b-4a39-9f7e-2b1c8d5e7a10",
            "audience": ["a"],
            "applications": ["4d2f9a2c-6f0b-4a39-9f7e-2b1c8d5e7a10"],
            "role": "r",
        }
    },
    {"messageSignature": {"keyId": "k", "url": "https://x", "secrets": ["s"]}},
]
NAMES = [
    "x-s", "x-t", "authorization", "webhook-id", "webhook-timestamp", "webhook-signature",
    "signature", "signature-input", "content-digest",
]  # fmt: skip


HEADER = st.text(max_size=40) | st.from_regex(
    r'(sha256=|v1,|Basic |Bearer |sig1=\("@method"\);)[0-9a-zA-Z+/=.:;"(), @-]{0,40}',
    fullmatch=True,
)
STAMP = str(int(datetime(2026, 12, 1, tzinfo=UTC).timestamp()))
NEARLY = {
    "x-s": "sha256=" + "0f" * 32,
    "x-t": STAMP,
    "webhook-id": "msg_1",
    "webhook-timestamp": STAMP,
    "webhook-signature": "v1," + base64.b64encode(b"0" * 32).decode(),
    "signature-input": f'sig1=("@method" "@target-uri" "content-type" "content-digest")'
    f';created={STAMP};keyid="k";alg="hmac-sha256";tag="sluice"',
    "signature": f"sig1=:{base64.b64encode(b'0' * 32).decode()}:",
    "content-digest": f"sha-256=:{base64.b64encode(b'0' * 32).decode()}:",
}
"""Headers that are all but right."""


def _authorization(chance: Random) -> str:
    def part(members: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(as_sent(members)).decode().rstrip("=")

    header = {"alg": "RS256", "kid": "one", "typ": "JWT"}
    header[chance.choice(["alg", "kid", "crit", "b64", "jku", "x"])] = chance.choice(NASTY)
    claims = {
        "aud": "a",
        "exp": 9999999999,
        chance.choice(["nbf", "iat", "iss"]): chance.choice(NASTY),
    }
    if chance.random() < 0.3:
        return "Basic " + base64.b64encode(chance.randbytes(12)).decode()
    return f"Bearer {part(header)}.{part(claims)}.{'AAAA' * chance.randint(0, 90)}"


def _nearly_right(chance: Random) -> dict[str, str]:
    headers = {**NEARLY, "authorization": _authorization(chance)}
    for name in chance.sample(sorted(headers), 3):
        headers[name] = damaged(chance, headers[name].encode()).decode("utf-8", "replace")
    return headers


PUBLIC: dict[str, Any] = json.loads(
    RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048).public_key())
)


class _AnyKey:
    async def key(self, url: str, key_id: str) -> dict[str, Any]:
        return PUBLIC


def test_headers_of_any_kind_prove_nothing_and_raise_nothing(app: Fuzzed) -> None:
    clock = app.gate.clock
    secrets = SenderSecrets(MemoryVault({"s": "whsec_" + "c2VjcmV0" * 5}), clock)
    verifiers = Verifiers(secrets, _AnyKey(), "https://login.microsoftonline.com", clock)
    forms = [Verifier.model_validate(form) for form in FORMS]

    def is_no_proof(form: Verifier, headers: dict[str, str], body: bytes) -> None:
        with tried("verifiers"):
            try:
                app.run(verifiers.verify(form, delivery("tool", body, headers)))
            except NotConvinced:
                return
            raise AssertionError("it was believed")

    @trying(4_000)
    @given(
        st.sampled_from(forms),
        st.dictionaries(st.sampled_from([*NEARLY, "authorization"]), HEADER, max_size=4),
    )
    def of_any_kind(form: Verifier, headers: dict[str, str]) -> None:
        is_no_proof(form, headers, b"{}")

    @trying(200)
    @given(st.sampled_from(forms), SEEDS)
    def nearly_right(form: Verifier, seed: int) -> None:
        chance = Random(seed)
        for _ in range(5 * BATCH):
            is_no_proof(form, _nearly_right(chance), b"{}")

    of_any_kind()
    nearly_right()


def _read(body: bytes) -> Any:
    return json.loads(body)


ATTRIBUTES = st.dictionaries(
    st.sampled_from("specversion id source type time subject datacontenttype data_base64".split())
    | st.text(max_size=8),
    st.sampled_from(NASTY) | JSON,
    max_size=9,
)
MEDIA_TYPES = st.sampled_from(
    [
        "application/json", "application/cloudevents+json", "application/cloudevents-batch+json",
        "application/json; charset=utf-16", "text/plain", "", ";;;", "application/json;=",
        f"application/json; charset*{'9' * 5000}=x", "application/json; charset*0*=utf-8''x",
    ]
) | st.text(max_size=30)  # fmt: skip


def test_events_in_any_envelope_are_read_or_refused() -> None:
    @trying(9_000)
    @given(ATTRIBUTES, MEDIA_TYPES, st.sampled_from(["ce-", "cloudEvents_", "cloudEvents:", ""]))
    def are_read(attributes: dict[str, Any], media_type: str, prefix: str) -> None:
        try:
            body = as_sent({**attributes, "specversion": "1.0"} if not prefix else {"a": 1})
        except ValueError:
            return
        properties = {f"{prefix}{name}": value for name, value in attributes.items()}
        headers = {name: str(value)[:200] for name, value in properties.items() if value != 10**400}
        with tried("envelopes"):
            for opening in (
                lambda: open_request({"content-type": media_type, **headers}, body, _read),
                lambda: open_message(media_type, properties, body, _read),
                lambda: open_message(
                    media_type.encode("utf-8", "replace"),
                    {name.encode("utf-8", "replace"): v for name, v in properties.items()},
                    body,
                    _read,
                ),
            ):
                with contextlib.suppress(RequestRefused):
                    opening()

    are_read()


WORDS = st.sampled_from(
    [f"{name}(" for name in sorted(ALLOWED)]
    + "map( & @ `[]` `1` 'x' * [] [*] [? ] . , ) ( | || && ! == < [@,@] {a:@} [0] [::-1]".split()
    + "issue fields variables sys_id changes ticket id".split()
)


def test_an_expression_of_any_kind_is_refused_or_fits_or_does_not() -> None:
    @trying(3_000)
    @given(st.lists(WORDS, min_size=1, max_size=12).map("".join), st.sampled_from(EXAMPLES))
    def is_harmless(text: str, example: tuple[str, dict[str, Any]]) -> None:
        with tried("expressions"), contextlib.suppress(BadExpression, NotEvaluated):
            Expression.compile(text).of(example[1])

    is_harmless()


def test_a_hundred_thousand_inputs_were_tried() -> None:
    assert sum(TALLY.inputs.values()) >= 100_000
    assert TALLY.answers[202] > 1_000, "most of it has to come further than the door"
    assert TALLY.answers[422] > 1_000
