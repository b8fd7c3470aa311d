"""OpenAPI 3.1 of the HTTP surface."""

from functools import cache

from shared.changes.request import REQUEST
from shared.openapi import bulk_changes, device_accounts, policy, webhooks
from shared.openapi.answers import ACCEPTED, answer, problems
from shared.openapi.schemas import REFS, SCHEMAS, Document, ref


@cache
def document() -> Document:
    """The whole description; the same in every process of one version."""
    request = REQUEST.json_schema(ref_template=REFS)
    schemas = request.pop("$defs")
    schemas["ChangeRequest"] = request
    schemas |= SCHEMAS | policy.schemas() | bulk_changes.schemas() | device_accounts.schemas()
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Sluice",
            "version": "1",
            "description": "The governed gate between tickets, queues, timers and Microsoft Graph.",
        },
        "servers": [{"url": "/api"}],
        "paths": _paths()
        | policy.PATHS
        | bulk_changes.PATHS
        | device_accounts.PATHS
        | webhooks.PATHS,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "functionKey": {"type": "apiKey", "in": "header", "name": "x-functions-key"}
            },
        },
        "security": [{"functionKey": []}],
    }


def _paths() -> Document:
    return {
        "/changes": {
            "post": {
                "operationId": "post_change",
                "summary": "Ask for a change",
                "parameters": [
                    {
                        "name": "Idempotency-Key",
                        "in": "header",
                        "description": "Your name for this request; a repeat finds the change.",
                        "schema": {"type": "string", "minLength": 1, "maxLength": 256},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "description": "Plain, or as the data of a CloudEvent 1.0.",
                    "content": {
                        "application/json": {"schema": ref("ChangeRequest")},
                        "application/cloudevents+json": {"schema": ref("ChangeEvent")},
                    },
                },
                "responses": {
                    "200": answer("A dry run: what would be written", "Planned"),
                    "202": ACCEPTED,
                    **problems(
                        ("400", "The body is not strict JSON, or its event is malformed"),
                        ("403", "The policy does not allow it"),
                        ("413", "The body is too large"),
                        ("415", "The body is not JSON in UTF-8, or a batch"),
                        ("422", "The request cannot be accepted, or its key was used before"),
                        ("503", "Sluice cannot accept anything now"),
                    ),
                },
            }
        },
        "/changes/{id}": {
            "get": {
                "operationId": "get_change",
                "summary": "See what became of a change",
                "parameters": [_ID_IN_PATH],
                "responses": {
                    "200": answer("All that is on record", "Change"),
                    **problems(("404", "There is no such change")),
                    **problems(("503", "The records cannot be read now")),
                },
            }
        },
        "/changes/{id}/cancel": {
            "post": _action(
                "cancel_change",
                "End a change before it is written",
                {"200": answer("Cancelled", "Change")},
                abandon={
                    "type": "boolean",
                    "description": "Also one that a person was asked about.",
                },
            )
        },
        "/changes/{id}/release": {
            "post": _action(
                "release_change",
                "Let a held change go on now",
                {"200": answer("On its way", "Change")},
                window={"type": "boolean", "description": "Even though its window is not open."},
            )
        },
        "/changes/{id}/reverse": {
            "post": _action(
                "reverse_change",
                "Undo a verified patch with a change of its own, or a held rotation",
                {"202": ACCEPTED},
            )
        },
        "/health": {
            "get": {
                "operationId": "get_health",
                "summary": "Whether Sluice can do its work",
                "security": [],
                "responses": {
                    "200": answer("It can", "Health"),
                    "503": answer("It cannot", "Health"),
                },
            }
        },
        "/health/details": {
            "get": {
                "operationId": "get_health_details",
                "summary": "Whether Sluice can do its work, with reasons and permissions",
                "responses": {
                    "200": answer("It can", "HealthDetails"),
                    "503": answer("It cannot", "HealthDetails"),
                },
            }
        },
        "/openapi.json": {
            "get": {
                "operationId": "get_openapi",
                "summary": "This description",
                "security": [],
                "responses": {
                    "200": {
                        "description": "OpenAPI 3.1",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
    }


def _action(name: str, summary: str, answers: Document, **switches: Document) -> Document:
    body = {"type": "object", "properties": switches, "additionalProperties": False}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": [_ID_IN_PATH],
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": {
            **answers,
            **problems(
                ("400", "The body is not strict JSON"),
                ("403", "The policy does not allow it"),
                ("404", "There is no such change"),
                ("409", "Its state does not allow this"),
                ("413", "The body is too large"),
                ("422", "The body has other members"),
                ("503", "Sluice cannot do this now"),
            ),
        },
    }


_ID_IN_PATH: Document = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "format": "uuid"},
}
