"""Measure whether smoothing the schedule, flatness regularisation, or all of EDC lowers sharpness, in both spaces.

    EDC_HOME=... python -m experiments.sharpness_table [--seeds 0 1 2] [--profile lab-quick] [--weights raw ema]
        [--split val]
        [--images-only]

Pairs: CONFIG C with zeta 2 and 1; D (flatness) and C; G (EDC) and A. Sharpness is that of the trained student's loss,
on real images and on its own condensed views, and that of the matching loss in the images at the end of synthesis:
EDC's own loss for the images of all, by each of its observers, since a run's own loss is another function for other
observers.
Each row: geometric means over seeds, and the ratio of the first to the second, paired by seed, with its 95 % interval
(Student's t on logarithms). A ratio whose interval holds 1 says nothing. Resumable; prints Markdown.
"""

import argparse
import math
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from edc_core.data import describe, open_dataset
from edc_core.design_space.compose import configure, get_profile
from edc_core.events import no_op
from edc_core.figures.sharpness import MEASURES, value_of
from edc_core.intervals import estimate
from edc_core.jobs.tasks.landscape import execute_landscape, landscape_task
from edc_core.landscape.sharpness import image_curvature
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.pipeline.stages.synthesise import matched_observer
from edc_core.rng import seed_from
from edc_core.runs.landscape_results import found
from edc_core.store import BUNDLED, StageResults, default_home
from edc_core.store.stage_results import Work
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.image_optimiser import matching_of
from edc_core.torch_utils.setup import configure_torch

DATASET = "fashion-mnist-mini"
SETS = {
    "G": ("G", {}),  # first: its observers judge all images
    "C, zeta 1": ("C", {"evaluate.zeta": 1.0}),
    "C, zeta 2": ("C", {"evaluate.zeta": 2.0}),
    "C": ("C", {}),
    "D": ("D", {}),
    "A": ("A", {}),
}
PAIRS = (("C, zeta 2", "C, zeta 1"), ("D", "C"), ("G", "A"))
WITHOUT_IMAGES = ("C, zeta 1", "C, zeta 2")  # the schedule is the student's: their images are C's


def prepared(name: str, seed: int, settings: str, ipc: int) -> PreparedRun:
    preset, changes = SETS[name]
    config = configure(preset, DATASET, get_profile(settings), ipc, seed, None, changes | {"score.split": "val"})
    return prepare(config, describe(DATASET))


def of_student(run: PreparedRun, weights: str, split: str, home: Path) -> dict[str, float | None]:
    asked = landscape_task([run], [{"kind": "sharpness", "weights": weights, "split": split}])
    execute_landscape(asked, home)
    about = found(home, asked.parts[0].nodes[0].key).about
    return {measure: value_of(about, measure)[0] for measure in MEASURES}


def of_images(run: PreparedRun, reference: PreparedRun, home: Path) -> dict[str, float]:
    """Frobenius norm of the reference's matching loss in a run's finished images, by observer."""
    with TemporaryDirectory() as folder:
        made, judge = (synthesis_of(one, home, Path(folder)) for one in (run, reference))
        config = judge.config.synthesise
        exact = Runtime("cpu", torch.get_num_threads(), dict.fromkeys(config.observers, "float32"))
        tensors = read_tensors(made.stage_results.find(made.node.key) / "images.safetensors")
        images, labels, norms = judge.normalisation("cpu")(tensors["images"]), tensors["labels"], {}
        for observer in (matched_observer(judge, config, exact, name) for name in config.observers):
            seed = seed_from("image sharpness", run.config.synthesise.seed, observer.name)
            norms[observer.name] = image_curvature(matching_of(observer, labels), images, 20, seed).frobenius.value
    return norms


def synthesis_of(run: PreparedRun, home: Path, folder: Path) -> StageContext:
    """What the synthesis of a run knew; `folder` is for what it would write."""
    node = next(node for node in run.nodes if node.stage == "synthesise")
    dataset = open_dataset(run.config.dataset, run.config.data, home, run.description)
    return StageContext(
        node, run.nodes, run.config, dataset, StageResults(home, (BUNDLED,)), Work(node.key, folder), no_op
    )


def measure(name: str, seed: int, options: argparse.Namespace, home: Path) -> dict[tuple[str, str], float | None]:
    """Everything about one run: (space, measure) -> value."""
    run = prepared(name, seed, options.settings, options.ipc)
    result = execute(run, home)
    values = {("accuracy", "top-1 (%)"): result["top1"]}
    for weights in () if options.images_only else options.weights:
        for split in (options.split, "condensed"):
            values |= {(f"{weights}, {split}", m): v for m, v in of_student(run, weights, split, home).items()}
    if name not in WITHOUT_IMAGES:
        edc = prepared("G", seed, options.settings, options.ipc)
        values |= {("images", f"frobenius, {by}"): norm for by, norm in of_images(run, edc, home).items()}
    return values


def row(space: str, measure: str, pair: tuple[str, str], cells: dict, seeds: list[int]) -> str | None:
    both = [[cells[name, seed].get((space, measure)) for seed in seeds] for name in pair]
    ours, theirs = zip(*[values for values in zip(*both, strict=True) if None not in values] or [((), ())], strict=True)
    if not ours or not all(value and value > 0 for value in (*ours, *theirs)):
        return None
    means = [math.exp(sum(map(math.log, values)) / len(values)) for values in (ours, theirs)]
    ratio = estimate([math.log(a / b) for a, b in zip(ours, theirs, strict=True)])
    bounds = "" if ratio.low is None else f" ({math.exp(ratio.low):.2f} to {math.exp(ratio.high):.2f})"
    shown = " | ".join(f"{mean:.3g}" for mean in means)
    return f"| {' / '.join(pair)} | {space} | {measure} | {shown} | {math.exp(ratio.mean):.2f}{bounds} | {len(ours)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--profile", "--settings", dest="settings", default="lab-quick")
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--weights", nargs="+", default=["raw"], choices=("raw", "ema"))
    parser.add_argument("--split", default="val", choices=("val", "test"))
    parser.add_argument("--images-only", action="store_true", help="no student's sharpness")
    options = parser.parse_args()
    configure_torch()
    cells = {}
    for seed in options.seeds:
        for name in SETS:
            cells[name, seed] = measure(name, seed, options, default_home())
            print(f"seed {seed} {name}: {cells[name, seed]}", file=sys.stderr, flush=True)
    print("| first / second | space | measure | first | second | ratio (95 %) | seeds |\n|---|---|---|---|---|---|---|")
    places = list(dict.fromkeys(place for values in cells.values() for place in values))
    for pair in PAIRS:
        for space, measured in places:
            if line := row(space, measured, pair, cells, options.seeds):
                print(line)


if __name__ == "__main__":
    main()
