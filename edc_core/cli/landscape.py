"""`landscape`: surfaces and sharpness of runs' students."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import Home, app, home_of, parse_int, print_result
from edc_core.config import validate_config
from edc_core.jobs.tasks.landscape import MAX_RUNS, LandscapeTask, StudentQuery, execute_landscape, landscape_task
from edc_core.landscape.config import LANDSCAPE_KINDS
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.progress import ProgressBar
from edc_core.runs.landscape_results import found
from edc_core.stage_graph import StageNode, Student
from edc_core.store import Store

Kinds = Annotated[
    list[str] | None, typer.Option("--kind", help=f"{', '.join(LANDSCAPE_KINDS)} (default: plane); repeatable")
]
Sharp = Annotated[bool, typer.Option("--sharpness", help="the curvature too, on this split and on the training loss")]


@app.command()
def landscape(
    runs: Annotated[list[str], typer.Argument(help="runs' names, up to four, compared along the same directions")],
    kind: Kinds = None,
    grid: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="points a side, odd, up to 101")] = 21,
    images: Annotated[
        int, typer.Option(parser=parse_int, metavar="N", help="images, or views of condensed ones")
    ] = 500,
    weights: Annotated[str, typer.Option(help="raw, or ema: the averaged ones")] = "raw",
    split: Annotated[str, typer.Option(help="test, val, or condensed: each student's own training loss")] = "test",
    span: Annotated[float, typer.Option(help="half a side, in units of the filters' own norms")] = 1.0,
    vectors: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="random vectors of the estimates")] = 30,
    every: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="of kind images: iterations between")] = 100,
    seed: Annotated[int, typer.Option(parser=parse_int, metavar="N", help="of the directions and random vectors")] = 0,
    student: Annotated[str, typer.Option(help="network/seed (default: a run's first)")] = "",
    sharpness: Sharp = False,
    home: Home = None,
) -> None:
    """Look at the loss around students' weights; answers stay in the store.

    Kind between goes from the first run's student to each other's. A second call answers at once, a stopped
    one goes on.
    """
    kinds = list(dict.fromkeys(kind or ["plane"]))
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
    return {"run": run, "key": node.key, "kind": node.settings.kind} | brief | took | folder


BRIEF = (
    *("student", "loss", "centre", "not_finite", "directions", "cosine", "explained", "distance", "barrier"),
    *("eigenvalues", "trace", "frobenius", "ball", "largest_difference"),
)
