"""The request for a bulk change: one change without its target, and many targets.

Each target makes the same canonical request as if it had been asked for alone, and has to be as
good. All are checked before anything is recorded, so that none is written of a list that is wrong.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import GenericAlias
from typing import Annotated, Any, cast, get_args, get_type_hints

from pydantic import Field, TypeAdapter, ValidationError

from shared.changes.addresses import address_of
from shared.changes.document import Limits, read_document
from shared.changes.operation import Json
from shared.changes.problems import Problem, RequestRefused
from shared.changes.request import ChangeRequest, canonical, read_request
from shared.changes.targets import Model
from shared.changes.validation import MOST_PROBLEMS, problem_at, refused

MOST_TARGETS = 10_000
MOST_BYTES = 2 * 1024 * 1024
CANARY = 10
FAILURE_SHARE = 0.05

Share = Annotated[float, Field(ge=0, le=1)]


class Bounds(Model):
    """How carefully the targets are gone through.

    The first `canary` targets have to end before any other is begun; 0 is no canary. It halts when
    more than `failureShare` of the targets that were begun have failed.
    """

    canary: Annotated[int, Field(ge=0, le=MOST_TARGETS)] = CANARY
    failureShare: Share = FAILURE_SHARE


class Resumption(Model):
    """How a bulk change that has halted goes on: with the bound it had, or with another one."""

    failureShare: Share | None = None


@dataclass(frozen=True, slots=True)
class BulkRequest:
    """A request that was found good."""

    first: ChangeRequest
    """The request for the first target."""
    targets: Sequence[Json]
    bounds: Bounds

    @property
    def change(self) -> Json:
        """What is asked for each target, in canonical form."""
        return {name: said for name, said in canonical(self.first).items() if name != "target"}

    @property
    def fingerprint(self) -> str:
        """The same for requests that ask for the same, whatever their spacing or member order."""
        said = [self.change, self.targets, self.bounds.model_dump()]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def kinds(self) -> Iterator[tuple[int, Json]]:
        """The first target of each kind, with its index: the kind decides on the route."""
        seen = set()
        for index, target in enumerate(self.targets):
            kind = frozenset(target)
            if kind not in seen:
                seen.add(kind)
                yield index, target


def read_bulk_request(body: bytes) -> BulkRequest:
    """The bulk request that `body` holds.

    Raises RequestRefused with the problems found: of a change as in `read_request`, of its targets
    with the number of those that are wrong.
    """
    document = read_document(body, Limits(bytes=MOST_BYTES))
    if not isinstance(document, dict):
        raise _refused(Problem("wrong-type", "", "Send a JSON object."))
    targets = document.pop("targets", None)
    _check_list(targets)
    bounds = _read(
        Bounds, {name: document.pop(name) for name in Bounds.model_fields if name in document}
    )
    for name in ("target", "plan"):
        if name in document:
            detail = "There is no such member here; a bulk change has targets, and no plan."
            raise _refused(Problem("unknown-member", f"/{name}", detail))
    first = _first(document, targets)
    read = _read_targets(document, targets)
    _refuse_duplicates(read)
    return BulkRequest(first, read, bounds)


def read_share(body: bytes) -> float | None:
    """The `failureShare` of a resumption, None where it has none. Raises RequestRefused."""
    return _read(Resumption, read_document(body) if body.strip() else {}).failureShare


def body_of(change: Json, target: Any) -> bytes:
    """The request for one target, as it would be sent alone."""
    return json.dumps({**change, "target": target}, ensure_ascii=False).encode()


def _check_list(targets: Any) -> None:
    if targets is None:
        raise _refused(Problem("missing-member", "/targets", "The member is required."))
    if not isinstance(targets, list):
        raise _refused(Problem("wrong-type", "/targets", "Send an array of targets."))
    if not 0 < len(targets) <= MOST_TARGETS:
        detail = f"Send 1 to {MOST_TARGETS} targets."
        raise _refused(Problem("invalid-value", "/targets", detail))


def _read[T: Model](kind: type[T], said: Any) -> T:
    try:
        return kind.model_validate_json(json.dumps(said))
    except ValidationError as error:
        raise refused(error, lambda fault: problem_at(fault["loc"], fault)) from None


def _first(change: Json, targets: Sequence[Any]) -> ChangeRequest:
    """The request for the first target, which tells what is wrong with all of them."""
    try:
        return read_request(body_of(change, targets[0]))
    except RequestRefused as refusal:
        if of_change := [each for each in refusal.problems if not _of_target(each)]:
            raise RequestRefused(refusal.status, of_change) from None
        _read_targets(change, targets)
        raise


def _of_target(problem: Problem) -> bool:
    return problem.pointer.split("/")[1:2] == ["target"]


def _read_targets(change: Json, targets: Sequence[Any]) -> list[Json]:
    """All targets in canonical form."""
    kind = _TARGETS[change["operation"]]
    try:
        read = kind.validate_json(json.dumps(targets))
    except ValidationError as error:
        wrong = dict.fromkeys(int(fault["loc"][0]) for fault in error.errors(include_input=False))
        raise RequestRefused(422, _problems_of_targets(change, targets, list(wrong))) from None
    canonical_targets: list[Json] = kind.dump_python(
        read, mode="json", by_alias=True, exclude_unset=True
    )
    return canonical_targets


def _problems_of_targets(
    change: Json, targets: Sequence[Any], wrong: Sequence[int]
) -> list[Problem]:
    """How many are wrong, and what is wrong with the first of them, in the words for one alone."""
    problems = [of_targets(len(wrong), len(targets))]
    for index in wrong[:MOST_PROBLEMS]:
        try:
            read_request(body_of(change, targets[index]))
        except RequestRefused as refusal:
            problems += [at_target(index, each) for each in refusal.problems]
    return problems[:MOST_PROBLEMS]


def of_targets(wrong: int, targets: int) -> Problem:
    """That so many of so many targets are wrong; stands before what is wrong with the first."""
    detail = f"{wrong} of {targets} targets cannot be accepted; the first are named."
    return Problem("targets-refused", "/targets", detail)


def at_target(index: int, problem: Problem) -> Problem:
    """What is wrong with the request for one target, as a problem of the whole request."""
    if not _of_target(problem):
        return problem
    rest = problem.pointer.removeprefix("/target")
    return Problem(problem.code, f"/targets/{index}{rest}", problem.detail)


def _refuse_duplicates(targets: Sequence[Json]) -> None:
    seen: dict[str, int] = {}
    problems = []
    for index, target in enumerate(targets):
        earlier = seen.setdefault(address_of(target), index)
        if earlier != index:
            detail = f"It is the same as /targets/{earlier}; name each once."
            problems.append(Problem("duplicate-target", f"/targets/{index}", detail))
    if problems:
        detail = f"{len(problems)} targets are named more than once; the first are listed."
        first = Problem("targets-refused", "/targets", detail)
        raise RequestRefused(422, [first, *problems[: MOST_PROBLEMS - 1]])


def _refused(problem: Problem) -> RequestRefused:
    return RequestRefused(422, [problem])


def _targets_of(kind: type[Model]) -> tuple[str, TypeAdapter[list[Any]]]:
    hints = get_type_hints(kind, include_extras=True)
    return get_args(hints["operation"])[0], TypeAdapter(
        cast("type[list[Any]]", GenericAlias(list, hints["target"]))
    )


_TARGETS = dict(map(_targets_of, get_args(ChangeRequest.__value__)))
"""What reads the targets of an operation, by its name."""
