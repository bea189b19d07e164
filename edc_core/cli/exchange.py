"""`export` and `import`: a run as a folder, from one store to another."""

from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.evaluate import JudgeAnyway, print_check
from edc_core.cli.options import Home, RunName, app, home_of, print_result
from edc_core.data import describe
from edc_core.design_space.profiles import default_profile
from edc_core.exchange import bundle_format as exchange
from edc_core.exchange import export_run as exporting
from edc_core.exchange import import_run as importing
from edc_core.judging import external_sets as given
from edc_core.pipeline.prepare import dataset_name, manifest
from edc_core.store import Store
from edc_core.store.states import RunState


@app.command()
def export(
    run: RunName,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="new or empty folder")],
    observers: Annotated[
        bool, typer.Option("--observers", help="include the observers that labelled the images, and their statistics")
    ] = False,
    home: Home = None,
) -> None:
    """Export a finished run to a folder: images by class, labels or their recipe, settings, hashes."""
    with closing(Store(home_of(home))) as store:
        entry = store.run(run)
        made = exporting.export(store, entry, folder, observers)
    print_result({"run": entry.id, "folder": str(folder.expanduser().absolute())} | made)


@app.command("import")
def take(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="folder or ZIP that export wrote; or another method's images by class, or NPZ"
        ),
    ],
    scores: Annotated[
        bool,
        typer.Option(
            "--scores/--no-scores", help="take the scores too, or only images and labels, for evaluate to judge"
        ),
    ] = True,
    dataset: Annotated[str | None, typer.Option(help="name or folder of the data set on this machine")] = None,
    judge_anyway: JudgeAnyway = False,
    home: Home = None,
) -> None:
    """Import an exported run, checking every byte; or a condensed set of another method."""
    if exchange.is_bundle(folder.expanduser()):
        print_result(asdict(importing.import_run(folder, home_of(home), scores, dataset)))
        return
    _take_images(folder.expanduser(), dataset_name(dataset or "fashion-mnist-mini"), home_of(home), judge_anyway)


def _take_images(source: Path, dataset: str, home: Path, judge_anyway: bool) -> None:
    """Somebody else's set, kept and registered; `evaluate RUN` judges it."""
    about = describe(dataset)
    digest = given.import_set(source, about, home)
    check = given.checked_set(digest, dataset, home, judge_anyway=judge_anyway)
    print_check(check)
    prepared = given.prepared_for(digest, dataset, default_profile(about.classes, about.size), 0, None, {}, home)
    prepared = replace(prepared, set_check=check.plain())
    found = given.read_external_set(digest, len(about.classes), home)
    with closing(Store(home)) as store:
        if prepared.run not in {run.id for run in store.runs(archived=True)}:
            plan = [node.plain() for node in prepared.nodes]
            store.register(prepared.run, prepared.config.model_dump(mode="json"), plan, manifest(prepared), "imported")
            store.finish(prepared.run, RunState.CANCELLED)
    answer = {"digest": digest, "run": prepared.run, "images": found.images, "ipc": found.ipc_text}
    print_result(answer | {"check": check.plain()})
