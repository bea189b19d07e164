"""Measure how long observers should be trained: EDC, and random images with the same labels, by squeeze epochs.

    EDC_HOME=... python -m experiments.epochs_table --dataset DIR [--epochs 1 2 5 10] [--seeds 0 1 2]
        [--profile lab-quick] [--ipc 10] [--set SETTING=VALUE] [--split val] [--into FILE --section NAME]

Each cell: mean headline top-1 and its standard deviation over seeds, which redraw everything but the observers. On
held-out training images by default: epochs are a choice. Resumable; the table is printed and written after every seed.
"""

import argparse
import shlex
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from edc_core.config import RunConfig
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.intervals import estimate
from edc_core.performance.bench.markdown_sections import checked_section, circumstances, write_section
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import default_home
from experiments.results_table import cell, committee_top1, drawn, seen_by_observers

METHODS = ("random", "EDC")


def prepared(method: str, epochs: int, seed: int, options: argparse.Namespace) -> PreparedRun:
    """One run under EDC's evaluation with observers of so many epochs."""
    changes = parse_changes(options.set) | {"squeeze.epochs": epochs, "score.split": options.split}
    table = get_profile(options.settings)
    protocol = None if method == "EDC" else "edc"
    config = configure(method, options.dataset, table, options.ipc, seed, protocol, changes)
    return prepare(config, describe(options.dataset))


def rows(
    cells: dict[tuple[str, int], list[float]], observers: dict[int, list[float]], together: dict[int, float]
) -> list[str]:
    """One table row an epoch count: observers, their committee, both methods, the difference with its interval."""
    lines = [
        "| squeeze epochs | observers' top-1, mean (worst to best) | label givers together | random images | EDC"
        " | EDC over random (95 %) |",
        "|---|---|---|---|---|---|",
    ]
    for epochs, seen in observers.items():
        gap = estimate([edc - random for random, edc in zip(*(cells[name, epochs] for name in METHODS), strict=True)])
        bounds = "" if gap.low is None else f" ({gap.low:+.1f} to {gap.high:+.1f})"
        spread = f"{statistics.mean(seen):.1f} ({min(seen):.1f} to {max(seen):.1f})"
        both = " | ".join(cell(cells[name, epochs]) for name in METHODS)
        lines.append(f"| {epochs} | {spread} | {together[epochs]:.1f} | {both} | {gap.mean:+.1f}{bounds} |")
    return lines


def networks(config: RunConfig) -> str:
    """Which networks a table is about, in a sentence."""
    student, images, labels = (
        ", ".join(names) for names in (config.evaluate.students, config.synthesise.observers, config.relabel.observers)
    )
    squeezed = f"squeezed {'at a constant rate' if config.squeeze.schedule == 'constant' else 'with a cosine schedule'}"
    return f"Student {student}; images by {images}; labels by {labels}; {squeezed}."


def measuring_parser(about: str, section: str) -> argparse.ArgumentParser:
    """What every table of settings asks: which runs, judged on what, written where."""
    parser = argparse.ArgumentParser(description=about.splitlines()[0])
    parser.add_argument("--dataset", default="fashion-mnist-mini")
    parser.add_argument("--profile", "--settings", dest="settings", default="lab-quick")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--set", nargs="+", default=[], metavar="SETTING=VALUE", help="changes of every run")
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--into", type=Path, help="a Markdown file")
    parser.add_argument("--section", type=checked_section, default=section, help="which section of it")
    return parser


def main() -> None:
    parser = measuring_parser(__doc__, "epochs")
    parser.add_argument("--epochs", type=int, nargs="+", default=[1, 2, 5, 10])
    options = parser.parse_args()
    cells: dict[tuple[str, int], list[float]] = defaultdict(list)
    observers: dict[int, list[float]] = {}
    together: dict[int, float] = {}
    for number, seed in enumerate(options.seeds, 1):
        for epochs in options.epochs:
            for method in METHODS:
                one = prepared(method, epochs, seed, options)
                result = execute(one, default_home())
                cells[method, epochs].append(result[result["headline"]])
                print(f"seed {seed} epochs {epochs} {method}: {cells[method, epochs][-1]:.2f}", file=sys.stderr)
            observers[epochs] = list(seen_by_observers(one).values())
            together[epochs] = together.get(epochs) or committee_top1(one)
        where = "test images" if options.split == "test" else "held-out training images"
        about = (
            f"Top-1 (%) on {where} at IPC {options.ipc}, profile {options.settings}: {drawn({number})}. A seed redraws"
            " everything but the observers, which were trained once for each line and scored on held-out images."
            f" {networks(one.config)}"
        )
        found = "\n".join([about, "", *rows(cells, observers, together)])
        print(found, flush=True)
        if options.into:
            command = f"python -m experiments.epochs_table {shlex.join(sys.argv[1:])}"
            students = f"students of {one.config.views.epochs} epochs"
            title = f"How long observers are trained: {one.description.name}, {students}"
            write_section(options.into, options.section, title, command, found, circumstances())


if __name__ == "__main__":
    main()
