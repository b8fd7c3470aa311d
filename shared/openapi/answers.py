"""What operations answer, as OpenAPI has it."""

from shared.openapi.schemas import Document, ref


def answer(description: str, schema: str) -> Document:
    """An answer in JSON, of one of the schemas."""
    return {
        "description": description,
        "content": {"application/json": {"schema": ref(schema)}},
    }


def problems(*told: tuple[str, str]) -> Document:
    """The refusals (RFC 9457) of an operation: status, and what it means there."""
    return {
        status: {
            "description": description,
            "content": {"application/problem+json": {"schema": ref("Problem")}},
        }
        for status, description in told
    }


ACCEPTED: Document = {
    **answer("Accepted: recorded, and on its way", "Accepted"),
    "headers": {
        "Location": {"schema": {"type": "string"}},
        "Retry-After": {"schema": {"type": "integer"}},
    },
}
