"""The table of the benchmark, as people read it."""

from local.bench.table import Part, Row


def test_the_ratio_stands_first_and_the_columns_below_each_other() -> None:
    part = Part(
        "one change",
        ("ms", "open files"),
        [Row(1, "Graph alone", ("5.1", "7")), Row(12.345, "with Sluice", ("1026.6", "56"))],
    )
    assert str(part).splitlines() == [
        "ratio   one change        ms   open files",
        " 1.00   Graph alone      5.1            7",
        "12.35   with Sluice   1026.6           56",
    ]
