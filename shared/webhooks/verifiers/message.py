"""HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530): http-message-signatures.

Its defaults accept a signature that does not cover the body, for a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import MessageSignature
from shared.webhooks.verifiers.verdict import NotConvinced

COVERED = ("@method", "@target-uri", "content-type", "content-digest")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str]


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(self, key_id: str, key: bytes) -> None:
        self._id, self._key = key_id, key

    def resolve_public_key(self, key_id: str) -> bytes | None:
        return self._key if key_id == self._id else None


def check_message(form: MessageSignature, delivery: Delivery, keys: list[bytes]) -> None:
    """Raises NotConvinced unless one of the keys signed this request, body and all, in time."""
    request = _Request(delivery.method, form.url + delivery.target, delivery.headers)
    algorithm = algorithms.HMAC_SHA256 if form.secrets else algorithms.ED25519
    reason = ""
    for key in keys:
        verifier = HTTPMessageVerifier(
            signature_algorithm=algorithm,
            key_resolver=_OneKey(form.keyId, key),
        )
        try:
            verifier.verify(
                request,
                max_age=timedelta(seconds=form.toleranceSeconds),
                expect_tag=form.tag,
                require_components=COVERED,
                body=delivery.body,
            )
        except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError) as error:
            reason = type(error).__name__
        else:
            return
    raise NotConvinced(f"the message signature is not good: {reason}")
