"""The table of the benchmark: the ratio to a baseline first, then what was measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One thing that was measured, beside the baseline of its part."""

    ratio: float
    name: str
    values: tuple[str, ...]
    """One for each column of the part."""


@dataclass(frozen=True)
class Part:
    """Rows of one kind; the first one is the baseline of the others."""

    of: str
    columns: tuple[str, ...]
    rows: list[Row]

    def __str__(self) -> str:
        """Lines of text, the columns below each other."""
        lines = [("ratio", self.of, *self.columns)]
        lines += [(f"{row.ratio:.2f}", row.name, *row.values) for row in self.rows]
        ratio, name, *values = (max(map(len, column)) for column in zip(*lines, strict=True))
        return "\n".join(
            "   ".join(
                (
                    f"{line[0]:>{ratio}}",
                    f"{line[1]:{name}}",
                    *(f"{text:>{width}}" for text, width in zip(line[2:], values, strict=True)),
                )
            ).rstrip()
            for line in lines
        )
