"""What answers have in common, whatever route they are of."""

from shared.openapi.schemas import Document, ref


def answer(description: str, schema: str) -> Document:
    """A JSON answer by one of the schemas."""
    return {
        "description": description,
        "content": {"application/json": {"schema": ref(schema)}},
    }


def problem(description: str) -> Document:
    """An error answer."""
    return {
        "description": description,
        "content": {"application/problem+json": {"schema": ref("Problem")}},
    }


def problems(**told: str) -> Document:
    """Error answers by their status, as `s404="…"`."""
    return {status.removeprefix("s"): problem(text) for status, text in told.items()}


ACCEPTED: Document = {
    **answer("Accepted: recorded, and on its way", "Accepted"),
    "headers": {
        "Location": {"schema": {"type": "string"}},
        "Retry-After": {"schema": {"type": "integer"}},
    },
}
