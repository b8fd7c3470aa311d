"""The bodies of what a person does about the kill switch and the brakes."""

from typing import Annotated

from pydantic import StringConstraints, ValidationError

from shared.changes.document import read_document
from shared.changes.targets import Model
from shared.changes.validation import problem_at, refused


class Turn(Model):
    """Turn the kill switch; `reason` is for those who find it so."""

    on: bool
    reason: Annotated[str, StringConstraints(max_length=256)] | None = None


class OfRule(Model):
    """A brake, or another part of the policy file that holds changes, by its name."""

    rule: Annotated[str, StringConstraints(min_length=1, max_length=64)]


def read_turn(body: bytes) -> Turn:
    """What to turn the kill switch to. Raises RequestRefused: 400, 413 or 422."""
    return _read(Turn, body)


def read_rule(body: bytes) -> str:
    """The name of the rule. Raises RequestRefused: 400, 413 or 422."""
    return _read(OfRule, body).rule


def _read[T: Model](kind: type[T], body: bytes) -> T:
    document = read_document(body)
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        raise refused(error, lambda fault: problem_at(fault["loc"], fault)) from None
