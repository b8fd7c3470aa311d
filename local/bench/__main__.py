"""`python -m local.bench`: import cost and latency of the app, and of webhooks."""

import asyncio

from local.bench import imports, latency, webhooks


def main() -> None:
    """Print one table, ratios first."""
    alone, app = imports.measure("azure.functions"), imports.measure("function_app")
    print("import                      ratio   seconds   modules")
    print(f"  azure.functions           1.00    {alone.seconds:.3f}     {alone.modules}")
    ratio = app.seconds / alone.seconds
    print(f"  function_app              {ratio:.2f}    {app.seconds:.3f}     {app.modules}")
    measured = asyncio.run(latency.measure())
    print("\none change on an idle stack  ratio   ms (median)")
    rows = (
        ("Graph alone: read, write, read", measured.direct),
        ("POST to 202", measured.answered),
        ("POST to the first Graph request", measured.graph),
        ("POST to verified", measured.verified),
        ("the first of the process, to Graph", measured.first),
    )
    for name, value in rows:
        print(f"  {name:35} {value / measured.direct:6.1f}   {value:7.1f}")
    bare, sluice = asyncio.run(webhooks.measure())
    print("\nwebhooks, 16 senders   ratio   a second   ms median     p99   first of the process")
    for name, load in (("a bare 202", bare), ("accepted", sluice)):
        ratio = bare.accepted / load.accepted
        print(
            f"  {name:18} {ratio:8.2f}   {load.accepted:8.0f}   {load.median:9.1f}"
            f"   {load.p99:5.1f}   {load.first:10.1f}"
        )


if __name__ == "__main__":
    main()
