"""Dead letters for people: a list with reasons, and redrive."""

import asyncio
import json

from shared import composition
from shared.deadletters.browse import DeadLetter
from shared.deadletters.redrive import Result


async def show(queues: list[str], *, as_json: bool) -> int:
    """Print every dead letter of these queues, queue by queue, oldest first."""
    try:
        # At once, because the SDK takes about a second to open and close one.
        found = await asyncio.gather(*(_letters(queue) for queue in queues))
    finally:
        await composition.close()
    count = 0
    for letters in found:
        for letter in letters:
            count += 1
            print(json.dumps(_columns(letter)) if as_json else _line(letter))
    if not as_json:
        print(f"{count} dead letter{'' if count == 1 else 's'}")
    return 0


async def redrive(queues: list[str], only: str | None) -> int:
    """Redrive all dead letters of these queues, or only those with that id."""
    try:
        redriver = composition.redriver()
        found = await asyncio.gather(*(redriver.redrive(queue, only) for queue in queues))
    finally:
        await composition.close()
    results = [result for one in found for result in one]
    for letter_id, result in results:
        print(f"{letter_id}  {result}")
    if only is not None and not results:
        print(f"no dead letter has the id {only}")
        return 1
    return 0 if all(r in (Result.REDRIVEN, Result.ALREADY) for _, r in results) else 1


async def _letters(queue: str) -> list[DeadLetter]:
    return [letter async for letter in composition.redriver().letters.browse(queue)]


def _columns(letter: DeadLetter) -> dict[str, object]:
    dead = letter.dead
    return {
        "queue": dead.message.queue,
        "id": letter.id,
        "messageId": dead.message.id,
        "sequenceNumber": dead.sequence_number,
        "enqueuedAt": dead.enqueued_at.isoformat() if dead.enqueued_at else None,
        "deliveryCount": dead.delivery_count,
        "operation": letter.operation.request["operation"] if letter.operation else None,
        "code": letter.code,
        "detail": letter.detail,
        "brokerReason": dead.reason,
    }


def _line(letter: DeadLetter) -> str:
    columns = _columns(letter)
    kind = columns["operation"] or "message"
    return f"{columns['queue']:8}  {columns['id']}  {kind}  {columns['code']}: {columns['detail']}"
