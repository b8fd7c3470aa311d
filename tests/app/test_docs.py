"""The pages say what the code does: what is made from it is up to date, and every code is told."""

import ast
import asyncio
import re
from collections import defaultdict
from pathlib import Path

import pytest

from local.docs.codes import documented
from local.docs.pages import FOLDER, pages
from local.up.blocking import BlockingStack
from shared.changes.validation import OF_OUR_MODELS
from shared.clouds import CLOUDS
from shared.graph.routes import ROUTES, WRITES
from shared.quota.quotas import QUOTAS

ROOT = FOLDER.parent
MADE = ["routes.md", *sorted(f"operations/{page.name}" for page in FOLDER.glob("operations/*.md"))]
CODE = re.compile(r"[a-z]+(-[a-z]+)+")
HEADER = re.compile(
    r"x-.*|(client-)?request-id|content-.*|idempotency-key|retry-after|webhook-.*|if-(none-)?match"
)
NO_CODES = {
    *(*ROUTES, *CLOUDS, *QUOTAS),
    *(
        "azure-cli",
        "bulk-changes",
        "date-time",
        "kill-switch",
        "no-rule",
        "source-budget",
        "sluice-asks-whether-it-may-read",
        "device-accounts",
        "json-pointer",
        "rotated-at",
        "verified-at",
    ),
}
RAISERS = {"Problem", "Permanent", "Transient", "Reject"}
"""What takes a code first, which then may be one word."""


@pytest.fixture(scope="module")
def made(stack: BlockingStack) -> dict[str, str]:
    return asyncio.run(pages(stack.endpoints))


@pytest.mark.parametrize("name", MADE)
def test_what_is_made_from_the_code_is_up_to_date(made: dict[str, str], name: str) -> None:
    assert (FOLDER / name).read_text() == made[name], "run: make docs"


def test_every_operation_that_is_one_write_has_a_page() -> None:
    titles = {page.read_text().partition("\n")[0] for page in FOLDER.glob("operations/*.md")}
    assert titles >= {f"# {write.operation}" for write in WRITES}


def codes_in_the_code() -> dict[str, set[str]]:
    """Every text that looks like a code, and where it stands."""
    found: dict[str, set[str]] = defaultdict(set)
    found |= {kind.replace("_", "-"): {"our models"} for kind in OF_OUR_MODELS}
    for path in (*ROOT.glob("shared/**/*.py"), *ROOT.glob("functions/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            for text in texts(node):
                found[text].add(str(path.relative_to(ROOT)))
    return found


def texts(node: ast.AST) -> list[str]:
    match node:
        case ast.Constant(value=str() as text) if CODE.fullmatch(text):
            return [] if text in NO_CODES or HEADER.fullmatch(text) else [text]
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str() as text), *_]):
            return [text] if name in RAISERS else []
    return []


def test_every_code_is_documented() -> None:
    missing = {
        code: where for code, where in codes_in_the_code().items() if code not in documented()
    }
    assert not missing, "give each a row in docs/errors.md, or name it in NO_CODES"


def test_every_documented_code_exists() -> None:
    of_graph = re.compile(r"graph-[345]")
    known = {code for code in documented() if not of_graph.match(code)}
    assert known <= codes_in_the_code().keys()


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_link_between_the_pages_leads_somewhere() -> None:
    for page in (*ROOT.glob("*.md"), *FOLDER.glob("**/*.md")):
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text()):
            if "://" in link:
                continue
            name, _, anchor = link.partition("#")
            target = (page.parent / name).resolve() if name else page
            assert target.exists(), f"{link} in {page.name}"
            assert not anchor or anchor in anchors(target), f"{link} in {page.name}"
