"""The routes of bulk changes."""

from shared.bulk.request import Bounds, Resumption
from shared.bulk.targets_page import PAGE
from shared.bulk.view import STATES
from shared.changes.states import State
from shared.openapi.answers import ACCEPTED, answer, problems
from shared.openapi.schemas import Document, ref

_TEXT: Document = {"type": "string"}
_MAYBE_TEXT: Document = {"type": ["string", "null"]}
_TIME: Document = {"type": "string", "format": "date-time"}
_WHOLE: Document = {"type": "integer", "minimum": 0}
_INDEX: Document = {"type": "integer", "minimum": 0, "description": "Of the target, from 0."}


def _object(*names: str, **properties: Document) -> Document:
    required = [name for name in properties if name not in names]
    return {"type": "object", "required": required, "properties": properties}


def schemas() -> Document:
    """What a request may say beside the change, and what is answered."""
    targets = {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": 10_000}
    bounds = Bounds.model_json_schema()["properties"]
    return {
        "BulkRequest": {
            "type": "object",
            "description": "A ChangeRequest without `target` and `plan`, and with `targets`.",
            "required": ["operation", "targets"],
            "properties": {"operation": _TEXT, "set": {"type": "object"}, "targets": targets}
            | bounds,
        },
        "Resumption": Resumption.model_json_schema(),
        "BulkPlans": _object(
            targets=_WHOLE,
            plans={
                "type": "array",
                "items": {"allOf": [ref("Planned"), _object(index=_INDEX)]},
                "description": "Of the targets that would go first.",
            },
        ),
        "BulkChange": _BULK_CHANGE,
        "BulkTargets": _object(
            targets={
                "type": "array",
                "items": _object(
                    index=_INDEX,
                    target={"type": "object"},
                    state={"type": "string", "enum": list(STATES)},
                    change=_MAYBE_TEXT | {"description": "The id of its change."},
                    code=_MAYBE_TEXT | {"description": "Of its failure."},
                ),
                "maxItems": PAGE,
            },
            after={"type": ["integer", "null"], "description": "For the next page."},
        ),
    }


_BULK_CHANGE = _object(
    "set",
    "reason",
    id={"type": "string", "format": "uuid"},
    state={"type": "string", "enum": [str(state) for state in State]},
    operation=_TEXT,
    set={"type": "object"},
    reason=_TEXT,
    ticket={"anyOf": [ref("Ticket"), {"type": "null"}]},
    source=_TEXT,
    key=_MAYBE_TEXT,
    targets=_WHOLE,
    counts=_object(**dict.fromkeys(STATES, _WHOLE)),
    canary=_object(targets=_WHOLE, over={"type": "boolean"}),
    failureShare={"type": "number", "description": "It halts when a greater share fails."},
    cancelling={"type": "boolean"},
    acceptedAt=_TIME,
    updatedAt=_TIME,
    failure={"anyOf": [_object(code=_TEXT, detail=_TEXT, at=_TIME), {"type": "null"}]},
    failures={
        "type": "array",
        "items": _object(index=_INDEX, change=_MAYBE_TEXT, code=_MAYBE_TEXT, detail=_MAYBE_TEXT),
        "description": "The first of the targets that have failed.",
    },
    timeline={
        "type": "array",
        "items": _object(state=_TEXT, at=_TIME, detail=_TEXT),
    },
)

_ID: Document = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
_UNKNOWN = problems(("404", "There is no such bulk change"))
_UNAVAILABLE = problems(("503", "Sluice cannot do this now"))
_REQUEST = {"schema": ref("BulkRequest")}
_FORM: Document = {
    "schema": {
        "type": "object",
        "required": ["change", "targets"],
        "properties": {
            "change": _TEXT | {"description": "The request in JSON, without `targets`."},
            "targets": _TEXT | {"description": "CSV: a header with members of a target."},
        },
    }
}

_POST: Document = {
    "operationId": "post_bulk_change",
    "summary": "Ask for one change of many targets",
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "description": "Your name for this request; a repeat finds the bulk change.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 256},
        }
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": _REQUEST, "multipart/form-data": _FORM},
    },
    "responses": {
        "200": answer("A dry run: what would be written first", "BulkPlans"),
        "202": ACCEPTED,
        **problems(
            ("400", "The body is not strict JSON, or the key is malformed"),
            ("403", "The policy does not allow it"),
            ("413", "The body is too large"),
            ("415", "The body is neither application/json nor a form"),
            ("422", "The change or a target cannot be accepted, or the key was used before"),
        ),
        **_UNAVAILABLE,
    },
}
_GET: Document = {
    "operationId": "get_bulk_change",
    "summary": "See how far a bulk change has come",
    "parameters": [_ID],
    "responses": {"200": answer("How far", "BulkChange"), **_UNKNOWN, **_UNAVAILABLE},
}
_TARGETS: Document = {
    "operationId": "get_bulk_targets",
    "summary": "See what became of its targets, page by page",
    "parameters": [
        _ID,
        {"name": "after", "in": "query", "schema": _WHOLE},
        {"name": "state", "in": "query", "schema": {"type": "string", "enum": list(STATES)}},
    ],
    "responses": {
        "200": answer("A page", "BulkTargets"),
        **problems(("400", "The query is wrong")),
        **_UNKNOWN,
        **_UNAVAILABLE,
    },
}


def _action(name: str, summary: str, body: Document) -> Document:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_ID],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {
            "200": answer("How far it has come", "BulkChange"),
            **problems(
                ("400", "The body is not strict JSON"),
                ("409", "Its state does not allow this"),
                ("413", "The body is too large"),
                ("422", "The body has other members"),
            ),
            **_UNKNOWN,
            **_UNAVAILABLE,
        },
    }


_NOTHING: Document = {"type": "object", "additionalProperties": False}

PATHS: Document = {
    "/bulk-changes": {"post": _POST},
    "/bulk-changes/{id}": {"get": _GET},
    "/bulk-changes/{id}/targets": {"get": _TARGETS},
    "/bulk-changes/{id}/cancel": {
        "post": _action("cancel_bulk_change", "Begin no more targets, cancel others", _NOTHING)
    },
    "/bulk-changes/{id}/resume": {
        "post": _action("resume_bulk_change", "Go on after a halt", ref("Resumption"))
    },
}
