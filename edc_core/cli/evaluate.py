"""The command that judges a condensed set again: a run's, or somebody else's."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import (
    DatasetOption,
    Home,
    RunName,
    Seeds,
    Set,
    Split,
    Students,
    TableOption,
    answer,
    app,
    changes_of,
    execute_and_answer,
    home_of,
    whole,
)
from edc_core.cli.progress import Bar
from edc_core.data import describe
from edc_core.design_space.compose import table_named
from edc_core.design_space.presets import PROTOCOLS
from edc_core.design_space.profiles import table_for
from edc_core.errors import SettingsError
from edc_core.judging import external_sets as given
from edc_core.judging import judged_again
from edc_core.judging.companion_runs import JUDGING
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import Prepared, dataset_name, prepare
from edc_core.runs.condensed_set import label_record
from edc_core.store import Store

Images = Annotated[
    Path | None, typer.Option("--images", metavar="DIR|NPZ|ZIP", help="somebody else's condensed set, instead of a run")
]
Labels = Annotated[
    Path | None, typer.Option("--labels", metavar="FILE", help="its classes: JSON, CSV, NPZ or NPY (default: by name)")
]
Normalisation = Annotated[
    str | None, typer.Option(metavar="HOW", help="of an NPZ of numbers: 0-1, 0-255, or MEAN/STD such as 0.286/0.353")
]

USUAL = "fashion-mnist-mini"


@app.command()
def evaluate(
    run: Annotated[str | None, typer.Argument(help="a run's name, or its beginning or end")] = None,
    images: Images = None,
    labels: Labels = None,
    normalisation: Normalisation = None,
    dataset: DatasetOption = USUAL,
    ipc: Annotated[
        int | None, typer.Option(parser=whole, metavar="N", help="of --images the first N of each class only")
    ] = None,
    seed: Annotated[int, typer.Option(parser=whole, metavar="N", help="of --images: of views and student")] = 0,
    controls: Annotated[
        bool, typer.Option("--controls/--no-controls", help="of --images: random real images and herding beside it")
    ] = True,
    settings: TableOption = "auto",
    protocol: Annotated[
        str | None, typer.Option(help=f"judge by {', '.join(PROTOCOLS)} (default: a run's own; edc for --images)")
    ] = None,
    student: Students = None,
    seeds: Seeds = None,
    split: Split = None,
    change: Set = None,
    home: Home = None,
) -> None:
    """Judge condensed images: a run's again by other students, seeds or protocol, or somebody else's."""
    if (run is None) == (images is None):
        raise SettingsError("evaluate judges one set: give a run's name, or --images with a folder, NPZ or ZIP.")
    changes = changes_of(change, student, seeds, split)
    if run is not None:
        given_too = {"--dataset": dataset != USUAL, "--ipc": ipc, "--seed": seed, "--settings": settings != "auto"}
        if wrong := [option for option, value in given_too.items() if value]:
            raise SettingsError(f"{wrong[0]} belongs to --images: a run keeps its own, so leave it out.")
        with closing(Store(home_of(home))) as store:
            old = store.run(run)["settings"]
        execute_and_answer(judged_again(old, protocol, changes), home)
        return
    for path in changes:
        if path.partition(".")[0] not in JUDGING:
            raise SettingsError(f"setting '{path}' would make other images: here choose {', '.join(JUDGING)}.")
    dataset = dataset_name(dataset)
    about = describe(dataset)
    table = table_for(about.classes, about.size) if settings == "auto" else table_named(settings)
    place = home_of(home)
    with closing(Store(place)) as store:
        given.sweep(store)
    digest = given.import_set(images.expanduser(), about, place, labels, normalisation, ipc)
    prepared = given.prepared_for(digest, dataset, table, seed, protocol, changes, place)
    others = _controls(prepared) if controls else {}
    found = given.look(digest, len(about.classes), place)
    result = _judge(prepared, place) | {"images": _about(found)}
    answer(result | {"controls": {name: _judge(other, place) for name, other in others.items()}})


@app.command()
def relabel(
    run: RunName,
    stored: Annotated[
        bool, typer.Option("--stored/--on-the-fly", help="keep the labels of every view, or make them while learning")
    ] = True,
    top_k: Annotated[
        int | None, typer.Option(parser=whole, metavar="N", help="logits kept of each view (default: all)")
    ] = None,
    home: Home = None,
) -> None:
    """Label a run's images anew, every view ahead and kept in half precision, and judge them by these labels."""
    with closing(Store(home_of(home))) as store:
        old = store.run(run)["settings"]
    if stored and old["relabel"]["labels"] == "hard":
        raise SettingsError(f"the labels of run '{run}' are hard: there are no soft ones to store.")
    prepared = prepare(judged_again(old, None, {"relabel.stored": stored, "relabel.top_k": top_k}))
    result = _judge(prepared, home_of(home))
    with closing(Store(home_of(home))) as store:
        answer(result | {"labels": label_record(store, store.run(prepared.run))})


def _controls(prepared: Prepared) -> dict[str, Prepared]:
    try:
        return given.controls_for(prepared)
    except SettingsError as error:
        raise SettingsError(f"no controls of this size: {error} Or leave them out with --no-controls.") from None


def _judge(prepared: Prepared, home: Path) -> dict:
    with Bar() as bar:
        return execute(prepared, home, bar)


def _about(found: given.Given) -> dict:
    """The set as the answer names it."""
    return {
        "digest": found.digest,
        "count": found.images,
        "ipc": found.ipc_text,
        "per_class": list(found.counts),
        "bytes": found.bytes,
        "clipped": round(found.clipped, 4),
    }
