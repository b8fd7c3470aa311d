"""What is granted beside what is needed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shared.permissions.needs import Need


@dataclass(frozen=True, slots=True)
class Report:
    """Permissions by name, sorted.

    `missing` would be the least to grant; each of `superfluous` could be taken away and everything
    would still work. `broader` are needed for want of lesser ones: those to grant instead.
    """

    granted: tuple[str, ...]
    missing: tuple[str, ...]
    superfluous: tuple[str, ...]
    broader: dict[str, tuple[str, ...]]

    @property
    def view(self) -> dict[str, object]:
        """As JSON."""
        return {
            "granted": list(self.granted),
            "missing": list(self.missing),
            "superfluous": list(self.superfluous),
            "broader": {name: list(least) for name, least in self.broader.items()},
        }


def examine(
    granted: Collection[str], needs: Collection[Need], optional: Collection[Need] = ()
) -> Report:
    """Compare the permissions that are granted with the needs.

    What meets an `optional` need is not superfluous, and nothing is missing without it.
    """
    unmet = [need for need in needs if not set(need) & set(granted)]
    met = [need for need in (*needs, *optional) if set(need) & set(granted)]
    used = _fewest(granted, met)
    broader = {
        name: tuple(sorted(_least_of([need for need in met if name in need])))
        for name in sorted(used)
        if all(need[0] != name for need in met)
    }
    return Report(
        granted=tuple(sorted(granted)),
        missing=tuple(sorted(_least_of(unmet))),
        superfluous=tuple(sorted(set(granted) - used)),
        broader=broader,
    )


def _least_of(needs: Collection[Need]) -> set[str]:
    """The least privileged permissions that meet these needs."""
    return _fewest({need[0] for need in needs}, needs)


def _fewest(permissions: Iterable[str], needs: Collection[Need]) -> set[str]:
    """Those of the permissions that meet the needs, without any that the rest can do without.

    The broadest go first, so that the least privileged stay.
    """

    def breadth(name: str) -> tuple[int, str]:
        return max((need.index(name) for need in needs if name in need), default=-1), name

    kept = set(permissions)
    for name in sorted(kept, key=breadth, reverse=True):
        if all(set(need) & (kept - {name}) for need in needs):
            kept.remove(name)
    return kept
