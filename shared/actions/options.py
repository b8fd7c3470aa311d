"""The body of an action: nothing, or an object of switches."""

from shared.changes.document import read_document
from shared.changes.problems import Problem, RequestRefused, pointer


def read_options(body: bytes, *names: str) -> dict[str, bool]:
    """The switches with these names, false where the body does not set them.

    Raises RequestRefused: 400, 413 or 422.
    """
    document = read_document(body) if body.strip() else {}
    if not isinstance(document, dict):
        raise RequestRefused(422, [Problem("wrong-type", "", "Send a JSON object, or nothing.")])
    problems = [
        Problem("wrong-type", pointer((name,)), "Write true or false.")
        if name in names
        else Problem("unknown-member", pointer((name,)), "There is no such member here.")
        for name, value in document.items()
        if name not in names or not isinstance(value, bool)
    ]
    if problems:
        raise RequestRefused(422, problems)
    return {name: document.get(name, False) for name in names}
