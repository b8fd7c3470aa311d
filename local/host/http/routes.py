"""Route templates: parsing, matching and the order in which the host tries them.

The syntax is ASP.NET Core's as far as one parameter per segment goes: `{id}`, `{id:guid}`, `{id?}`,
`{*rest}`. A method is a constraint like any other, so a known route with another method is 404.
"""

import functools
import re
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass

from local.host.functions import Function
from local.host.http.constraints import Constraint, parse_constraint

_PARAMETER = re.compile(
    r"\{(?P<all>\*{0,2})(?P<name>[A-Za-z_]\w*)(?P<constraints>(?::[^{}]+)*)(?P<optional>\?)?\}"
)


@dataclass(frozen=True)
class Segment:
    """One segment: literal text, or a parameter (`name`) with its constraints."""

    text: str = ""
    name: str | None = None
    constraints: tuple[Constraint, ...] = ()
    optional: bool = False
    catch_all: bool = False


@dataclass(frozen=True)
class Route:
    """A function's way in: its template and methods (upper case; empty means all)."""

    function: Function
    template: str
    segments: tuple[Segment, ...]
    methods: frozenset[str]

    def match(self, method: str, path: Sequence[str]) -> dict[str, str] | None:
        """The route values of a request for these decoded path segments; None when no match."""
        if self.methods and method.upper() not in self.methods:
            return None
        values: dict[str, str] = {}
        for index, segment in enumerate(self.segments):
            if segment.catch_all:
                values[str(segment.name)] = "/".join(path[index:])
                return values
            if index >= len(path):
                return values if segment.optional else None
            if not _accept(segment, path[index], values):
                return None
        return values if len(path) <= len(self.segments) else None


def _accept(segment: Segment, text: str, values: dict[str, str]) -> bool:
    if segment.name is None:
        return text.lower() == segment.text.lower()
    values[segment.name] = text
    return bool(text) and all(allows(text) for allows in segment.constraints)


def parse_template(template: str) -> tuple[Segment, ...]:
    """Parse a route template (with its prefix). Raises ValueError with what is wrong in it."""
    if template.startswith(("/", "~")):
        raise ValueError("a route template cannot start with '/' or '~'")
    texts = template.split("/")
    segments = tuple(_parse_segment(text) for text in texts)
    names = [segment.name.lower() for segment in segments if segment.name]
    if len(names) != len(set(names)):
        raise ValueError("a route parameter appears twice")
    if any(segment.optional or segment.catch_all for segment in segments[:-1]):
        raise ValueError("only the last segment can be optional or a catch-all")
    return segments


def _parse_segment(text: str) -> Segment:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        if not text or set(text) & set("{}?*"):
            raise ValueError(f"segment {text!r} is neither plain text nor one whole parameter")
        return Segment(text=text)
    constraints = [part for part in match["constraints"].split(":") if part]
    return Segment(
        name=match["name"],
        constraints=tuple(parse_constraint(part) for part in constraints),
        optional=bool(match["optional"]),
        catch_all=bool(match["all"]),
    )


class Router:
    """All HTTP functions of the app under the route prefix."""

    def __init__(self, functions: Sequence[Function], prefix: str) -> None:
        """Raises ValueError for the first template that does not parse."""
        routes = [_route(function, prefix) for function in functions]
        self.routes = sorted(routes, key=functools.cmp_to_key(_precedence))

    def find(self, method: str, raw_path: str) -> tuple[Function, dict[str, str]] | None:
        """The function for a request and its route values."""
        # A trailing slash means nothing, and an escaped slash stays as it was sent (ASP.NET Core).
        escaped = re.sub("%2f", "%252F", raw_path.strip("/"), flags=re.IGNORECASE)
        path = [urllib.parse.unquote(part) for part in escaped.split("/")]
        for route in self.routes:
            values = route.match(method, path)
            if values is not None:
                return route.function, values
        return None


def _route(function: Function, prefix: str) -> Route:
    template = "/".join(filter(None, (prefix, function.trigger.text("route") or function.name)))
    methods = frozenset(method.upper() for method in function.trigger.texts("methods"))
    return Route(function, template, parse_template(template), methods)


def _precedence(left: Route, right: Route) -> int:
    """WebJobsRouteBuilder's order: text before parameter, constrained before free, longer first."""
    for a, b in zip(left.segments, right.segments, strict=False):
        if (a.name is None) != (b.name is None):
            return -1 if a.name is None else 1
        if a.name is not None:
            if len(a.constraints) != len(b.constraints):
                return len(b.constraints) - len(a.constraints)
        elif a.text.lower() != b.text.lower():
            return -1 if a.text.lower() < b.text.lower() else 1
    return len(right.segments) - len(left.segments)
