"""`worth`: measure how well hard-labelled real subsets teach, and store the curve."""

import re
from pathlib import Path
from typing import Annotated

import typer

from edc_core.cli.options import DatasetOption, Home, ProfileOption, app, home_of, parse_int, print_result
from edc_core.console.progress import ProgressBar
from edc_core.data import Description, describe
from edc_core.design_space.compose import configure, require_known, resolve_profile
from edc_core.design_space.profiles import Profile, Values
from edc_core.errors import SettingsError
from edc_core.judging.worth import CURVES_FOLDER, FORMAT, IPCS, RECIPES, STEPS, read_curve
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, dataset_name, prepare, versions
from edc_core.stage_graph import CODE_VERSIONS
from edc_core.store.files import write_json

READ = ("initialise", "synthesise", "relabel", "evaluate", "score")  # the stages that a curve rests on
SPLITS = ("val", "test")


@app.command()
def worth(
    dataset: DatasetOption = "fashion-mnist-mini",
    student: Annotated[str | None, typer.Option(help="a network's name (default: the profile's own)")] = None,
    steps: Annotated[
        list[int] | None, typer.Option(help=f"optimiser steps (default: {STEPS[0]} and {STEPS[1]}); may be repeated")
    ] = None,
    ipcs: Annotated[str, typer.Option(help="images per class, comma-separated")] = ",".join(map(str, IPCS)),
    seeds: Annotated[
        int,
        typer.Option(
            parser=parse_int, metavar="N", help="number of seeds; each redraws images, views and initial weights"
        ),
    ] = 3,
    recipe: Annotated[
        list[str] | None, typer.Option(help=f"{' or '.join(RECIPES)} (default: both); may be repeated")
    ] = None,
    profile: ProfileOption = "auto",
    out: Annotated[
        Path, typer.Option(help="folder of the curves", show_default="assets/worth, which comes with the lab")
    ] = CURVES_FOLDER,
    home: Home = None,
) -> None:
    """Measure the curve that accuracies are read against: random real images with hard labels.

    The preset random under the protocol hard, at one number of optimiser steps whatever the number of
    images, scored on test and on held-out images; by two recipes of training, of which each number of images
    is read by the better one. Resumable: what is in the store is not computed again, and a curve's file keeps
    a recipe that was not asked for, where it has the same numbers of images and seeds.
    """
    grid = _grid(ipcs, seeds)
    for name in recipe or ():
        require_known(name, RECIPES, "recipe")
    _make_folder(out)  # not after hours of computing
    dataset = dataset_name(dataset)
    about = describe(dataset)
    table, written = resolve_profile(profile, about.classes, about.size), []
    for budget in steps or STEPS:
        points, recipes = [], {}
        for name in dict.fromkeys(recipe or RECIPES):
            changes = {"views.steps": budget, "views.epochs": None} | RECIPES[name][1]
            changes |= {"evaluate.students": [student]} if student else {}
            for ipc, seed in grid:
                runs = _runs(dataset, about, table, ipc, seed, changes)
                place = {"recipe": name, "images": ipc * len(about.classes), "ipc": ipc, "seed": seed}
                points.append(place | _scored(runs, home))
            recipes[name] = _recipe(runs["test"])
        path = out / f"{about.name.rpartition('/')[2]}-{about.digest[:8]}-{_student(runs)}-{budget}.json"
        write_json(path, _record(runs["test"], budget, points, recipes, path))
        written.append(str(path))
    print_result({"curves": written})


def _grid(ipcs: str, seeds: int) -> list[tuple[int, int]]:
    """Every pair of images per class and seed.

    Raises:
        SettingsError: `ipcs` is no list of whole numbers, or there is no seed.
    """
    if not re.fullmatch(r"\d{1,6}(,\d{1,6})*", ipcs):
        raise SettingsError(f"--ipcs is '{ipcs}': give numbers of images per class like 1,10,100.")
    if seeds < 1:
        raise SettingsError(f"--seeds is {seeds}: give at least 1.")
    return [(ipc, seed) for ipc in sorted({int(text) for text in ipcs.split(",")}) for seed in range(seeds)]


def _runs(
    dataset: str, about: Description, table: Profile, ipc: int, seed: int, changes: Values
) -> dict[str, PreparedRun]:
    """The run of one point, scored on each split."""
    return {
        split: prepare(configure("random", dataset, table, ipc, seed, "hard", changes | {"score.split": split}), about)
        for split in SPLITS
    }


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"--out is '{out}', where no folder can be ({error.strerror}): choose another.") from None


def _scored(runs: dict[str, PreparedRun], home: Path | None) -> dict[str, dict[str, float]]:
    """Top-1 in percent on each split, raw and averaged weights."""
    found = {}
    for split, prepared in runs.items():
        with ProgressBar() as bar:
            result = execute(prepared, home_of(home), bar)
        found[split] = {"raw": result["top1"], "ema": result["top1_ema"]}
    return found


def _student(runs: dict[str, PreparedRun]) -> str:
    return runs["test"].config.evaluate.students[0]


def _recipe(prepared: PreparedRun) -> dict:
    """What a recipe's points rest on."""
    config = prepared.config
    return {
        "settings": {
            name: getattr(config, name).cache_key_fields() for name in ("data", "views", "relabel", "evaluate")
        },
        "code_versions": {stage: CODE_VERSIONS[stage] for stage in READ},
        "versions": versions(),
    }


def _record(prepared: PreparedRun, steps: int, points: list[dict], recipes: dict[str, dict], path: Path) -> dict:
    """The curve with everything that it rests on; the file's other recipes stay where they have the same points."""
    about = prepared.description
    kept = read_curve(path).record if path.exists() else {"points": [], "recipes": {}}
    others = {name: [point for point in kept["points"] if point["recipe"] == name] for name in kept["recipes"]}
    others = {name: own for name, own in others.items() if name not in recipes and _places(own) == _places(points)}
    return {
        "format": FORMAT,
        "dataset": {"name": about.name, "digest": about.digest, "classes": len(about.classes)},
        "student": prepared.config.evaluate.students[0],
        "steps": steps,
        "redrawn": "images, views and the student's initial weights",
        "recipes": {name: kept["recipes"][name] for name in others} | recipes,
        "points": [point for own in others.values() for point in own] + points,
    }


def _places(points: list[dict]) -> set[tuple[int, int]]:
    return {(point["images"], point["seed"]) for point in points}
