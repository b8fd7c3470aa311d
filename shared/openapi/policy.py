"""The routes of the kill switch and the brakes, and what the policy says of a change."""

from shared.actions.brake_requests import OfRule, Turn
from shared.openapi.answers import answer, problems
from shared.openapi.schemas import Document, ref

_TEXT: Document = {"type": "string"}
_TIME: Document = {"type": "string", "format": "date-time"}
_MAYBE_TEXT: Document = {"type": ["string", "null"]}
_MAYBE_TIME: Document = {"type": ["string", "null"], "format": "date-time"}
_WHOLE: Document = {"type": "integer", "minimum": 0}


def _object(**properties: Document) -> Document:
    return {"type": "object", "required": [*properties], "properties": properties}


def schemas() -> Document:
    """What is asked for and answered."""
    return {
        "KillSwitchTurn": Turn.model_json_schema(),
        "OfRule": OfRule.model_json_schema(),
        "KillSwitch": _object(on={"type": "boolean"}, since=_MAYBE_TIME, reason=_MAYBE_TEXT),
        "Decision": _object(
            outcome={"type": "string", "enum": ["allow", "hold", "deny"]},
            rule=_TEXT,
            policy=_TEXT | {"description": "The SHA-256 of the policy file."},
            at=_TIME,
            releasedAt=_MAYBE_TIME,
        ),
        "PlanToApprove": _object(
            hash=_MAYBE_TEXT,
            plan={"anyOf": [ref("Plan"), {"type": "null"}]},
            at=_MAYBE_TIME,
            approvedAt=_MAYBE_TIME,
        ),
        "Brakes": _object(
            killSwitch=ref("KillSwitch"),
            brakes={
                "type": "array",
                "items": _object(name=_TEXT, engagedAt=_MAYBE_TIME, devices=_WHOLE, minutes=_WHOLE),
            },
            held={
                "type": "object",
                "additionalProperties": _WHOLE,
                "description": "How many changes each rule holds.",
            },
            changes={
                "type": "array",
                "items": _object(id=_TEXT | {"format": "uuid"}, rule=_TEXT, heldAt=_TIME),
                "description": "The oldest of them.",
            },
        ),
        "Decided": _object(
            rule=_TEXT,
            decided=_WHOLE,
            left=_WHOLE | {"description": "Ask again while there are any."},
        ),
    }


def _post(name: str, summary: str, body: str, answered: str) -> Document:
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref(body)}},
        },
        "responses": {
            "200": answer("Done", answered),
            **problems(
                ("400", "The body is not strict JSON"),
                ("404", "Nothing has this name"),
                ("409", "The kill switch is on"),
                ("413", "The body is too large"),
                ("422", "The body has other members"),
                ("503", "Sluice cannot do this now"),
            ),
        },
    }


PATHS: Document = {
    "/brake": {
        "get": {
            "operationId": "get_brake",
            "summary": "See how kill switch and brakes stand, and what is held",
            "responses": {
                "200": answer("How they stand", "Brakes"),
                **problems(("503", "Sluice cannot tell now")),
            },
        },
        "post": _post("post_brake", "Turn the kill switch", "KillSwitchTurn", "KillSwitch"),
    },
    "/brake/release": {
        "post": _post("release_brake", "Let go a brake, and what a rule holds", "OfRule", "Decided")
    },
    "/brake/cancel": {
        "post": _post("cancel_held", "Give up what a rule holds", "OfRule", "Decided")
    },
}
