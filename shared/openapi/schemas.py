"""The schemas of what the HTTP surface answers."""

from typing import Any

from shared.changes.states import State
from shared.planning.plan import Outlook

REFS = "#/components/schemas/{model}"

type Document = dict[str, Any]


def ref(name: str) -> Document:
    """A reference to one of the schemas."""
    return {"$ref": REFS.format(model=name)}


def _object(required: str, **properties: Document) -> Document:
    return {"type": "object", "required": required.split(), "properties": properties}


_TEXT: Document = {"type": "string"}
_TIME: Document = {"type": "string", "format": "date-time"}
_MAYBE_TIME: Document = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_TEXT: Document = {"type": ["string", "null"]}
_STATE: Document = {"type": "string", "enum": [str(state) for state in State]}
_ID: Document = {"type": "string", "format": "uuid"}

_ACCEPTED = _object(
    "id state repeated",
    id=_ID,
    state=_STATE,
    repeated={"type": "boolean", "description": "The same request was accepted before."},
)
_ROUTE = _object("asked used version", asked=_TEXT, used=_TEXT, version=_TEXT)
_CHANGE = _object(
    "id state operation target set source acceptedAt updatedAt attempts timeline calls",
    id=_ID,
    state=_STATE,
    operation=_TEXT,
    target={"type": "object"},
    set={"type": "object"},
    reason=_MAYBE_TEXT,
    ticket={"anyOf": [ref("Ticket"), {"type": "null"}]},
    version=_MAYBE_TEXT,
    allowUnofficialRoute={"type": "boolean"},
    rewriteToOfficialRoute={"type": "boolean"},
    dryRun={"const": False},
    plan=_MAYBE_TEXT | {"description": "The hash of the plan that it was asked for with."},
    source=_TEXT,
    key=_MAYBE_TEXT,
    route={
        "anyOf": [_ROUTE, {"type": "null"}],
        "description": "The route that was asked for and the one that is used, by name.",
    },
    resolved={
        "type": ["object", "null"],
        "description": "What `target` was found to be, in ids, where it names the device.",
    },
    lane=_TEXT,
    acceptedAt=_TIME,
    updatedAt=_TIME,
    dueAt=_MAYBE_TIME,
    waitingFor=_MAYBE_TEXT,
    attempts={"type": "integer"},
    progress={
        "type": ["object", "null"],
        "description": "How far an operation of many steps has come, and with whom.",
    },
    before={"type": ["object", "null"]},
    after={"type": ["object", "null"]},
    failure={
        "anyOf": [_object("code detail at", code=_TEXT, detail=_TEXT, at=_TIME), {"type": "null"}]
    },
    approval={
        "anyOf": [
            _object(
                "code askedAt expiresAt write",
                code=_TEXT,
                askedAt=_TIME,
                expiresAt=_TIME,
                write={"type": "object"},
            ),
            {"type": "null"},
        ],
        "description": "The approval that Microsoft Intune wants, and the write it is for.",
    },
    reverses={**_MAYBE_TEXT, "description": "The change that this one undoes."},
    parent={**_MAYBE_TEXT, "description": "The bulk change that this one is a part of."},
    reversedBy={**_MAYBE_TEXT, "description": "The verified change that undid this one."},
    decision={
        "anyOf": [ref("Decision"), {"type": "null"}],
        "description": "What the policy decided, and by which of its rules.",
    },
    planned={
        "anyOf": [ref("PlanToApprove"), {"type": "null"}],
        "description": "The plan that its ticket has to approve first.",
    },
    timeline={
        "type": "array",
        "items": _object("state at detail", state=_STATE, at=_TIME, detail=_TEXT),
    },
    calls={
        "type": "array",
        "items": _object(
            "at route status requestId clientRequestId",
            at=_TIME,
            route=_TEXT,
            status={"type": "integer"},
            requestId=_MAYBE_TEXT,
            clientRequestId=_TEXT,
        ),
    },
)
_PLAN = _object(
    "route permission target basis changes secret effect code detail",
    route=_ROUTE,
    permission=_TEXT | {"description": "The application permission that the write needs."},
    target={
        "type": "object",
        "description": "What the route that is used is given; empty when no one was found.",
    },
    basis=_MAYBE_TEXT
    | {"description": "The device's operating system, or when its last account action began."},
    changes={
        "type": "array",
        "items": _object(
            "property before after",
            property={"type": "string", "format": "json-pointer", "description": "Into `set`."},
            before={"description": "Null where it is empty, and where Graph does not tell."},
            after={},
        ),
    },
    secret={
        "anyOf": [
            _object(
                "name version readable",
                name=_TEXT,
                version=_MAYBE_TEXT,
                readable={"type": "boolean"},
            ),
            {"type": "null"},
        ],
        "description": "The secret of Key Vault that is needed, never its value.",
    },
    effect={"type": "string", "enum": [str(outlook) for outlook in Outlook]},
    code=_MAYBE_TEXT | {"description": "What it would fail with."},
    detail=_MAYBE_TEXT,
)
_PLANNED = _object(
    "plan hash", plan=_PLAN, hash={"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}
)
_PROBLEM = _object(
    "type title status detail pointer errors",
    type={"type": "string", "format": "uri"},
    title=_TEXT,
    status={"type": "integer"},
    detail=_TEXT,
    pointer={"type": "string", "format": "json-pointer"},
    errors={
        "type": "array",
        "items": _object("code pointer detail", code=_TEXT, pointer=_TEXT, detail=_TEXT),
    },
)
_NAMES: Document = {"type": "array", "items": _TEXT}
_RECEIVED = _object(
    "status reason changes",
    status={"type": "string", "enum": ["accepted", "duplicate", "ignored"]},
    reason=_MAYBE_TEXT | {"description": "Why it was ignored."},
    changes={"type": "array", "items": ref("Accepted")},
)
_EXPLAINED = _object(
    "source file verified notVerified status reason ticket changes problems",
    source=_TEXT,
    file=_TEXT | {"description": "The SHA-256 of the source file."},
    verified={"type": "boolean", "description": "Whether the sender would be believed."},
    notVerified=_MAYBE_TEXT | {"description": "Why it would not."},
    status={"type": "string", "enum": ["accepted", "ignored", "refused"]},
    reason=_MAYBE_TEXT,
    ticket={"type": ["object", "null"]},
    changes={
        "type": "array",
        "items": {"type": "object"},
        "description": "The canonical requests that it becomes.",
    },
    problems={
        "type": "array",
        "items": _object("code pointer detail", code=_TEXT, pointer=_TEXT, detail=_TEXT),
    },
)
_PERMISSIONS = _object(
    "granted missing superfluous broader",
    granted=_NAMES,
    missing=_NAMES | {"description": "The least to grant."},
    superfluous=_NAMES | {"description": "Could be taken away, and everything would still work."},
    broader={
        "type": "object",
        "additionalProperties": _NAMES,
        "description": "Granted in place of lesser ones, which are named.",
    },
)
_STATUS: Document = {"type": "string", "enum": ["ok", "unavailable"]}
_HEALTH = _object(
    "status checks",
    status=_STATUS,
    checks={
        "type": "array",
        "items": _object("name ok", name=_TEXT, ok={"type": "boolean"}),
    },
)
_HEALTH_DETAILS = _object(
    "status checks permissions overdue",
    status=_STATUS,
    checks={
        "type": "array",
        "items": _object("name ok detail", name=_TEXT, ok={"type": "boolean"}, detail=_TEXT),
    },
    permissions={
        "anyOf": [_PERMISSIONS, {"type": "null"}],
        "description": "The application permissions on Graph; null without a token to examine.",
    },
    overdue={
        "type": ["integer", "null"],
        "description": "Accounts whose rotation is overdue; null when they cannot be counted.",
    },
)

_CHANGE_EVENT = _object(
    "specversion id source type data",
    specversion={"const": "1.0"},
    id=_TEXT | {"minLength": 1, "maxLength": 256},
    source=_TEXT | {"minLength": 1, "maxLength": 256},
    type=_TEXT | {"minLength": 1, "maxLength": 256},
    time=_TIME,
    data=ref("ChangeRequest"),
)

SCHEMAS: Document = {
    "ChangeEvent": _CHANGE_EVENT,
    "Accepted": _ACCEPTED,
    "Plan": _PLAN,
    "Planned": _PLANNED,
    "Change": _CHANGE,
    "Received": _RECEIVED,
    "Explained": _EXPLAINED,
    "Problem": _PROBLEM,
    "Health": _HEALTH,
    "HealthDetails": _HEALTH_DETAILS,
}
