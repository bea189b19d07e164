"""`landscape`: surfaces and sharpness of runs' students."""

from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import Home, answer, app, home_of, whole
from edc_core.config import checked
from edc_core.errors import SettingsError
from edc_core.landscape_plan import KINDS, SURFACES, LandscapeConfig, landscape_config
from edc_core.landscapes import found, look, node_of, trained_node
from edc_core.pipeline import Prepared, prepare
from edc_core.progress import Bar
from edc_core.store import Store

MOST = 4  # runs that are looked at together
Kinds = Annotated[list[str] | None, typer.Option("--kind", help=f"{', '.join(KINDS)} (default: plane); repeatable")]
Sharp = Annotated[bool, typer.Option("--sharpness", help="the curvature too, on this split and on the training loss")]


@app.command()
def landscape(
    runs: Annotated[list[str], typer.Argument(help="runs' names, up to four, compared along the same directions")],
    kind: Kinds = None,
    grid: Annotated[int, typer.Option(parser=whole, metavar="N", help="points a side, odd, up to 101")] = 21,
    images: Annotated[int, typer.Option(parser=whole, metavar="N", help="images, or views of condensed ones")] = 500,
    weights: Annotated[str, typer.Option(help="raw, or ema: the averaged ones")] = "raw",
    split: Annotated[str, typer.Option(help="test, val, or condensed: each student's own training loss")] = "test",
    span: Annotated[float, typer.Option(help="half a side, in units of the filters' own norms")] = 1.0,
    vectors: Annotated[int, typer.Option(parser=whole, metavar="N", help="random vectors of the estimates")] = 30,
    every: Annotated[int, typer.Option(parser=whole, metavar="N", help="of kind images: iterations between")] = 100,
    seed: Annotated[int, typer.Option(parser=whole, metavar="N", help="of the directions and random vectors")] = 0,
    student: Annotated[str, typer.Option(help="network/seed (default: a run's first)")] = "",
    sharpness: Sharp = False,
    home: Home = None,
) -> None:
    """Look at the loss around students' weights; answers stay in the store.

    Kind between goes from the first run's student to each other's. A second call answers at once, a stopped
    one goes on.
    """
    kinds = list(dict.fromkeys(kind or ["plane"]))
    if len(runs) > MOST or ("between" in kinds and len(runs) < 2):
        raise SettingsError(f"{len(runs)} runs were named: give up to {MOST}, and two or more for kind between.")
    if split == "condensed" and len(runs) > 1 and set(kinds) & set(SURFACES):
        raise SettingsError("split condensed is another loss for every run: compare runs on test or val.")
    wanted = {"grid": grid, "images": images, "weights": weights, "split": split, "span": span, "seed": seed}
    wanted |= {"vectors": vectors, "every": every}
    kept = [_prepared(name, home) for name in runs]
    asked = _questions(kinds, wanted, sharpness)
    found_out = []
    for number, prepared in enumerate(kept):
        questions = [_towards(q, kept[0], student) for q in asked if q["kind"] != "between" or number]
        found_out += _answers(
            prepared, [landscape_config(**q) for q in questions], student, home, "between" in kinds and not number
        )
    answer({"landscapes": found_out})


def _questions(kinds: list[str], wanted: dict, sharpness: bool) -> list[dict]:
    """Each kind's settings, only those that it reads."""
    questions = [{"kind": kind, **wanted} for kind in kinds if kind != "sharpness"]
    if sharpness or "sharpness" in kinds:
        splits = dict.fromkeys((wanted["split"], "condensed"))
        questions += [{"kind": "sharpness", **wanted, "split": split} for split in splits]
    return questions


def _towards(question: dict, first: Prepared, student: str) -> dict:
    other = {"other": trained_node(first, student).key} if question["kind"] == "between" else {}
    return question | other


def _prepared(name: str, home: Path | None) -> Prepared:
    store = Store(home_of(home))
    try:
        return prepare(checked(store.run(name)["settings"]))
    finally:
        store.close()


def _answers(
    prepared: Prepared, questions: list[LandscapeConfig], student: str, home: Path | None, first_of_line: bool
) -> list[dict]:
    place = home_of(home)
    nodes = tuple(node_of(prepared, settings, student) for settings in questions)
    # A line's beginning is trained, whether or not anything else is asked of that run.
    trained = (trained_node(prepared, student),) if first_of_line else ()
    with Bar() as bar:
        seconds = look(prepared, nodes + trained, place, bar)
    said = []
    for node in nodes:
        about = found(place, node.key).about
        brief = {name: about[name] for name in BRIEF if name in about}
        took = {"cached": node.key not in seconds, "seconds": seconds.get(node.key, 0.0)}
        folder = {"folder": str(place / "artefacts" / node.key)}
        said.append({"run": prepared.run, "key": node.key, "kind": node.settings.kind} | brief | took | folder)
    return said


BRIEF = (
    *("student", "loss", "centre", "not_finite", "directions", "cosine", "explained", "distance", "barrier"),
    *("eigenvalues", "trace", "frobenius", "ball", "largest_difference"),
)
