"""Bicep files as data, by the grammar of tree-sitter-bicep.

Literals become what they are in Python. Everything else, from a name to a ternary, stays the text
that it was, as an Expression: the tests judge what is written, nothing is evaluated.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_bicep.language()))
_DECLARATIONS = {
    "resource_declaration": "resource",
    "module_declaration": "module",
    "parameter_declaration": "param",
    "variable_declaration": "var",
    "output_declaration": "output",
    "type_declaration": "type",
}


class Unreadable(Exception):
    """The grammar does not take a file; the text says where."""


class Expression(str):
    """What is not a literal, as it was written."""

    __slots__ = ()


@dataclass(frozen=True)
class Declaration:
    """One statement of a file. `target` is the type of a resource, or the file of a module."""

    kind: str
    name: str
    value: Any
    target: str = ""
    existing: bool = False
    condition: str | None = None
    loops_over: str | None = None
    file: str = ""

    @property
    def type(self) -> str:
        """Of a resource, without its version."""
        return self.target.partition("@")[0]

    def at(self, path: str) -> Any:
        """The value at a dotted path; None where there is none."""
        found = self.value
        for part in path.split("."):
            if not isinstance(found, dict) or part not in found:
                return None
            found = found[part]
        return found


@dataclass(frozen=True)
class File:
    """One Bicep file."""

    name: str
    text: str
    declarations: list[Declaration] = field(default_factory=list)

    def all(self, kind: str) -> list[Declaration]:
        """Those of one kind."""
        return [each for each in self.declarations if each.kind == kind]

    def one(self, kind: str, name: str) -> Declaration:
        """The one of that name; raises StopIteration where there is none."""
        return next(each for each in self.all(kind) if each.name == name)


@dataclass(frozen=True)
class Infra:
    """All files of a folder, by their path in it."""

    files: dict[str, File]

    @classmethod
    def read(cls, folder: Path, changed: dict[str, str] | None = None) -> "Infra":
        """Parse the folder; `changed` gives files another text. Raises Unreadable."""
        texts = {
            str(path.relative_to(folder)): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*.bicep"))
        } | (changed or {})
        return cls({name: parse(name, text) for name, text in texts.items()})

    @cached_property
    def resources(self) -> list[Declaration]:
        """Those that are deployed, not those that are only referred to."""
        every = (each for file in self.files.values() for each in file.all("resource"))
        return [each for each in every if not each.existing]

    def of_type(self, *types: str) -> list[Declaration]:
        """The resources of these types."""
        return [each for each in self.resources if each.type in types]


def parse(name: str, text: str) -> File:
    """Parse one file. Raises Unreadable."""
    # The grammar is older than extensions, and their line declares nothing that is judged here.
    source = re.sub(r"^extension .*$", "", text, flags=re.MULTILINE).encode()
    root = _PARSER.parse(source).root_node
    if root.has_error:
        raise Unreadable(f"{name}:{_fault(root)}: the grammar does not take this")
    return File(name, text, list(_declarations(root, name)))


def _fault(node: Node) -> int:
    """The line of the first fault."""
    if node.type == "ERROR" or node.is_missing:
        return node.start_point[0] + 1
    return next(_fault(child) for child in node.children if child.has_error)


def _declarations(root: Node, file: str) -> Iterator[Declaration]:
    for node in root.named_children:
        kind = _DECLARATIONS.get(node.type)
        if kind is None:
            continue
        name, *rest = node.named_children
        target = str(value_of(rest.pop(0))) if kind in ("resource", "module") else ""
        body = rest[-1] if rest else name
        condition = loops_over = None
        if body.type == "for_statement":
            loops_over = text_of(body.named_children[-2])
            body = body.named_children[-1]
        if body.type == "if_statement":
            condition, body = text_of(body.named_children[0]), body.named_children[-1]
        yield Declaration(
            kind,
            text_of(name),
            value_of(body),
            target,
            " existing = " in text_of(node).partition("{")[0],
            condition,
            loops_over,
            file,
        )


def value_of(node: Node) -> Any:
    """A literal as it is in Python, else an Expression."""
    match node.type:
        case "object":
            pairs = [child.named_children for child in node.named_children if _pair(child)]
            names = [str(value_of(pair[0])) for pair in pairs]
            if twice := {name for name in names if names.count(name) > 1}:
                raise Unreadable(f"{', '.join(twice)} is there twice: {text_of(node)[:60]}")
            return {name: value_of(pair[-1]) for name, pair in zip(names, pairs, strict=True)}
        case "array":
            return [value_of(child) for child in node.named_children if child.type != "comment"]
        case "string" if all(part.type != "interpolation" for part in node.named_children):
            return text_of(node)[1:-1]
        case "number" | "boolean" | "null":
            return json.loads(text_of(node))
        case _:
            return Expression(text_of(node))


def _pair(node: Node) -> bool:
    return node.type == "object_property"


def text_of(node: Node) -> str:
    """As it was written, in one line."""
    return " ".join((node.text or b"").decode().split())
