"""The command that judges a condensed set again: a run's, or somebody else's."""

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from edc_core.cli.options import (
    DatasetOption,
    Home,
    ProfileOption,
    RunName,
    Set,
    Split,
    Students,
    StudentsPerNetwork,
    app,
    changes_of,
    home_of,
    parse_int,
    print_result,
)
from edc_core.console.progress import ProgressBar
from edc_core.design_space.presets import PROTOCOLS
from edc_core.errors import SettingsError
from edc_core.judging import with_judgement
from edc_core.judging.evaluate import SetEvaluation, prepare_run_evaluation, prepare_set_evaluation
from edc_core.judging.set_checks import SetCheck
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.runs.condensed_set import label_record
from edc_core.store import Store

Images = Annotated[
    Path | None,
    typer.Option("--images", metavar="DIR|NPZ|ZIP", help="a condensed set of another method, in place of a run"),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="with --images: the classes, as JSON, CSV, NPZ or NPY (default: by folder or file name)",
    ),
]
Normalisation = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="with --images: how an NPZ's numbers are scaled: 0-1, 0-255, or MEAN/STD such as 0.286/0.353",
    ),
]

JudgeAnyway = Annotated[
    bool,
    typer.Option("--judge-anyway", help="with --images: judge the set even where it cannot be one of the data set"),
]

USUAL = "fashion-mnist-mini"


FirstImages = Annotated[
    int | None,
    typer.Option(parser=parse_int, metavar="N", help="with --images: only the first N images of each class"),
]
JudgingSeed = Annotated[
    int, typer.Option(parser=parse_int, metavar="N", help="with --images: random seed of views and students")
]
Controls = Annotated[
    bool,
    typer.Option(
        "--controls/--no-controls", help="with --images: also judge random real images and herding of the same size"
    ),
]
JudgedBy = Annotated[
    str | None, typer.Option(help=f"judge by {', '.join(PROTOCOLS)} (default: a run's own; edc for --images)")
]


@app.command()
def evaluate(
    run: Annotated[str | None, typer.Argument(help="a run's name, or its beginning or end")] = None,
    images: Images = None,
    labels: Labels = None,
    normalisation: Normalisation = None,
    dataset: DatasetOption = USUAL,
    ipc: FirstImages = None,
    seed: JudgingSeed = 0,
    controls: Controls = True,
    profile: ProfileOption = "auto",
    protocol: JudgedBy = None,
    student: Students = None,
    students_per_network: StudentsPerNetwork = None,
    split: Split = None,
    change: Set = None,
    judge_anyway: JudgeAnyway = False,
    home: Home = None,
) -> None:
    """Judge condensed images: those of a run by another protocol or student, or those of another method."""
    if (run is None) == (images is None):
        raise SettingsError("evaluate judges one set: give a run's name, or --images with a folder, NPZ or ZIP.")
    changes = changes_of(change, student, students_per_network, split)
    if run is not None:
        given_too = {
            "--dataset": dataset != USUAL,
            "--ipc": ipc,
            "--seed": seed,
            "--profile": profile != "auto",
            "--judge-anyway": judge_anyway,
        }
        _refuse_beside_run(given_too)
        prepared = prepare_run_evaluation(run, home_of(home), protocol, changes)
        found = {"check": prepared.set_check} if prepared.set_check else {}  # of another method's set
        print_result(_judge(prepared, home_of(home)) | found)
        return
    evaluation = prepare_set_evaluation(
        images.expanduser(),
        dataset,
        home_of(home),
        labels=labels,
        normalisation=normalisation,
        ipc=ipc,
        seed=seed,
        controls=controls,
        profile=profile,
        protocol=protocol,
        changes=changes,
        judge_anyway=judge_anyway,
    )
    _judge_set(evaluation, home_of(home))


@app.command()
def relabel(
    run: RunName,
    stored: Annotated[
        bool,
        typer.Option(
            "--stored/--on-the-fly", help="store the labels of every view, or compute them while a student trains"
        ),
    ] = True,
    top_k: Annotated[
        int | None,
        typer.Option(parser=parse_int, metavar="N", help="with --stored: logits kept per view (default: all)"),
    ] = None,
    home: Home = None,
) -> None:
    """Store the soft labels of every view of a run's images (half precision), and score students trained on them."""
    with closing(Store(home_of(home))) as store:
        old = store.run(run).settings
    if stored and old["relabel"]["labels"] == "hard":
        raise SettingsError(f"the labels of run '{run}' are hard: there are no soft ones to store.")
    prepared = prepare(with_judgement(old, None, {"relabel.stored": stored, "relabel.logits_top_k": top_k}))
    result = _judge(prepared, home_of(home))
    with closing(Store(home_of(home))) as store:
        print_result(result | {"labels": label_record(store, store.run(prepared.run))})


def _judge_set(evaluation: SetEvaluation, home: Path) -> None:
    """Judge an imported set and its controls, after what was found of it is said."""
    print_check(evaluation.check)
    result = _judge(evaluation.run, home) | {"images": _about(evaluation)}
    controls = {name: _judge(other, home) for name, other in evaluation.controls.items()}
    print_result(result | {"check": evaluation.check.plain(), "controls": controls})


def _refuse_beside_run(options: dict[str, Any]) -> None:
    """Refuse options of --images where a run is judged."""
    if wrong := [option for option, value in options.items() if value]:
        raise SettingsError(f"{wrong[0]} belongs to --images: a run keeps its own, so leave it out.")


def print_check(check: SetCheck) -> None:
    """What was found of an imported set, to a person."""
    for finding in check.findings:
        cure = f" Cure: {finding.cure}" if finding.cure and finding.severity != "note" else ""
        print(f"{finding.severity:8} {finding.check:8} {finding.message}{cure}", file=sys.stderr, flush=True)


def _judge(prepared: PreparedRun, home: Path) -> dict:
    with ProgressBar() as bar:
        return execute(prepared, home, bar)


def _about(evaluation: SetEvaluation) -> dict:
    """The set as the answer names it."""
    found = evaluation.imported
    return {
        "digest": found.digest,
        "count": found.images,
        "ipc": found.ipc_text,
        "per_class": list(found.counts),
        "bytes": found.bytes,
        "clipped": round(found.clipped, 4),
    }
