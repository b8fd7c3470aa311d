"""The paths of webhooks. What a payload is, the file of its source says."""

from shared.openapi.answers import answer, problems
from shared.openapi.schemas import Document

_SOURCE: Document = {
    "name": "source",
    "in": "path",
    "required": True,
    "description": "The name of an enabled source file.",
    "schema": {"type": "string", "pattern": "^[a-z][a-z0-9-]{0,31}$"},
}
_BODY: Document = {
    "required": True,
    "description": "What the tool sends, plain or as a CloudEvent 1.0 (structured or binary).",
    "content": {
        media_type: {"schema": {"type": "object"}}
        for media_type in ("application/json", "application/cloudevents+json")
    },
}

PATHS: Document = {
    "/webhooks/{source}": {
        "post": {
            "operationId": "post_webhook",
            "summary": "Take what a ticket asks for, as its tool sends it",
            "security": [],
            "parameters": [_SOURCE],
            "requestBody": _BODY,
            "responses": {
                "202": answer("Accepted, there already, or not for Sluice", "Received"),
                **problems(
                    ("400", "The body is empty or not strict JSON, or its event is malformed"),
                    ("401", "The sender is not known: the source or the proof is wrong"),
                    ("403", "The policy does not allow what the ticket asks for"),
                    ("413", "The body is too large"),
                    ("415", "The body is not JSON in UTF-8, or a batch"),
                    ("422", "The payload does not become a change"),
                    ("503", "Sluice cannot accept anything now"),
                ),
            },
        },
        "options": {
            "operationId": "options_webhook",
            "summary": "Ask whether events may come (CloudEvents webhook validation)",
            "security": [],
            "parameters": [
                _SOURCE,
                {
                    "name": "WebHook-Request-Origin",
                    "in": "header",
                    "description": "Who wants to send.",
                    "schema": {"type": "string"},
                },
            ],
            "responses": {
                "200": {
                    "description": "They may come",
                    "headers": {
                        name: {"schema": {"type": "string"}}
                        for name in ("Allow", "WebHook-Allowed-Origin", "WebHook-Allowed-Rate")
                    },
                },
                **problems(
                    ("403", "They may not: the source does not name this origin"),
                    ("503", "Sluice cannot tell now"),
                ),
            },
        },
    },
    "/webhooks/{source}/validate": {
        "post": {
            "operationId": "validate_webhook",
            "summary": "See what a payload would become; nothing is queued",
            "parameters": [_SOURCE],
            "requestBody": _BODY,
            "responses": {
                "200": answer("What it would become, and why not", "Explained"),
                **problems(("404", "There is no such source"), ("503", "Sluice cannot tell now")),
            },
        }
    },
}
