"""What pydantic finds wrong with a document, as problems: the same words for every document."""

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from shared.changes.problems import PathPart, Problem, RequestRefused, pointer

MOST_PROBLEMS = 20
"""Told of one request: an answer, an outcome and a record have to hold them."""

_WORDS = {
    "missing": ("missing-member", "The member is required."),
    "extra_forbidden": ("unknown-member", "There is no such member here."),
}
OF_OUR_MODELS = frozenset(
    "nothing_to_set one_identifier contradictory_window unknown_time_zone empty_window "
    "devices_missing devices_not_set".split()
)
"""Errors of our models, which have words and a code of their own."""

type Fault = Any
"""An error of pydantic's, as `ValidationError.errors` tells it."""
type Path = tuple[PathPart, ...]


def refused(error: ValidationError, problem_of: Callable[[Fault], Problem]) -> RequestRefused:
    """The refusal of a document in which pydantic found this; repeats no value."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return RequestRefused(422, [problem_of(fault) for fault in faults[:MOST_PROBLEMS]])


def problem_at(path: Path, fault: Fault) -> Problem:
    """The problem that an error stands for, at its path in the document."""
    kind, message = fault["type"], fault["msg"]
    if kind in _WORDS:
        code, detail = _WORDS[kind]
        return Problem(code, pointer(path), detail)
    if kind in OF_OUR_MODELS:
        return Problem(kind.replace("_", "-"), pointer(path), message)
    code = "wrong-type" if kind.endswith("_type") else "invalid-value"
    return Problem(code, pointer(path), message.rstrip(".") + ".")
