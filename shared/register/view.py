"""An entry as people see it: the answer of GET /api/device-accounts/{id}."""

from shared.changes.operation import Json
from shared.changes.times import in_utc
from shared.register.entry import Entry


def view(entry: Entry) -> Json:
    """The document with its defaults, and what is known of its rotations. Holds no secret."""
    document = entry.document.model_dump(mode="json", by_alias=True)
    rotation = {
        "state": str(entry.state),
        "due": in_utc(entry.due),
        "scheduled": in_utc(entry.scheduled),
        "operation": entry.operation,
        "verifiedAt": in_utc(entry.verified_at),
        "endedAt": in_utc(entry.ended_at),
        "detail": entry.detail,
    }
    return {"id": entry.id, **document, "secretName": entry.secret_name, "rotation": rotation}
