"""JMESPath expressions of a source file: checked when they are loaded, bounded when they run.

An expression reads one JSON document and nothing else: it has no clock, no input or output and no
recursion. What is left that could be abused by its size is refused at load: too long, too many
nodes, functions off the list, expression references (`&`, the way to a loop within a loop), and
what makes more of the document than it is: multi-selects that copy it over and over, texts of texts
(each doubles the backslashes), and a separator as long as a payload likes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from shared.webhooks.functions import ALLOWED, OPTIONS

LONGEST = 512
MOST_NODES = 100
MOST_COPIES = 64
"""What the multi-selects and to_string of one expression may multiply a document by."""

type Json = Any


class BadExpression(ValueError):
    """The text is no expression that may run; says why."""


class NotEvaluated(Exception):
    """An expression does not fit the document.

    Names the kind of fault only: JMESPath's own words repeat values.
    """


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, compiled and found harmless."""

    text: str
    parsed: ParsedResult

    @classmethod
    def compile(cls, text: str) -> "Expression":
        """Compile and check it; raises BadExpression."""
        if len(text) > LONGEST:
            raise BadExpression(f"it has more than {LONGEST} characters")
        try:
            parsed = jmespath.compile(text)
        except (JMESPathError, RecursionError, ValueError) as error:
            raise BadExpression(f"it is not JMESPath ({type(error).__name__})") from None
        _check(parsed.parsed)
        return cls(text, parsed)

    def of(self, document: Json) -> Json:
        """What it says of the document; raises NotEvaluated."""
        try:
            return self.parsed.search(document, options=OPTIONS)
        except (JMESPathError, RecursionError, TypeError, ValueError, OverflowError) as error:
            raise NotEvaluated(type(error).__name__) from None


def _check(tree: Mapping[str, Any]) -> None:
    nodes, copies = 0, 1
    for node in _nodes(tree):
        nodes += 1
        kind = node["type"]
        if kind == "expref":
            raise BadExpression("it refers to an expression with &")
        if kind == "function_expression" and node["value"] not in ALLOWED:
            raise BadExpression(f"it calls {node['value']}; there are {', '.join(sorted(ALLOWED))}")
        if kind == "function_expression" and node["value"] == "join":
            _check_separator(node)
        if kind == "function_expression" and node["value"] == "to_string":
            copies *= 2
        if kind in ("multi_select_list", "multi_select_dict"):
            copies *= max(1, len(node["children"]))
    if nodes > MOST_NODES:
        raise BadExpression(f"it has more than {MOST_NODES} parts")
    if copies > MOST_COPIES:
        raise BadExpression(
            f"its multi-selects and texts copy the document more than {MOST_COPIES} times"
        )


def _check_separator(join: Mapping[str, Any]) -> None:
    if join["children"] and join["children"][0]["type"] != "literal":
        raise BadExpression("it does not join by a fixed text")


def _nodes(tree: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for child in node["children"] if isinstance(child, dict))
