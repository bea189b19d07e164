"""Measure each choice beyond EDC alone against EDC, on held-out training images, paired by seed.

    EDC_HOME=... python -m tests.beyond_table [--seeds 0 1 2 3 4] [--settings brisk] [--ipc 10] [--out FILE]

Each row: mean headline top-1 with the choice on, and its difference from EDC of the same seed, with the 95 %
interval (Student's t). A difference whose interval holds 0 says nothing. The test set stays closed.
Resumable; prints Markdown after every seed, so that it may be stopped at any time. `--out assets/beyond.json`
writes what the Recipe page says of each choice.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from edc_core.configure import configure, table_named
from edc_core.data import describe
from edc_core.design_space import BEYOND
from edc_core.judging.intervals import estimate
from edc_core.pipeline import execute, prepare, versions
from edc_core.store import default_home
from edc_core.store.files import write_json

REFERENCE = "EDC"
VARIANTS = {
    REFERENCE: {},
    **{choice.title: dict(choice.on_values) for choice in BEYOND.values()},
    "data residual, drawn pictures": {"synthesise.residual": 0.5, "synthesise.residual_patch": "drawn"},
}


def measure(name: str, seed: int, options: argparse.Namespace, home: Path) -> float:
    """One run's headline, in percent."""
    changes = VARIANTS[name] | {"score.split": "val"}
    table = table_named(options.settings)
    config = configure("G", options.dataset, table, options.ipc, seed, None, changes)
    result = execute(prepare(config, describe(options.dataset)), home)
    return result[result["headline"]]


def rows(cells: dict[tuple[str, int], float], seeds: list[int]) -> list[str]:
    """The table's lines over the seeds that are there."""
    lines = ["| | top-1 (%) | against EDC (95 %) | seeds |", "|---|---|---|---|"]
    for name in VARIANTS:
        values = [cells[name, seed] for seed in seeds]
        gap = estimate([cells[name, seed] - cells[REFERENCE, seed] for seed in seeds])
        bounds = "" if gap.low is None else f" ({gap.low:+.2f} to {gap.high:+.2f})"
        shown = "" if name == REFERENCE else f"{gap.mean:+.2f}{bounds}"
        lines.append(f"| {name} | {statistics.mean(values):.2f} | {shown} | {len(seeds)} |")
    return lines


def record(cells: dict[tuple[str, int], float], options: argparse.Namespace) -> dict:
    """Every figure with what it rests on, as `edc_core.measured` reads it."""
    top1 = {name: [cells[name, seed] for seed in options.seeds] for name in VARIANTS}
    about = {name: getattr(options, name) for name in ("settings", "ipc", "dataset", "seeds")}
    return about | {
        "split": "val",
        "versions": versions(),
        "finished": time.time(),
        "reference": REFERENCE,
        "top1": top1,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--settings", default="brisk")
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--dataset", default="fashion-mnist-mini")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    cells: dict[tuple[str, int], float] = {}
    for number, seed in enumerate(options.seeds):
        for name in VARIANTS:
            cells[name, seed] = measure(name, seed, options, default_home())
            print(f"seed {seed} {name}: {cells[name, seed]:.2f}", file=sys.stderr, flush=True)
        print("\n".join(rows(cells, options.seeds[: number + 1])), flush=True)
    if options.out:
        write_json(options.out, record(cells, options))


if __name__ == "__main__":
    main()
