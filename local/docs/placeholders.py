"""What differs in every run, replaced by what stays the same: ids, times, versions of secrets.

And the digest of the policy file, which differs wherever the file does.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_VERSION = re.compile(r"[0-9a-f]{32}")
_BEGIN = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)
_ANY_FILE = f"sha256:{'7a' * 32}"
_ANY_VERSION = "0f3c6a9d2e5b4718a0c3f6e9d2b5a871"


def stable(document: Any, known: str) -> Any:
    """The document with times a second apart and ids of its own; those in `known` stay."""
    texts = list(_texts(document))
    moments = sorted({datetime.fromisoformat(text) for text in texts if _TIME.fullmatch(text)})
    ids = dict.fromkeys(text for text in texts if _ID.fullmatch(text) and text not in known)

    def replaced(text: str) -> str:
        if text in ids:
            return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{known} {list(ids).index(text)}"))
        if _TIME.fullmatch(text):
            after = timedelta(seconds=moments.index(datetime.fromisoformat(text)))
            return f"{_BEGIN + after:%Y-%m-%dT%H:%M:%SZ}"
        return _ANY_VERSION if _VERSION.fullmatch(text) else text

    return _mapped(document, replaced)


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from _texts(inner)


def _mapped(document: Any, text: Callable[[str], str]) -> Any:
    if isinstance(document, str):
        return text(document)
    if isinstance(document, dict):
        mapped = {name: _mapped(member, text) for name, member in document.items()}
        return mapped | ({"policy": _ANY_FILE} if "policy" in mapped else {})
    if isinstance(document, list):
        return [_mapped(item, text) for item in document]
    return document
