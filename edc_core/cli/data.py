"""Commands on data sets: add, download, doctor."""

import sys
from contextlib import closing
from typing import Annotated

import typer

from edc_core.cli.options import Home, app, home_of, print_result
from edc_core.console.progress import ProgressBar
from edc_core.data import describe
from edc_core.data.address import address_of
from edc_core.data.downloads import fetch as fetch_known
from edc_core.data.hub.download import fetch_repository, offer_of
from edc_core.data.hub.repositories import is_hub_address
from edc_core.data.known_datasets import KNOWN
from edc_core.design_space.compose import require_known
from edc_core.doctor import examine
from edc_core.errors import SettingsError
from edc_core.jobs import Person
from edc_core.jobs.datasets import list_it
from edc_core.pipeline.prepare import dataset_name
from edc_core.store import Store


@app.command()
def add(
    dataset: Annotated[str, typer.Argument(help="folder of the data set, or hf:OWNER/NAME that was downloaded")],
    home: Home = None,
) -> None:
    """List a data set on the app's Data page, so that links to it open; nothing is copied."""
    name = dataset_name(dataset)
    with closing(Store(home_of(home))) as store:
        address = list_it(store, name, Person())
    about = describe(address)
    print_result({"dataset": address, "classes": len(about.classes), "train": sum(about.train_counts)})


@app.command()
def download(
    name: Annotated[str, typer.Argument(help=f"one of {', '.join(KNOWN)}, or hf:OWNER/NAME[@REVISION]")],
    yes: Annotated[bool, typer.Option("--yes", help="of hf: do not ask after the size is said")] = False,
) -> None:
    """Download a data set known by name or from Hugging Face's Hub; files that are here already are reused."""
    if is_hub_address(name):
        _download_repository(name, yes)
        return
    require_known(name, KNOWN, "data set")
    with ProgressBar() as bar:
        folder = fetch_known(name, bar)
    about = describe(name)
    print_result({"dataset": name, "folder": str(folder), "train": sum(about.train_counts), "test": about.test_count})


def _download_repository(place: str, yes: bool) -> None:
    """Say a repository's size, ask, and fetch its data files."""
    if place != address_of(place).place:
        raise SettingsError(f"'{place[:200]}' has options: download the whole repository, and choose when it is read.")
    offer = offer_of(place)
    print(offer.sentence, file=sys.stderr, flush=True)
    if not yes and not (sys.stdin.isatty() and typer.confirm("Download it?")):
        raise SettingsError(f"nothing was downloaded: 'python -m edc_core download {place} --yes' does it unasked.")
    found = fetch_repository(offer)
    print_result(
        {"dataset": found.pinned, "folder": str(found.folder), "files": len(offer.files), "bytes": offer.bytes}
    )


@app.command()
def doctor(dataset: Annotated[str, typer.Argument(help="a data set's name, or its folder")], home: Home = None) -> int:
    """Check a data set before its first run: files, classes, labels, duplicates, normalisation, observers."""
    with ProgressBar() as bar:
        report = examine(dataset_name(dataset), home_of(home), bar)
    for finding in report.findings:
        cure = f" Cure: {finding.cure}" if finding.cure else ""
        print(f"{finding.severity:8} {finding.check:13} {finding.message}{cure}", file=sys.stderr)
        for example in finding.examples:
            print(f"{'':23}{example}", file=sys.stderr)
    print_result(report.plain())
    return 1 if report.fatal else 0
