"""Ask for the rotation of one account, now."""

import json

from shared.changes.document import read_document
from shared.changes.problems import Problem, RequestRefused, pointer
from shared.intake.accept import Accepted, Intake
from shared.register.edit import known
from shared.register.ports import Register
from shared.register.settled import asked_for

OPERATION = "rotateDeviceAccount"
_MEMBERS = ("reason", "ticket", "notBefore", "notAfter")


async def rotate(
    register: Register, intake: Intake, wanted: str, body: bytes, *, source: str, key: str | None
) -> Accepted:
    """Accept the rotation of the account with this id, or find it by its key.

    The body is empty, or an object with what a change says for people and of its window. Raises
    RequestRefused: 404, or as a change does.
    """
    asked = _options(body)
    entry = await known(register, wanted)
    request = {"operation": OPERATION, "target": {"account": entry.document.account}, **asked}
    accepted = await intake.accept(json.dumps(request).encode(), source=source, key=key)
    if not accepted.operation.state.ended:
        await asked_for(register, entry, accepted.operation.id)
    return accepted


def _options(body: bytes) -> dict[str, object]:
    document = read_document(body) if body.strip() else {}
    if not isinstance(document, dict):
        raise RequestRefused(422, [Problem("wrong-type", "", "Send a JSON object, or nothing.")])
    unknown = [name for name in document if name not in _MEMBERS]
    if unknown:
        detail = "There is no such member here."
        problems = [Problem("unknown-member", pointer((name,)), detail) for name in unknown[:20]]
        raise RequestRefused(422, problems)
    return document
