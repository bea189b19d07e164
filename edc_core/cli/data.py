"""Commands on data sets: fetch."""

from typing import Annotated

import typer

from edc_core.cli.options import answer, app
from edc_core.configure import named
from edc_core.data import describe
from edc_core.data.downloads import fetch as fetch_known
from edc_core.data.known import KNOWN
from edc_core.progress import Bar


@app.command()
def fetch(name: Annotated[str, typer.Argument(help=f"one of {', '.join(KNOWN)}")]) -> None:
    """Download a data set known by name, unless its files are on this machine already."""
    named(name, KNOWN, "data set")
    with Bar() as bar:
        folder = fetch_known(name, bar)
    about = describe(name)
    answer({"dataset": name, "folder": str(folder), "train": sum(about.train_counts), "test": about.test_count})
