"""`landscape`: surfaces and sharpness of runs' students."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import Home, app, home_of, parse_int, print_result
from edc_core.config import validate_config
from edc_core.console.progress import ProgressBar
from edc_core.design_space.compose import require_known
from edc_core.jobs.tasks.landscape import MAX_RUNS, LandscapeTask, StudentQuery, execute_landscape, landscape_task
from edc_core.landscape.config import LANDSCAPE_KINDS, STORED_KINDS
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.runs.landscape_results import found
from edc_core.stage_graph import StageNode, Student
from edc_core.store import Store

_CURRENT = {stored: name for name, stored in STORED_KINDS.items()}
NAMES = tuple(_CURRENT.get(kind, kind) for kind in LANDSCAPE_KINDS)
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", help=f"what to measure: {', '.join(NAMES)} (default: plane); may be repeated"),
]
Sharp = Annotated[
    bool, typer.Option("--sharpness", help="also measure the sharpness, on this split and on the training loss")
]


@app.command()
def landscape(
    runs: Annotated[list[str], typer.Argument(help="names of up to four runs, compared along the same directions")],
    kind: Kinds = None,
    grid: Annotated[
        int, typer.Option(parser=parse_int, metavar="N", help="points per side of the grid: odd, up to 101")
    ] = 21,
    images: Annotated[
        int, typer.Option(parser=parse_int, metavar="N", help="number of images, or of views with --split condensed")
    ] = 500,
    weights: Annotated[str, typer.Option(help="raw, or ema (averaged weights)")] = "raw",
    split: Annotated[
        str,
        typer.Option(
            help="images that the loss is measured on: test, val, or condensed (each student's own training loss)"
        ),
    ] = "test",
    span: Annotated[float, typer.Option(help="half a side of the plane, in units of the filter norms")] = 1.0,
    vectors: Annotated[
        int, typer.Option(parser=parse_int, metavar="N", help="random vectors of Hutchinson's estimates")
    ] = 30,
    every: Annotated[
        int,
        typer.Option(
            parser=parse_int, metavar="N", help="kind synthesis-curvature: iterations between two measurements"
        ),
    ] = 100,
    seed: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="random seed of directions and vectors")] = 0,
    student: Annotated[str, typer.Option(help="student as network/seed (default: the first of each run)")] = "",
    sharpness: Sharp = False,
    home: Home = None,
) -> None:
    """Measure the loss around students' weights: surfaces, sharpness, interpolation.

    Kind interpolation leads from the first run's student to each of the others. Results are kept in the store: a
    second call answers at once, and a stopped one resumes.
    """
    kinds = [
        STORED_KINDS.get(name, name) for name in dict.fromkeys(kind or ["plane"]) if require_known(name, NAMES, "kind")
    ]
    wanted = {"grid": grid, "images": images, "weights": weights, "split": split, "span": span, "seed": seed}
    wanted |= {"vectors": vectors, "every": every}
    place = home_of(home)
    asked = landscape_task(
        [_prepared(name, place) for name in runs[: MAX_RUNS + 1]],
        _questions(kinds, wanted, sharpness),
        Student.parse_optional(student),
    )
    with ProgressBar() as bar:
        seconds = execute_landscape(asked, place, bar)
    print_result({"landscapes": [_brief(part.prepared.run, node, place, seconds) for part, node in _answers(asked)]})


def _questions(kinds: list[str], wanted: dict, sharpness: bool) -> list[dict]:
    """Each kind's settings, only those that it reads."""
    questions = [{"kind": kind, **wanted} for kind in kinds if kind != "sharpness"]
    if sharpness or "sharpness" in kinds:
        splits = dict.fromkeys((wanted["split"], "condensed"))
        questions += [{"kind": "sharpness", **wanted, "split": split} for split in splits]
    return questions


def _prepared(name: str, place: Path) -> PreparedRun:
    with closing(Store(place)) as store:
        return prepare(validate_config(store.run(name).settings))


def _answers(asked: LandscapeTask) -> list[tuple[StudentQuery, StageNode]]:
    return [(part, node) for part in asked.parts for node in part.nodes if node.stage == "landscape"]


def _brief(run: str, node: StageNode, place: Path, seconds: dict[str, float]) -> dict:
    about = found(place, node.key).about
    brief = {name: about[name] for name in BRIEF if name in about}
    took = {"cached": node.key not in seconds, "seconds": seconds.get(node.key, 0.0)}
    folder = {"folder": str(place / "artefacts" / node.key)}
    return (
        {"run": run, "key": node.key, "kind": _CURRENT.get(node.settings.kind, node.settings.kind)}
        | brief
        | took
        | folder
    )


BRIEF = (
    *("student", "loss", "centre", "not_finite", "directions", "cosine", "explained", "distance", "barrier"),
    *("eigenvalues", "trace", "frobenius", "ball", "largest_difference"),
)
