"""HMAC over the parts of a request that its sender signs."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import Hmac, SignedPart, Timestamp
from shared.webhooks.verifiers.verdict import NotConvinced

MOST_SIGNATURES = 8
"""In one header: senders that rotate have two."""


def check_hmac(form: Hmac, delivery: Delivery, secrets: list[bytes], now: datetime) -> None:
    """Raises NotConvinced unless one signature is that of one of the secrets, and in time."""
    given = _header(delivery.headers, form.header)
    if form.timestamp:
        _check_time(_header(delivery.headers, form.timestamp.header), form.timestamp, now)
    signed = b"".join(_part(part, delivery) for part in form.signed)
    candidates = _signatures(form, given)
    # All are compared with all, so that time tells nothing about which one was near.
    same = [
        hmac.compare_digest(hmac.new(_key(form, secret), signed, form.algorithm).digest(), mac)
        for secret in secrets
        for mac in candidates
    ]
    if not any(same):
        raise NotConvinced(f"{form.header} is not the signature of this request")


def _signatures(form: Hmac, given: str) -> list[bytes]:
    parts = given.split(form.separator) if form.separator else [given]
    if len(parts) > MOST_SIGNATURES:
        raise NotConvinced(f"{form.header} holds more than {MOST_SIGNATURES} signatures")
    length = hashlib.new(form.algorithm).digest_size
    found = []
    for part in parts:
        if not part.startswith(form.prefix):
            continue
        mac = _decoded(part.removeprefix(form.prefix), form.encoding)
        if mac and len(mac) == length:
            found.append(mac)
    if not found:
        raise NotConvinced(f"{form.header} holds no {form.algorithm} signature in {form.encoding}")
    return found


def _decoded(text: str, encoding: str) -> bytes | None:
    try:
        data = text.encode("ascii")
        if encoding == "hex":
            return binascii.unhexlify(data)
        return base64.b64decode(data, validate=True)
    except ValueError:
        return None


def _key(form: Hmac, secret: bytes) -> bytes:
    if form.secretEncoding == "text":
        return secret
    key = standard_key(secret)
    if key is None:
        raise NotConvinced("the secret in Key Vault is not base64 of 24 to 64 bytes")
    return key


def standard_key(secret: bytes) -> bytes | None:
    """The key in a secret of Standard Webhooks; None for one that is none."""
    key = _decoded(secret.decode().removeprefix("whsec_"), "base64")
    return key if key and 24 <= len(key) <= 64 else None  # noqa: PLR2004  as the standard says


def _part(part: SignedPart, delivery: Delivery) -> bytes:
    if part.body:
        return delivery.body
    if part.header:
        return _header(delivery.headers, part.header).encode("utf-8", "surrogatepass")
    return (part.text or "").encode()


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "").strip()
    if not value:
        raise NotConvinced(f"the header {name} is missing")
    return value


def _check_time(text: str, form: Timestamp, now: datetime) -> None:
    try:
        if text.isascii() and text.isdigit():
            at = datetime.fromtimestamp(int(text), UTC)
        else:
            at = datetime.fromisoformat(text)
        age = abs(now - at)
    except (ValueError, OverflowError, OSError, TypeError):  # TypeError: a time without an offset
        raise NotConvinced(f"{form.header} is no time") from None
    if age > timedelta(seconds=form.toleranceSeconds):
        raise NotConvinced(f"{form.header} is more than {form.toleranceSeconds} s from now")
