"""Controls that somebody could take away from the way in: each has to be missed by a test.

The row of docs/webhooks/threats.md that says what a control is for names the tests that miss it.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from mutants import Mutant

PAGE = Path("docs", "webhooks", "threats.md")
_ROW = re.compile(r"^\| \*\*(\w+)\*\*", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py::test_\w+)`")


@dataclass(frozen=True)
class Removed:
    """A control that is gone: the row that it is for, what is so without it, and where it was."""

    row: str
    what: str
    file: str
    old: str
    new: str


def rows(root: Path) -> dict[str, tuple[str, ...]]:
    """The threats of the page by name, and the tests of each."""
    lines = [line for line in (root / PAGE).read_text().splitlines() if line.startswith("| **")]
    return {_ROW.findall(line)[0]: tuple(_TEST.findall(line)) for line in lines}


def threats(root: Path) -> list[Mutant]:
    """Each removed control with the tests of its row."""
    tests = rows(root)
    return [
        Mutant(
            f"{each.row}: {each.what}", f"shared/{each.file}", each.old, each.new, tests[each.row]
        )
        for each in REMOVED
    ]


_VERIFIERS, _MAPPING = "webhooks/verifiers", "webhooks/mapping.py"
_JSON, _EXPRESSIONS = "changes/document.py", "webhooks/expressions.py"
_TOOLS = "writeback/tools"

REMOVED = (
    Removed(
        "nobody", "a source without a verifier loads",
        "webhooks/source.py", "verify: Verifier\n", "verify: Verifier | None = None\n",
    ),
    Removed(
        "nobody", "whoever sends is believed",
        "webhooks/receive.py",
        "await self.verifiers.verify(loaded.source.verify, delivery)", "pass",
    ),
    Removed(
        "forged", "any signature is good",
        f"{_VERIFIERS}/signature.py", "if not any(same):", "if False:",
    ),
    Removed(
        "forged", "the body is verified as it was understood",
        f"{_VERIFIERS}/signature.py",
        "return delivery.body", "return delivery.body.strip()",
    ),
    Removed(
        "forged", "a signature that is no text of its kind raises",
        f"{_VERIFIERS}/signature.py",
        "    except ValueError:\n        return None",
        "    except LookupError:\n        return None",
    ),
    Removed(
        "forged", "any header is good",
        f"{_VERIFIERS}/shared.py", "if not _is_one_of(value, secrets):", "if False:",
    ),
    Removed(
        "forged", "any password is good",
        f"{_VERIFIERS}/shared.py",
        "if not _is_one_of(pair, [user", "if False and not _is_one_of(pair, [user",
    ),
    Removed(
        "uncovered", "a signature may leave out the body",
        f"{_VERIFIERS}/forms.py",
        "if not any(part.body for part in self.signed):", "if False:",
    ),
    Removed(
        "uncovered", "a signature may leave out its time",
        f"{_VERIFIERS}/forms.py",
        "if self.timestamp and self.timestamp.header not in", "if False and None not in",
    ),
    Removed(
        "uncovered", "a message signature may cover what it likes",
        f"{_VERIFIERS}/message.py",
        "require_components=COVERED,", 'require_components=("@method",),',
    ),
    Removed(
        "uncovered", "attributes beside a signed body are believed",
        "webhooks/payload.py", "and source.verify.signs:", "and False:",
    ),
    Removed(
        "token", "any issuer",
        f"{_VERIFIERS}/token.py", "issuer=list(_issuers(form.tenant, authority)),", "",
    ),
    Removed(
        "token", "any audience",
        f"{_VERIFIERS}/token.py",
        'options={"require"', 'options={"verify_aud": False, "require"',
    ),
    Removed(
        "token", "no signature",
        f"{_VERIFIERS}/token.py",
        'options={"require"', 'options={"verify_signature": False, "require"',
    ),
    Removed(
        "token", "another tenant",
        f"{_VERIFIERS}/token.py", 'if claims.get("tid") != form.tenant:', "if False:",
    ),
    Removed("token", "a person", f"{_VERIFIERS}/token.py", 'if "scp" in claims:', "if False:"),
    Removed(
        "token", "any application",
        f"{_VERIFIERS}/token.py",
        'if claims.get("azp", claims.get("appid")) not in form.applications:', "if False:",
    ),
    Removed(
        "token", "any role",
        f"{_VERIFIERS}/token.py",
        "if not isinstance(roles, list) or form.role not in roles:", "if False:",
    ),
    Removed(
        "token", "the token says where its keys are",
        f"{_VERIFIERS}/token.py",
        "form.keys or f", 'jwt.get_unverified_header(token).get("jku") or form.keys or f',
    ),
    Removed(
        "principal", "headers of App Service are believed",
        "webhooks/receive.py",
        "        try:\n            await self.verifiers",
        '        try:\n            if "x-ms-client-principal" in delivery.headers:\n'
        "                return loaded\n            await self.verifiers",
    ),
    Removed(
        "timing", "secrets are compared as they are",
        f"{_VERIFIERS}/shared.py",
        "hmac.compare_digest(digest, hashlib.sha256(each).digest())",
        "hmac.compare_digest(given, each)",
    ),
    Removed(
        "timing", "signatures are compared byte by byte",
        f"{_VERIFIERS}/signature.py",
        "hmac.compare_digest(hmac.new(_key(form, secret), signed, form.algorithm).digest(), mac)",
        "hmac.new(_key(form, secret), signed, form.algorithm).digest() == mac",
    ),
    Removed(
        "probing", "an unknown source is told",
        "webhooks/receive.py",
        'enabled")\n            raise _unknown()',
        'enabled")\n            raise RequestRefused(404, [Problem("not-found", "", "")])',
    ),
    Removed(
        "secrets", "one slot",
        f"{_VERIFIERS}/secrets.py", "for slot in slots))", "for slot in slots[:1]))",
    ),
    Removed(
        "secrets", "a short secret is one",
        f"{_VERIFIERS}/secrets.py", " if len(secret) >= SHORTEST else None", "",
    ),
    Removed(
        "replay", "a signature is good for ever",
        f"{_VERIFIERS}/signature.py",
        "if age > timedelta(seconds=form.toleranceSeconds):", "if False:",
    ),
    Removed(
        "replay", "each delivery is another wish",
        "webhooks/admission.py",
        'return f"{known}#{digest[:32]}"', 'return f"{known}#{id(request)}"',
    ),
    Removed(
        "replay", "an id in a header names an event",
        "webhooks/payload.py", "named=not in_headers)", "named=True)",
    ),
    Removed(
        "reuse", "an id is enough to be the same",
        "intake/accept.py",
        "if known is None or known.fingerprint != asked.fingerprint:", "if known is None:",
    ),
    Removed(
        "order", "events count as they come",
        "webhooks/admission.py",
        "if await is_late(self.tickets, loaded.name, ticket):", "if False:",
    ),
    Removed(
        "size", "any size",
        "webhooks/delivery.py", "if len(delivery.body) > MOST_BYTES:", "if False:",
    ),
    Removed(
        "size", "what came in chunks is looked at",
        "webhooks/delivery.py", "if not delivery.body.strip():", "if False:",
    ),
    Removed(
        "json", "a member twice",
        _JSON, "if len(members) < len(pairs):", "if False:",
    ),
    Removed("json", "NaN", _JSON, "            parse_constant=_constant,\n", ""),
    Removed(
        "json", "numbers that are infinite",
        _JSON, 'value in (float("inf"), float("-inf"))', "False",
    ),
    Removed(
        "json", "halves of characters",
        _JSON, 'return any("\\ud800" <=', 'return False and any("\\ud800" <=',
    ),
    Removed("json", "other encodings", _JSON, "            body.decode(),", "            body,"),
    Removed("json", "any depth", _JSON, "if len(path) >= levels:", "if False:"),
    Removed(
        "password", "members that are called so",
        _JSON, "    _refuse_passwords(document, limits)\n", "",
    ),
    Removed(
        "password", "texts that tell one",
        _MAPPING, "if _PASSWORD_TOLD.search(text):", "if False:",
    ),
    Removed(
        "password", "the log repeats what was refused",
        "webhooks/receive.py",
        "loaded.name, refused.first.code)", "loaded.name, delivery.body)",
    ),
    Removed(
        "routing", "the payload is believed in thin mode",
        "webhooks/admission.py", "payload = await self._fetched(loaded, payload)", "pass",
    ),
    Removed(
        "ssrf", "any id",
        "webhooks/fetch.py",
        "if not ticket_id or not re.fullmatch(fetch.pattern, ticket_id):", "if not ticket_id:",
    ),
    Removed(
        "ssrf", "an id may be more than one segment",
        "webhooks/fetch.py", 'quote(ticket_id, safe="")', "ticket_id",
    ),
    Removed(
        "ssrf", "redirects are followed",
        "webhooks/fetch.py", "follow_redirects=False", "follow_redirects=True",
    ),
    Removed(
        "ssrf", "a payload may name the host",
        "webhooks/tool.py",
        'if parts.username is not None or "{" in parts.netloc:', "if False:",
    ),
    Removed(
        "ssrf", "addresses without TLS",
        "webhooks/tool.py", 'if parts.scheme != "https" and', "if False and",
    ),
    Removed(
        "ssrf", "any origin may send",
        "webhooks/handshake.py", "origin not in loaded.source.allowedOrigins", "False",
    ),
    Removed(
        "ids", "a ticket may be called anything",
        _MAPPING, "isinstance(value, str) and _TICKET_ID.fullmatch(value)",
        "isinstance(value, str)",
    ),
    Removed("mapping", "any length", _EXPRESSIONS, "if len(text) > LONGEST:", "if False:"),
    Removed("mapping", "any size", _EXPRESSIONS, "if nodes > MOST_NODES:", "if False:"),
    Removed("mapping", "any copies", _EXPRESSIONS, "if copies > MOST_COPIES:", "if False:"),
    Removed("mapping", "any text to join by", _EXPRESSIONS, '!= "literal"', '== ""'),
    Removed("mapping", "loops in loops", _EXPRESSIONS, 'if kind == "expref":', "if False:"),
    Removed("mapping", "any function", _EXPRESSIONS, 'node["value"] not in ALLOWED', "False"),
    Removed(
        "mapping", "the operation comes from the payload",
        "webhooks/source.py",
        'if taken := self.request.keys() & {"operation", "ticket", "dryRun", "plan"}:',
        "if taken := set[str]():",
    ),
    Removed(
        "mapping", "a file that fails its examples",
        "webhooks/sources.py", "if faults := failing(source, name):",
        "if faults := list[str]():",
    ),
    Removed("mass", "any number", _MAPPING, "if len(mapped) > MOST_CHANGES:", "if False:"),
    Removed(
        "mass", "some of them",
        "webhooks/admission.py", "self.intake.examine(request, asker)", "pass",
    ),
    Removed(
        "many", "nothing is counted",
        "policy/judge.py",
        "await self.limits.holding(limits, asker.source, operation.device)", "None",
    ),
    Removed(
        "many", "the budget of a file is not asked",
        "policy/judge.py", "if asker.budget is None:", "if True:",
    ),
    Removed(
        "protected", "rules alone decide",
        "policy/rules.py", "if protection := protecting(policy, subject.known_as):",
        "if protection := None:",
    ),
    Removed(
        "protected", "what a target turns out to be is not asked",
        "policy/clearance.py", "if found is None:", "if True:",
    ),
    Removed(
        "stop", "the switch is not looked at",
        "policy/clearance.py", "if await self.stop.on():", "if False:",
    ),
    Removed(
        "default", "what no rule fits is allowed",
        "policy/rules.py", "return Verdict(Decision.DENY, NO_RULE)",
        "return Verdict(Decision.ALLOW, NO_RULE)",
    ),
    Removed(
        "plan", "any approval",
        "actions/approve_plan.py",
        "if not _waits(operation) or planned is None or planned.hash not in hashes:",
        "if planned is None:",
    ),
    Removed(
        "plan", "another hash",
        "actions/approve_plan.py", "operation.planned.hash not in hashes", "False",
    ),
    Removed(
        "plan", "a ticket that is not approved",
        _MAPPING,
        "if source.plan is None or not is_approved(source, document):", "if source.plan is None:",
    ),
    Removed(
        "plan", "it is written although it is not as planned",
        "planning/plan.py", "if expected not in (None, plan.hash):", "if False:",
    ),
    Removed(
        "target", "the first that has one of the names",
        "graph/names.py",
        "if all(is_same(each.get(key), wanted[key]) for key in wanted)", "if each",
    ),
    Removed(
        "queue", "every source takes messages",
        "webhooks/messages.py", "or not loaded.source.queue:", "or False:",
    ),
    Removed(
        "queue", "messages are approved",
        _MAPPING, "if source.plan is None and not is_approved(source, document):", "if False:",
    ),
    Removed(
        "invented", "an id is made up",
        "cloudevents/event.py", "value = attributes.get(name)",
        'value = attributes.get(name, "made up")',
    ),
    Removed(
        "errors", "expressions tell what they saw",
        _EXPRESSIONS, "raise NotEvaluated(type(error).__name__)", "raise NotEvaluated(str(error))",
    ),
    Removed(
        "log", "texts are logged as they are",
        "telemetry/line.py",
        "return value if _PLAIN.fullmatch(value) else json.dumps(value)", "return value",
    ),
    Removed(
        "health", "reasons for everybody",
        "health/readiness.py", '"ok": each.ok} for', '"ok": each.ok, "detail": each.detail} for',
    ),
    Removed(
        "unthought",
        "what is no signature raises",
        f"{_VERIFIERS}/signature.py",
        "    except ValueError:\n        return None",
        "    except LookupError:\n        return None",
    ),
    Removed(
        "back", "an id may be anything",
        f"{_TOOLS}/tickets.py", "or not pattern.fullmatch(ticket.id):", "or not ticket.id:",
    ),
    Removed(
        "back", "redirects are followed",
        f"{_TOOLS}/client.py", "follow_redirects=False", "follow_redirects=True",
    ),
    Removed(
        "back", "line ends stay",
        "writeback/note.py", 'return " ".join(shown.split())', "return text",
    ),
    Removed(
        "back", "tags stay tags",
        f"{_TOOLS}/freshservice.py", "html.escape(line)", "line",
    ),
    Removed(
        "back", "placeholders stay placeholders",
        f"{_TOOLS}/freshservice.py", '.replace("{", "&#123;")', "",
    ),
    Removed(
        "back", "[code] stays code",
        f"{_TOOLS}/servicenow.py", 'line.replace("[", "[ ")', "line",
    ),
    Removed(
        "loop", "its own notes are events",
        "webhooks/admission.py", "if is_own(loaded.source, payload.document):", "if False:",
    ),
    Removed(
        "loop", "a refusal is told each time",
        "messaging/messages.py", 'id=_refusal_id(ticket["source"], ticket["id"], problems)',
        "id=f\"{ticket['source']}.refused.{at.timestamp():.0f}\"",
    ),
)  # fmt: skip
