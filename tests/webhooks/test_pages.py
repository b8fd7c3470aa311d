"""The pages that say how to write files name every member that a file can have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from gate import ENVIRONMENT
from pydantic import BaseModel

from shared.policy.document import PolicyDocument
from shared.webhooks.source import Source
from shared.webhooks.sources import FOLDER, load

DOCS = Path(__file__).parents[2] / "docs"


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that stand somewhere in a type."""
    annotation = getattr(annotation, "__value__", annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def members(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[str]:
    """The names of all members of a file."""
    if model in seen:
        return set()
    seen.add(model)
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for inner in models(field.annotation):
            found |= members(inner, seen)
    return found


@pytest.mark.parametrize(
    ("file", "pages"),
    [
        (Source, ["webhooks/sources.md", "webhooks/write-back.md"]),
        (PolicyDocument, ["policy.md"]),
    ],
)
def test_every_member_of_a_file_is_on_its_page(file: type[BaseModel], pages: list[str]) -> None:
    text = "".join((DOCS / page).read_text() for page in pages)
    quoted = set(
        re.findall(r"\b\w+\b", " ".join(re.findall(r"```.*?```|`[^`]+`", text, re.DOTALL)))
    )
    assert len(members(file, set())) > 15
    assert sorted(members(file, set()) - quoted) == []


@pytest.mark.parametrize(
    ("page", "source"), [("jira.md", "jira-automation"), ("freshservice.md", "freshservice")]
)
def test_a_set_up_page_names_the_header_that_its_source_expects(page: str, source: str) -> None:
    form = load(FOLDER, source, ENVIRONMENT).source.verify.sharedHeader
    assert form
    text = (DOCS / "webhooks" / page).read_text()
    assert re.search(f"header `{form.header}`", text, re.IGNORECASE)
    assert f"`{form.prefix}<secret>`" in text or not form.prefix
    assert f"https://<app>/api/webhooks/{source}`" in text
    assert all(f"`{slot}`" in text for slot in form.secrets[:1])
