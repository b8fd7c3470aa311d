"""The error in the body of an answer, wherever it is and if there is one at all.

Source: Microsoft Graph, "Error responses and resource types". Gateways in front of Graph answer
with HTML, with nothing, or with JSON of their own.
"""

import json
from typing import Any


def read_error(body: bytes) -> tuple[str | None, str | None]:
    """The code and the message of `{"error": {"code", "message"}}`; None for what is not there."""
    error = read_object(body).get("error")
    if not isinstance(error, dict):
        return None, None
    code, message = error.get("code"), error.get("message")
    return code if isinstance(code, str) else None, message if isinstance(message, str) else None


def read_object(text: str | bytes) -> dict[str, Any]:
    """The JSON object that this text is, or an empty one."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
