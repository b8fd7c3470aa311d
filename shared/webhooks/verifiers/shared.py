"""Secrets that are sent along: in a header, or as a password (RFC 7617).

They do not cover the body, so prefer a signature or a token where the sender can make one.
"""

import base64
import hashlib
import hmac

from shared.webhooks.delivery import Delivery
from shared.webhooks.verifiers.forms import Basic, SharedHeader
from shared.webhooks.verifiers.verdict import NotConvinced


def check_header(form: SharedHeader, delivery: Delivery, secrets: list[bytes]) -> None:
    """Raises NotConvinced unless the header holds one of the secrets."""
    given = delivery.headers.get(form.header, "")
    if not given.startswith(form.prefix) or len(given) == len(form.prefix):
        raise NotConvinced(f"the header {form.header} is missing, or without its prefix")
    value = given.removeprefix(form.prefix).encode("utf-8", "surrogatepass")
    if not _is_one_of(value, secrets):
        raise NotConvinced(f"the header {form.header} holds another secret")


def check_basic(form: Basic, delivery: Delivery, secrets: list[bytes]) -> None:
    """Raises NotConvinced unless the user name and one of the passwords are right."""
    scheme, _, credentials = delivery.headers.get("authorization", "").partition(" ")
    try:
        pair = base64.b64decode(credentials.strip().encode("ascii"), validate=True)
    except ValueError:
        pair = b""
    if scheme.lower() != "basic" or not pair:
        raise NotConvinced("there is no Authorization header of the scheme Basic")
    user = form.user.encode()
    if not _is_one_of(pair, [user + b":" + secret for secret in secrets]):
        raise NotConvinced("the user name or the password is another")


def _is_one_of(given: bytes, secrets: list[bytes]) -> bool:
    """Compared as digests, so that time tells neither the secrets nor their length."""
    digest = hashlib.sha256(given).digest()
    same = [hmac.compare_digest(digest, hashlib.sha256(each).digest()) for each in secrets]
    return any(same)
