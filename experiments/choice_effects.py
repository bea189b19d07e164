"""Measure what each of EDC's eight choices changes beside accuracy: the images, and the student's sharpness.

    EDC_HOME=... python -m experiments.choice_effects [--seeds 0 1 2] [--profile lab-quick] [--ipc 10]
        [--dataset DIR] [--out FILE]

EDC against EDC without one choice, from the same seed. Images: the mean absolute difference of their pixels, in grey
levels of 255. Sharpness: the worst rise of the loss on held-out images within a small ball around the scored weights.
The effects on accuracy come from the bundled factorial. Resumable; `--out assets/choices.json` is what the page Recipe
reads (`edc_core.ablation.choice_evidence`).
"""

import sys
import time
from argparse import Namespace
from dataclasses import astuple
from pathlib import Path

import numpy as np

from edc_core import jobs
from edc_core.ablation import choice_evidence
from edc_core.ablation.choice_verdicts import ChoiceEffects, choice_effects
from edc_core.ablation.design import factors_of, parse_design
from edc_core.ablation.matrix import profile_of
from edc_core.ablation.published_lookup import at_profile, reseeded
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.ablation.results import by_cell, rows_of
from edc_core.config.field_types import STORED_PROFILES
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES
from edc_core.jobs.tasks.landscape import execute_landscape, landscape_task
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare, versions
from edc_core.runs.landscape_results import found
from edc_core.store import BUNDLED, StageResults, default_home
from edc_core.store.tensors import read_tensors
from edc_core.torch_utils.setup import configure_torch
from experiments.options import matrix_parser

EDC = ""  # the name of no choice: nothing is left out
QUESTION = {"kind": "sharpness", "split": "val", "images": 300, "vectors": 10, "eigenvalues": 1}


def prepared(without: str, seed: int, options: Namespace) -> PreparedRun:
    """EDC without the choice of that name, as the factorial has it."""
    about, table = describe(options.dataset), get_profile(options.settings)
    base = configure("G", options.dataset, table, options.ipc, seed)
    return prepare(reseeded(at_profile(base, table, frozenset(CHOICES) - {without}), seed), about)


def measure(run: PreparedRun, home: Path) -> tuple[np.ndarray, float]:
    """The condensed images' pixels, and the worst rise of the loss in the ball."""
    execute(run, home)
    made = next(node for node in run.nodes if node.stage == "synthesise")
    folder = StageResults(home, (BUNDLED,)).find(made.key)
    asked = landscape_task([run], [QUESTION | {"weights": run.config.score.weights}])
    execute_landscape(asked, home)
    rise = found(home, asked.parts[0].nodes[0].key).about["ball"]["rise"]
    return read_tensors(folder / "images.safetensors")["images"].numpy().astype(float), rise


def factorial_effects(dataset: str, profile: str, ipc: int) -> dict[str, ChoiceEffects]:
    """By choice, of the bundled factorial on this data set; empty where there is none."""
    for stored in published_matrices():
        design = parse_design(stored["design"])
        if (design.kind, design.datasets, design.profile, design.ipcs) == ("factorial", (dataset,), profile, (ipc,)):
            rows = rows_of(jobs.expand_matrix(design), ScoreLookup(StageResults(default_home(), (BUNDLED,))))
            return choice_effects(by_cell(rows, on=True), factors_of(design, profile_of(design, describe(dataset))))
    return {}


def plain(effects: ChoiceEffects) -> dict[str, list | None]:
    """As the record keeps them: mean, low, high and number of seeds."""
    turned = effects.reversed_by
    return {
        "with_others": list(astuple(effects.with_others)),
        "on_average": list(astuple(effects.on_average)),
        "reversed_by": [turned[0], list(astuple(turned[1]))] if turned else None,
    }


def record(options: Namespace, changed: dict[str, dict[str, list]]) -> dict:
    """Every figure with what it rests on, as `choice_evidence` reads it."""
    about, effects = describe(options.dataset), factorial_effects(options.dataset, options.settings, options.ipc)
    return {
        "dataset": about.name,
        "digest": about.digest,
        "settings": STORED_PROFILES.get(options.settings, options.settings),
        "ipc": options.ipc,
        "students": list(prepared(EDC, 0, options).config.evaluate.students),
        "seeds": options.seeds,
        "split": "val",
        "sharpness": QUESTION,
        "versions": versions(),
        "finished": time.time(),
        "choices": {name: plain(effects[name]) | changed[name] for name in changed},
    }


def main() -> None:
    parser = matrix_parser(__doc__, seeds=3)
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    configure_torch()
    changed: dict[str, dict[str, list]] = {name: {"grey_levels": [], "ball": []} for name in CHOICES}
    for seed in options.seeds:
        images, rise = measure(prepared(EDC, seed, options), default_home())
        for name in CHOICES:
            others, flat = measure(prepared(name, seed, options), default_home())
            changed[name]["grey_levels"].append(round(float(np.abs(images - others).mean()), 2))
            changed[name]["ball"].append([rise, flat])
            print(f"seed {seed} without {name}: {changed[name]}", file=sys.stderr, flush=True)
    found_here = record(options, changed)
    print(found_here)
    if options.out:
        choice_evidence.add(found_here, options.out)


if __name__ == "__main__":
    main()
