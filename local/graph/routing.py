"""From a path to a row of the route table."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from .refusals import RefusalError, Service
from .routes import Route


class Router:
    """Finds the route of a request; paths are matched as sent, values decoded afterwards."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.serves_unofficial = False
        """Whether routes that are not official are found."""
        self._rows = [(_pattern(route.template), route) for route in routes]

    def find(self, method: str, raw_path: str) -> tuple[Route, str, dict[str, str]]:
        """Return the route, the version and the values in the path.

        Raises RefusalError: 400 for a path that is not normalised or that Graph does not have,
        405 for a method the path does not take.
        """
        _, _, rest = raw_path.partition("/")
        version, slash, tail = rest.partition("/")
        path = slash + tail
        if "//" in raw_path or path.endswith("/"):
            raise RefusalError(400, "The path has an empty segment.", "BadRequest")
        other_methods = False
        for pattern, route in self._rows:
            match = pattern.fullmatch(path)
            if match is None or version not in route.versions:
                continue
            if route.method == method:
                if not (route.official or self.serves_unofficial):
                    raise _no_route(path)
                values = {name: unquote(value) for name, value in match.groupdict().items()}
                return route, version, values
            other_methods = True
        if other_methods:
            raise RefusalError(405, "Specified HTTP method is not allowed.", "Request_BadRequest")
        if service_of(raw_path) is Service.INTUNE:
            raise _no_route(path)
        segment = unquote(tail.partition("/")[0] or version)
        raise RefusalError(400, f"Resource not found for the segment '{segment}'.", "BadRequest")


def _no_route(path: str) -> RefusalError:
    return RefusalError(400, f"No OData route exists that match template ~{path}")


def service_of(raw_path: str) -> Service:
    """Tell which service a path goes to, whether it exists or not."""
    intune = re.search(r"/(deviceManagement|managedDevices)(/|$)", raw_path)
    return Service.INTUNE if intune else Service.DIRECTORY


def _pattern(template: str) -> re.Pattern[str]:
    # A quote may be sent as %27; parentheses stay themselves in a path.
    literal = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(template))
    return re.compile(literal.replace("'", "(?:'|%27)"))
