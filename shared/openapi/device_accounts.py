"""The routes of the register of device accounts."""

from shared.openapi.answers import ACCEPTED, answer, problems
from shared.openapi.schemas import REFS, Document, ref
from shared.register.document import DeviceAccountDocument
from shared.register.entry import EntryState

_TEXT: Document = {"type": "string"}
_WHOLE: Document = {"type": "integer"}
_MAYBE_TIME: Document = {"type": ["string", "null"], "format": "date-time"}
_UNAVAILABLE = problems(("503", "Sluice cannot do this now"))


def schemas() -> Document:
    """The document that a PUT takes, and what is answered."""
    taken = DeviceAccountDocument.model_json_schema(ref_template=REFS)
    inner = taken.pop("$defs")
    names = ("due", "scheduled", "verifiedAt", "endedAt")
    rotation = {
        "type": "object",
        "required": ["state", *names, "operation", "detail"],
        "properties": {
            "state": {"type": "string", "enum": [str(state) for state in EntryState]},
            **dict.fromkeys(names, _MAYBE_TIME),
            "operation": {"type": ["string", "null"], "description": "The change that rotates it."},
            "detail": _TEXT,
        },
    }
    members = {"id": _TEXT, **taken["properties"], "rotation": rotation}
    counts = ("created", "updated", "unchanged")
    return {
        **inner,
        "DeviceAccountDocument": taken,
        "DeviceAccount": {"type": "object", "required": list(members), "properties": members},
        "DeviceAccounts": {
            "type": "object",
            "required": ["deviceAccounts", "after"],
            "properties": {
                "deviceAccounts": {"type": "array", "items": ref("DeviceAccount")},
                "after": {
                    "type": ["string", "null"],
                    "description": "For the next page; null on the last one.",
                },
            },
        },
        "Imported": {
            "type": "object",
            "required": [*counts, "dryRun"],
            "properties": {
                **dict.fromkeys(counts, _WHOLE),
                "dryRun": {"type": "boolean"},
            },
        },
    }


def _query(name: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "schema": schema}


def _header(name: str, description: str) -> Document:
    return {"name": name, "in": "header", "description": description, "schema": _TEXT}


def _page(largest: int) -> list[Document]:
    whole = {"type": "integer", "minimum": 1, "maximum": largest}
    return [_query("top", whole), _query("after", _TEXT)]


def _with(description: str, *headers: str) -> Document:
    return answer(description, "DeviceAccount") | {
        "headers": {name: {"schema": _TEXT} for name in headers}
    }


_ID: Document = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The account in lower case, with ! for a backslash and = for a #.",
    "schema": _TEXT,
}
_IF_MATCH = _header("If-Match", "The ETag of what was read.")
_IF_NONE_MATCH = _header("If-None-Match", "`*`: only if there is none.")
_CSV: Document = {"text/csv": {"schema": _TEXT}}

_LIST: Document = {
    "operationId": "list_device_accounts",
    "summary": "A page of the register",
    "parameters": _page(1_000),
    "responses": {
        "200": answer("A page", "DeviceAccounts"),
        **problems(("400", "The query is wrong")),
        **_UNAVAILABLE,
    },
}
_GET: Document = {
    "operationId": "get_device_account",
    "summary": "One device account, and what became of its rotations",
    "parameters": [_ID],
    "responses": {
        "200": _with("The account", "ETag"),
        **problems(("404", "There is no such account")),
        **_UNAVAILABLE,
    },
}
_PUT: Document = {
    "operationId": "put_device_account",
    "summary": "Register an account, or replace what is said of it",
    "parameters": [_ID, _IF_MATCH, _IF_NONE_MATCH],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": ref("DeviceAccountDocument")}},
    },
    "responses": {
        "200": _with("Replaced", "ETag", "Location"),
        "201": _with("Registered", "ETag", "Location"),
        **problems(
            ("400", "The body is not strict JSON"),
            ("409", "Another account has the secret's name, or a rotation is under way"),
            ("412", "It is not as If-Match or If-None-Match expects it"),
            ("413", "The body is too large"),
            ("415", "The body is not application/json"),
            ("422", "The document cannot be accepted"),
        ),
        **_UNAVAILABLE,
    },
}
_DELETE: Document = {
    "operationId": "delete_device_account",
    "summary": "Forget an account; its secret stays in the vault",
    "parameters": [_ID, _IF_MATCH],
    "responses": {
        "204": {"description": "Forgotten"},
        **problems(
            ("404", "There is no such account"),
            ("409", "A rotation is under way"),
            ("412", "It is not as If-Match expects it"),
        ),
        **_UNAVAILABLE,
    },
}
_ROTATE: Document = {
    "operationId": "rotate_device_account",
    "summary": "Ask for a new password now",
    "parameters": [_ID, _header("Idempotency-Key", "Your name for this request.")],
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "reason": {"type": "string", "maxLength": 1024},
                        "ticket": ref("Ticket"),
                        "notBefore": {"type": "string", "format": "date-time"},
                        "notAfter": {"type": "string", "format": "date-time"},
                    },
                    "additionalProperties": False,
                }
            }
        }
    },
    "responses": {
        "202": ACCEPTED,
        **problems(
            ("400", "The body is not strict JSON"),
            ("403", "The policy does not allow it"),
            ("404", "There is no such account"),
            ("413", "The body is too large"),
            ("422", "The request cannot be accepted, or its key was used before"),
        ),
        **_UNAVAILABLE,
    },
}
_IMPORT: Document = {
    "operationId": "import_device_accounts",
    "summary": "Register what a CSV file says, all of it or nothing",
    "parameters": [_query("dryRun", {"type": "boolean"})],
    "requestBody": {"required": True, "content": _CSV},
    "responses": {
        "200": answer("What was written, or would be", "Imported"),
        **problems(
            ("400", "The body is not UTF-8"),
            ("413", "The file is too large"),
            ("415", "The body is not text/csv"),
            ("422", "Faults, each by its line and column: nothing was written"),
        ),
        **_UNAVAILABLE,
    },
}
_EXPORT: Document = {
    "operationId": "export_device_accounts",
    "summary": "The register as CSV; Link tells where to go on",
    "parameters": _page(10_000),
    "responses": {
        "200": {"description": "As an import takes it", "content": _CSV},
        **problems(("400", "The query is wrong")),
        **_UNAVAILABLE,
    },
}

PATHS: Document = {
    "/device-accounts": {"get": _LIST},
    "/device-accounts/export": {"get": _EXPORT},
    "/device-accounts/import": {"post": _IMPORT},
    "/device-accounts/{id}": {"get": _GET, "put": _PUT, "delete": _DELETE},
    "/device-accounts/{id}/rotate": {"post": _ROTATE},
}
