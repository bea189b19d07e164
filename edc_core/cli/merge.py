"""`merge`: results that were computed elsewhere become this store's."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import Home, app, home_of, print_result
from edc_core.exchange.merge_stores import merge as take_over

EVERY = 500  # results between two lines of progress


@app.command()
def merge(
    store: Annotated[Path, typer.Argument(help="folder of the other store (its --home), or a copy of it")],
    home: Home = None,
) -> None:
    """Copy finished results and runs from another store; nothing here is overwritten."""
    merged = take_over(store, home_of(home), _told)
    for sentence in merged.skipped:
        print(sentence, file=sys.stderr)
    print_result({"store": str(store.absolute()), "home": str(home_of(home))} | merged.plain())


def _told(done: int, total: int, problem: str | None) -> None:
    if done % EVERY == 0 or done == total:
        print(f"{done}/{total} results looked at", file=sys.stderr)
