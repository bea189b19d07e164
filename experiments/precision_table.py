"""Measure what bfloat16 costs in accuracy: EDC in bfloat16 and in float32 with the same observers, paired by seed.

    EDC_HOME=... python -m experiments.precision_table [--seeds 0 1 2 3 4] [--profile lab-quick] [--ipc 10]
        [--rounded | --anyway] [--into FILE]

Prints both top-1 on held-out images and the mean difference with its 95 % interval (Student's t), and each observer's
matching loss in both; the test set stays closed. Resumable. Where bfloat16 is not computed in hardware a run would take
days: then it says by how much, and refuses unless `--rounded`, which computes with bfloat16's numbers at float32's
speed (rounding.py; in a store of its own), or `--anyway`.
"""

import argparse
import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.intervals import estimate
from edc_core.networks.runtime import Runtime
from edc_core.performance.bench.markdown_sections import circumstances, write_section
from edc_core.performance.measure_costs import Clock
from edc_core.performance.timed_steps import STEPS, random_images
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.pipeline.stages.synthesise import matched_observer
from edc_core.store import default_home
from edc_core.store.tensors import read_tensors
from edc_core.torch_utils.device import best_device, has_fast_bfloat16
from edc_core.torch_utils.setup import configure_torch
from experiments.options import matrix_parser
from experiments.sharpness_table import synthesis_of
from tests.support.rounding import rounded

PRECISIONS = ("float32", "bfloat16")
TITLE = "What bfloat16 costs in accuracy"
ROUNDED = (
    "No unit for bfloat16 took part: numbers were rounded to bfloat16's before and after every product and after every"
    " norm, forward and backward, and multiplied and added in float32, as such units do.\n\n"
)
BOTH = (
    "Top-1 (%) of EDC's student on held-out training images. Both arms have the observers that come with the project;"
    " statistics, synthesis, labels and student are computed in the precision that stands above.\n\n"
)
BOUND = 1.0  # points of top-1, between which the interval is to lie


def prepared(precision: str, seed: int, options: argparse.Namespace) -> PreparedRun:
    """One run."""
    # The same observers: one pair of trainings that rounding set apart would be one draw, whatever the seeds.
    changes = {"device.precision": precision, "squeeze.precision": "auto", "score.split": "val"}
    config = configure("EDC", options.dataset, get_profile(options.settings), options.ipc, seed, None, changes)
    return prepare(config, describe(options.dataset))


def home_of(options: argparse.Namespace) -> Path:
    """What was rounded is no machine's bfloat16, and never taken for it."""
    return default_home() / "rounded" if options.rounded else default_home()


def measure(precision: str, seed: int, options: argparse.Namespace) -> float:
    """One run's headline, in percent."""
    with rounded() if options.rounded else nullcontext():
        result = execute(prepared(precision, seed, options), home_of(options))
    return result[result["headline"]]


def matching_losses(seed: int, options: argparse.Namespace) -> dict[str, list[float]]:
    """Each observer's matching loss of the images that the float32 run ended with, by precision."""
    losses: dict[str, list[float]] = {}
    with TemporaryDirectory() as folder, rounded() if options.rounded else nullcontext():
        context = synthesis_of(prepared("float32", seed, options), home_of(options), Path(folder))
        config, device = context.config.synthesise, best_device()
        made = read_tensors(context.stage_results.find(context.node.key) / "images.safetensors")
        images, labels = context.normalisation(device)(made["images"].to(device)), made["labels"].to(device)
        for name in config.observers:
            for precision in PRECISIONS:
                runtime = Runtime(device, torch.get_num_threads(), {name: precision})
                observer = matched_observer(context, config, runtime, name)
                with observer.hooks, torch.no_grad():
                    _, seen = observer.predict(images)
                every = torch.ones(len(observer.matcher.weight), device=device)
                losses.setdefault(name, []).append(observer.matcher.loss(seen, labels, every)[0].item())
    return losses


def said_of_losses(losses: dict[str, list[float]]) -> str:
    """How far apart the two precisions' matching losses lie, in a sentence."""
    apart = {name: 100 * (fast / exact - 1) for name, (exact, fast) in losses.items()}
    shown = ", ".join(f"{name} {off:+.2f} %" for name, off in apart.items())
    return f"Matching loss of the first seed's finished images in bfloat16 against float32, by observer: {shown}."


def slowdown(network: str, channels: int, size: int) -> float:
    """How many times longer a student's step of ten images takes in bfloat16 here."""
    seconds = []
    for precision in PRECISIONS:
        runtime = Runtime(best_device(), torch.get_num_threads(), {network: precision})
        step = STEPS["train"](network, random_images(10, channels, size, runtime), runtime)
        seconds.append(Clock(least=1, most=0.0)(lambda step=step: step()))
    return seconds[1] / seconds[0]


def table(cells: dict[tuple[str, int], float], seeds: list[int]) -> str:
    """Each seed's pair, and the interval of their difference."""
    lines = ["| seed | float32 | bfloat16 | difference |", "|---|---|---|---|"]
    for seed in seeds:
        exact, fast = (cells[precision, seed] for precision in PRECISIONS)
        lines.append(f"| {seed} | {exact:.2f} | {fast:.2f} | {fast - exact:+.2f} |")
    gap = estimate([cells["bfloat16", seed] - cells["float32", seed] for seed in seeds])
    if gap.low is None:
        return "\n".join([*lines, "", f"Mean difference {gap.mean:+.2f}; an interval wants two seeds at least."])
    within = "lies" if gap.low >= -BOUND and gap.high <= BOUND else "does not lie"
    said = f"Mean difference {gap.mean:+.2f} points (95 %: {gap.low:+.2f} to {gap.high:+.2f}): the interval {within}"
    return "\n".join([*lines, "", f"{said} within {BOUND:g} point of zero."])


def main() -> None:
    parser = matrix_parser(__doc__, seeds=5)
    parser.add_argument("--rounded", action="store_true", help="bfloat16's numbers, multiplied and added in float32")
    parser.add_argument("--into", type=Path, help="a Markdown file, whose section precision is written")
    parser.add_argument("--anyway", action="store_true", help="also where bfloat16 is emulated")
    options = parser.parse_args()
    configure_torch()
    fast = has_fast_bfloat16(best_device())
    if fast and options.rounded:
        parser.exit(2, f"{best_device()} computes bfloat16 itself: leave --rounded out.\n")
    if not fast and not (options.anyway or options.rounded):
        about = describe(options.dataset)
        student = get_profile(options.settings).base["evaluate.students"][0]
        times = slowdown(student, about.channels, about.size)
        said = f"{best_device()} emulates bfloat16: a step of {student} takes {times:,.0f} times as long."
        parser.exit(2, f"{said} --rounded, or --anyway.\n")
    cells: dict[tuple[str, int], float] = {}
    for number, seed in enumerate(options.seeds, 1):
        for precision in PRECISIONS:
            cells[precision, seed] = measure(precision, seed, options)
            print(f"seed {seed} {precision}: {cells[precision, seed]:.2f}", file=sys.stderr, flush=True)
        found = table(cells, options.seeds[:number])
        print(found, flush=True)
        if options.into:
            command = f"python -m experiments.precision_table {shlex.join(sys.argv[1:])}"
            losses = said_of_losses(matching_losses(options.seeds[0], options))
            said = f"{ROUNDED * options.rounded}{BOTH}{found}\n\n{losses}"
            write_section(options.into, "precision", TITLE, command, said, circumstances())


if __name__ == "__main__":
    main()
