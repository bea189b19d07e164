"""Measure {random, herding, RDED, A, G} by their own evaluation, by G's, and with hard labels.

    EDC_HOME=... python -m experiments.protocols_table --ipc 1 10 50 --seeds 0 1 2

Each cell is the headline top-1 on the test set: mean and standard deviation over seeds, which redraw
the initial images (but herding's), synthesis, views and student, not the observers. Resumable: what is in the store is
not computed again. Prints a Markdown table; cells that are not there yet are left out.
"""

import argparse
import statistics
import sys
from collections import defaultdict
from pathlib import Path

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.store import default_home

DATASET = "fashion-mnist-mini"
METHODS = ("random", "herding", "RDED", "A", "G")
PROTOCOLS = {"own": None, "edc": "edc", "hard": "hard"}


def measure(method: str, protocol: str | None, ipc: int, seed: int, split: str, home: Path) -> float:
    """One run's headline, in percent."""
    changes = {"score.split": split}
    config = configure(method, DATASET, get_profile("lab"), ipc, seed, protocol, changes)
    result = execute(prepare(config, describe(DATASET)), home)
    return result[result["headline"]]


def cell(values: list[float]) -> str:
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.1f}{spread}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ipc", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--methods", nargs="+", default=METHODS, choices=METHODS)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    options = parser.parse_args()
    cells: dict[tuple, list[float]] = defaultdict(list)
    for ipc in options.ipc:
        for seed in options.seeds:
            for name, protocol in PROTOCOLS.items():
                for method in options.methods:
                    value = measure(method, protocol, ipc, seed, options.split, default_home())
                    cells[ipc, method, name].append(value)
                    print(f"ipc {ipc} seed {seed} {name:4} {method:8} {value:6.2f}", file=sys.stderr, flush=True)
    print(f"| IPC | method | {' | '.join(PROTOCOLS)} |\n|---|---|{'---|' * len(PROTOCOLS)}")
    for ipc in options.ipc:
        for method in options.methods:
            print(f"| {ipc} | {method} | {' | '.join(cell(cells[ipc, method, name]) for name in PROTOCOLS)} |")


if __name__ == "__main__":
    main()
