"""Strict JSON: what `json.loads` lets through and a holder of tenant-wide permissions must not.

Refused: anything but UTF-8 JSON, more than 32 KiB, deeper than 16 levels, a member name twice in
one object, NaN and the infinities, lone surrogates, and a password anywhere. Other systems'
documents have other `Limits`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.changes.problems import PathPart, Problem, RequestRefused, pointer

MOST_BYTES = 32 * 1024
"""Also what fits one string property of Table Storage (64 KiB of UTF-16)."""
MOST_LEVELS = 16

_PASSWORD = re.compile("pass(wor[dt]|wd|phrase|code)|pwd|secret|credential")
"""Searched in letters and digits only, see `_says_password`."""
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_NO_PASSWORDS = frozenset(
    "passwordSecret passwordRotationEnabled activationLockBypassCode lastPasswordChangeDateTime "
    "passwordPolicy secretName deviceRotatesPassword".split()
)
"""Members of our documents and of Graph's whose names only sound like a password."""

type Path = tuple[PathPart, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be. Those of a canonical request, unless said otherwise."""

    bytes: int = MOST_BYTES
    levels: int = MOST_LEVELS
    control_characters: bool = False
    """Whether texts may hold raw tabs and line ends."""
    unfilled_passwords: bool = False
    """Whether a member may be named like a password when nothing is in it: forms have such."""


class _Fault:
    """Stands in a parsed document where something was wrong, so that its path can be told.

    `hidden` are the values that the fault took out of the document: they are searched for
    passwords as well.
    """

    def __init__(self, code: str, detail: str, hidden: list[Any]) -> None:
        self.code, self.detail, self.hidden = code, detail, hidden


REQUEST = Limits()


def read_document(body: bytes, limits: Limits = REQUEST) -> Any:
    """Parse `body` strictly.

    Raises RequestRefused: 413 when too large, 422 for a password, 400 for everything else.
    """
    if len(body) > limits.bytes:
        raise _refused(413, "too-large", (), f"The body may have {limits.bytes} bytes at most.")
    if not body.strip():
        raise _refused(400, "empty-body", (), "Send a JSON object, with a Content-Length header.")
    document = _parse(body, limits)
    _refuse_passwords(document, limits)
    for path, value in _walk(document):
        _check(path, value, limits.levels)
    return document


def may_hold_password(body: bytes) -> bool:
    """Whether a body that was refused must not be kept: it speaks of a password somewhere.

    Searched as text, because it may not be JSON, and on the safe side: a body in another encoding
    than UTF-8, or compressed, cannot be searched.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return True
    return _says_password(_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text))


def _says_password(text: str) -> bool:
    """Whether the text names a password in whatever spelling: pass_word, Pass-Word, full width."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return _PASSWORD.search("".join(filter(str.isalnum, plain))) is not None


def _parse(body: bytes, limits: Limits) -> Any:
    try:
        return json.loads(
            body.decode(),
            object_pairs_hook=_members,
            parse_constant=_constant,
            strict=not limits.control_characters,
        )
    except RecursionError:
        raise _refused(400, "too-deep", (), f"Nest {limits.levels} levels at most.") from None
    except json.JSONDecodeError as error:
        detail = f"It is not JSON from line {error.lineno}, column {error.colno} on."
        raise _refused(400, "not-json", (), detail) from None
    except ValueError:
        detail = "The body is not one JSON document in UTF-8."
        raise _refused(400, "not-json", (), detail) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        detail = "The member stands more than once in its object; send it once."
        values: dict[str, list[Any]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        for name, several in values.items():
            if len(several) > 1:
                members[name] = _Fault("duplicate-member", detail, several)
    return members


def _constant(_: str) -> _Fault:
    return _Fault("not-a-number", "NaN and the infinities are not JSON.", [])


def _walk(document: Any) -> Iterator[tuple[Path, Any]]:
    stack: list[tuple[Path, Any]] = [((), document)]
    while stack:
        path, value = stack.pop()
        yield path, value
        if isinstance(value, dict):
            stack.extend(((*path, name), member) for name, member in value.items())
        elif isinstance(value, list):
            stack.extend(((*path, index), member) for index, member in enumerate(value))
        elif isinstance(value, _Fault):
            stack.extend((path, hidden) for hidden in value.hidden)


def _refuse_passwords(document: Any, limits: Limits) -> None:
    for path, value in _walk(document):
        name = path[-1] if path else ""
        if not isinstance(name, str) or name in _NO_PASSWORDS or not _says_password(name):
            continue
        if limits.unfilled_passwords and not _is_filled(value):
            continue
        detail = "A request carries no password; name a Key Vault secret in passwordSecret."
        raise _refused(422, "password-in-request", path, detail)


def _is_filled(value: Any) -> bool:
    """Whether there is a text or a number in it."""
    return any(
        (isinstance(each, str) and each.strip())
        or (isinstance(each, int | float) and not isinstance(each, bool))
        for _, each in _walk(value)
    )


def _check(path: Path, value: Any, levels: int) -> None:
    if isinstance(value, _Fault):
        raise _refused(400, value.code, path, value.detail)
    if len(path) >= levels:
        raise _refused(400, "too-deep", path, f"Nest {levels} levels at most.")
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise _refused(400, "not-a-number", path, "The number is too large to be read.")
    name = path[-1] if path else ""
    if any(isinstance(text, str) and _has_lone_surrogate(text) for text in (value, name)):
        raise _refused(400, "not-unicode", path[:-1], "A text here is not valid Unicode.")


def _has_lone_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _refused(status: int, code: str, path: Path, detail: str) -> RequestRefused:
    return RequestRefused(status, [Problem(code, pointer(path), detail)])
