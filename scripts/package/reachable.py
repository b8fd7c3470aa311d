"""Which modules of a library run when those that are asked for are imported.

msgraph-sdk has 17,000 modules, 200 MB of them, and the app uses its request adapter alone. A module
is needed when the app imports it, or when a needed one does so while it is itself imported. What a
library imports within its functions counts for nothing: only calling its request builders would
run that, and the app names its routes itself. (The contract tests run on what is left.)
"""

import ast
from collections.abc import Iterator, Mapping


def imported(source: str, *, anywhere: bool, package: str = "") -> Iterator[str]:
    """The modules that a source imports, and names that may be modules.

    `anywhere` counts what functions import too. `package` is what relative imports refer to.
    """
    for node in _nodes(ast.parse(source), anywhere=anywhere):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def reachable(modules: Mapping[str, str], wanted: set[str]) -> set[str]:
    """Those of the modules (name to source; a package by its own name) that `wanted` leads to."""
    found: set[str] = set()
    open_ = [name for name in wanted if name in modules]
    while open_:
        name = open_.pop()
        if name in found:
            continue
        found.add(name)
        parent = name.rpartition(".")[0]
        package = name if any(other.startswith(f"{name}.") for other in modules) else parent
        led_to = [parent, *imported(modules[name], anywhere=False, package=package)]
        open_ += [other for other in led_to if other in modules]
    return found


def _nodes(tree: ast.AST, *, anywhere: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from (inner for other in node.orelse for inner in ast.walk(other))
        elif anywhere or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from _nodes(node, anywhere=anywhere)


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    parts = parts[: len(parts) - node.level + 1]
    return ".".join([*parts, *([node.module] if node.module else [])])
