"""What computes: a run, an evaluation, a matrix of runs. The same runs as the command line's, in the same store."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edc_core.ablation import build_matrix
from edc_core.api.arguments import changes_of, checked_keywords, home_of, listed, parse_int, set_of, text
from edc_core.api.matrix import checked_design, run_matrix, score_table
from edc_core.api.run import Run, load_run
from edc_core.console.progress import ProgressBar, in_notebook
from edc_core.design_space.compose import evaluation_changes
from edc_core.environment import set_before_torch
from edc_core.errors import SettingsError
from edc_core.judging.evaluate import SetEvaluation, prepare_run_evaluation, prepare_set_evaluation
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare_by_name

if TYPE_CHECKING:
    import pandas as pd

Place = str | os.PathLike


@checked_keywords
def condense(
    dataset: Place = "fashion-mnist-mini",
    preset: str = "EDC",
    ipc: int = 10,
    *,
    seed: int = 0,
    profile: str = "auto",
    settings: Mapping[str, Any] | None = None,
    protocol: str | None = None,
    network: str | Sequence[str] | None = None,
    students_per_network: int | None = None,
    split: str | None = None,
    home: Place | None = None,
    progress: bool = True,
) -> Run:
    """Condense a data set, train a student on the images and score it; finished stages are taken from the store.

    Interrupted, it keeps what is finished, and the same call goes on from there.

    Args:
        dataset: a known data set's name, or a folder (docs/data.md).
        preset: a method: EDC, A to G, RDED, random ...; 'python -m edc_core presets' lists them.
        ipc: images per class.
        seed: random seed of images, views and students; observers are not affected.
        profile: the numbers that the choices take, e.g. lab; auto chooses what suits the data set.
        settings: single settings by path, e.g. {"evaluate.zeta": 1.5}.
        protocol: how the student is trained and scored; by default the preset's own.
        network: the student's network, or several.
        students_per_network: students of each network: new initial weights, the same views.
        split: "test" scores the test set once (the default), "val" held-out training images.
        home: the store's folder; by default `EDC_HOME`, else ./runs.
        progress: whether to draw a progress bar.

    Returns:
        The finished run, as `edc.load` gives it.

    Raises:
        EDCError: a name or a value is wrong, or the run failed; one sentence that names the cure.
        KeyboardInterrupt: stopped.
    """
    changes = changes_of(settings) | _evaluation(network, students_per_network, split)
    names = text("preset", preset), text("dataset", dataset), parse_int("ipc", ipc), parse_int("seed", seed)
    prepared = prepare_by_name(*names, text("profile", profile), protocol, changes)
    return _execute(prepared, home_of(home), progress)


@checked_keywords
def evaluate(
    run: str | Run | None = None,
    *,
    images: Any = None,
    labels: Any = None,
    normalisation: str | None = None,
    dataset: Place | None = None,
    ipc: int | None = None,
    seed: int | None = None,
    controls: bool = True,
    profile: str | None = None,
    protocol: str | None = None,
    network: str | Sequence[str] | None = None,
    students_per_network: int | None = None,
    split: str | None = None,
    settings: Mapping[str, Any] | None = None,
    judge_anyway: bool = False,
    home: Place | None = None,
    progress: bool = True,
) -> Run:
    """Judge condensed images: a run's by other students or another protocol, or a set of one's own.

    Args:
        run: a run, or its name. It keeps its data set, IPC, seed and profile.
        images: instead of a run, a folder, ZIP or NPZ, or an array (N, H, W, C) or (N, C, H, W).
        labels: each image's class; of an array a sequence of names or numbers, else a file (default: by name).
        normalisation: of an array of floating-point numbers: "0-1", "0-255", or MEAN/STD such as "0.286/0.353".
        dataset: what the images were made from; by default fashion-mnist-mini.
        ipc: of `images` the first so many of each class; by default all.
        seed: of `images`: random seed of views and student.
        controls: of `images`: judge random real images and herding beside it.
        profile: of `images`: the numbers of the evaluation; by default what suits the data set.
        protocol: how students are trained and scored; by default a run's own, EDC's for `images`.
        network: the student's network, or several.
        students_per_network: students of each network: new initial weights, the same views.
        split: "test" or "val".
        settings: single settings of views, relabel, evaluate and score by path.
        judge_anyway: of `images`: judge them even where they cannot be a set of the data set as they are (test images,
            labels in another order, inverted or black images); `set_warnings` of the run says what was found.
        home: the store's folder; by default the run's own, else `EDC_HOME`, else ./runs.
        progress: whether to draw a progress bar.

    Returns:
        The run of this evaluation; its `controls` are the controls' runs by name.

    Raises:
        EDCError: a name or a value is wrong, or the evaluation failed; one sentence that names the cure.
        KeyboardInterrupt: stopped; the same call goes on from there.
    """
    if (run is None) == (images is None):
        raise SettingsError("evaluate judges one set: give a run, or images.")
    changes = changes_of(settings) | _evaluation(network, students_per_network, split)
    place = home_of(run.home if isinstance(run, Run) and home is None else home)
    of_images = {"labels": labels, "normalisation": normalisation, "dataset": dataset, "ipc": ipc, "seed": seed}
    of_images |= {"profile": profile}
    if run is not None:
        return _execute(_prepare_run(run, place, of_images, protocol, changes), place, progress)
    how = {"controls": controls, "protocol": protocol, "changes": changes, "judge_anyway": judge_anyway}
    evaluation = _prepare_images(images, place, **of_images, **how)
    judged = _execute(evaluation.run, place, progress)
    others = {name: _execute(other, place, progress) for name, other in evaluation.controls.items()}
    return load_run(judged.id, place, others)


def _prepare_run(
    run: str | Run, place: Path, of_images: Mapping[str, Any], protocol: str | None, changes: dict[str, Any]
) -> PreparedRun:
    """The evaluation of a stored run; arguments that only `images` take are refused."""
    wrong = next((name for name, value in of_images.items() if value is not None), None)
    if wrong:
        raise SettingsError(f"{wrong} belongs to images: a run keeps its own, so leave it out.")
    return prepare_run_evaluation(run.id if isinstance(run, Run) else text("run", run), place, protocol, changes)


def _prepare_images(
    images: Any, place: Path, *, labels: Any, dataset: Any, ipc: Any, seed: Any, profile: Any, **how: Any
) -> SetEvaluation:
    """The evaluation of a condensed set, and of its controls."""
    condensed, classes = set_of(images, labels)
    return prepare_set_evaluation(
        condensed,
        text("dataset", "fashion-mnist-mini" if dataset is None else dataset),
        place,
        labels=classes,
        ipc=None if ipc is None else parse_int("ipc", ipc),
        seed=0 if seed is None else parse_int("seed", seed),
        profile=text("profile", profile or "auto"),
        **how,
    )


@checked_keywords
def ablate(
    dataset: Place | Iterable[Place] = "fashion-mnist-mini",
    kind: str = "ladder",
    ipc: int | Iterable[int] = 10,
    *,
    presets: str | Sequence[str] | None = None,
    choices: str | Sequence[str] | None = None,
    seeds: int = 3,
    first_seed: int = 0,
    network: str | Sequence[str] | None = None,
    protocol: str | None = None,
    split: str = "val",
    profile: str = "auto",
    settings: Mapping[str, Any] | None = None,
    home: Place | None = None,
    progress: bool = True,
) -> "pd.DataFrame":
    """Run a matrix: presets or combinations of choices x data sets x IPC x seeds; shared stages are computed once.

    Args:
        dataset: a name or a folder, or several.
        kind: ladder, one-at-a-time, leave-one-out, factorial, fractional, confounds or waterfall (docs/ablations.md).
        ipc: images per class, or several numbers of them.
        presets: of a ladder; by default A to G.
        choices: of kinds that combine choices; by default the first eight.
        seeds, first_seed: how many seeds from which one on; each redraws everything but the observers.
        network: the students' network, or several; by default the profile's own.
        protocol: judge every preset of a ladder by this one.
        split: "val" keeps the test set closed, "test" opens it.
        profile: the numbers that the choices take; auto chooses what suits the data set.
        settings: single settings of every run by path.
        home: the store's folder; by default `EDC_HOME`, else ./runs.
        progress: whether to draw a progress bar.

    Returns:
        A row a run and student: `cell`, `preset`, `dataset`, `ipc`, `student`, `seed`, `top1_percent`; a column
        `on:CHOICE` of 1 and 0 where choices are combined; bytes, seconds, and the `run` that holds the rest.

    Raises:
        EDCError: a name or a value is wrong; or runs failed, while the others are kept.
        KeyboardInterrupt: stopped; the same call goes on from there.
    """
    values: dict[str, Any] = {"kind": text("kind", kind), "split": split, "protocol": protocol}
    values |= {"datasets": [text("dataset", name) for name in listed(dataset)]}
    values |= {"ipcs": [parse_int("ipc", number) for number in listed(ipc)], "students": listed(network or ())}
    values |= {"seeds": parse_int("seeds", seeds), "first_seed": parse_int("first_seed", first_seed)}
    values |= {"settings": text("profile", profile), "changes": changes_of(settings)}
    matrix, place = build_matrix(checked_design(values, presets, choices)), home_of(home)
    run_matrix(matrix, place, progress)
    return score_table(matrix, place)


def _evaluation(network: str | Sequence[str] | None, students: int | None, split: str | None) -> dict[str, Any]:
    count = None if students is None else parse_int("students_per_network", students)
    return evaluation_changes(None if network is None else listed(network), count, split)


def _execute(prepared: PreparedRun, home: Path, progress: bool) -> Run:
    set_before_torch()
    if not progress:
        return load_run(execute(prepared, home)["run"], home)
    with ProgressBar(in_notebook()) as bar:
        return load_run(execute(prepared, home, bar)["run"], home)
