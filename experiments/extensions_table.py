"""Measure each choice beyond EDC alone against EDC, on held-out training images, paired by seed.

    EDC_HOME=... python -m experiments.extensions_table [--dataset DIR] [--profile lab-quick] [--ipc 10]
        [--set SETTING=VALUE] [--seeds 0 1 2 3 4] [--only NAME ...] [--out FILE]

Each row: mean headline top-1 with the choice on, and its difference from EDC of the same seed, with the 95 %
interval (Student's t). A difference whose interval holds 0 says nothing. The test set stays closed.
Resumable; prints Markdown after every seed, so that it may be stopped at any time. `--out assets/beyond.json`
adds to what the Recipe page says of each choice; the same measurement again takes the place of the one before.
"""

import argparse
import statistics
import sys
import time
from collections import ChainMap
from pathlib import Path

from edc_core.config.field_types import STORED_PROFILES
from edc_core.data import describe
from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.design_space.presets import EXTENSIONS, PRESETS
from edc_core.intervals import estimate
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare, versions
from edc_core.store import default_home
from experiments.options import matrix_parser

REFERENCE = "EDC"
VARIANTS = {
    REFERENCE: {},
    **{choice.title: dict(choice.on_values) for choice in EXTENSIONS.values()},
    "data residual, drawn pictures": {"synthesise.residual": 0.5, "synthesise.residual_patch": "drawn"},
    "EDC+": dict(ChainMap(*(EXTENSIONS[name].on_values for name in PRESETS["EDC+"].choices if name in EXTENSIONS))),
}


def measure(name: str, seed: int, options: argparse.Namespace, home: Path) -> float:
    """One run's headline, in percent."""
    changes = parse_changes(options.set) | VARIANTS[name] | {"score.split": "val"}
    table = get_profile(options.settings)
    config = configure("G", options.dataset, table, options.ipc, seed, None, changes)
    result = execute(prepare(config, describe(options.dataset)), home)
    return result[result["headline"]]


def rows(cells: dict[tuple[str, int], float], names: list[str], seeds: list[int]) -> list[str]:
    """The table's lines over the seeds that are there."""
    lines = ["| | top-1 (%) | against EDC (95 %) | seeds |", "|---|---|---|---|"]
    for name in names:
        values = [cells[name, seed] for seed in seeds]
        gap = estimate([cells[name, seed] - cells[REFERENCE, seed] for seed in seeds])
        bounds = "" if gap.low is None else f" ({gap.low:+.2f} to {gap.high:+.2f})"
        shown = "" if name == REFERENCE else f"{gap.mean:+.2f}{bounds}"
        lines.append(f"| {name} | {statistics.mean(values):.2f} | {shown} | {len(seeds)} |")
    return lines


def record(cells: dict[tuple[str, int], float], names: list[str], options: argparse.Namespace) -> dict:
    """Every figure with what it rests on, as `edc_core.design_space.extension_evidence` reads it."""
    return {
        "dataset": describe(options.dataset).name,
        "settings": STORED_PROFILES.get(options.settings, options.settings),
        "ipc": options.ipc,
        "changes": sorted(options.set),
        "seeds": options.seeds,
        "split": "val",
        "versions": versions(),
        "finished": time.time(),
        "reference": REFERENCE,
        "top1": {name: [cells[name, seed] for seed in options.seeds] for name in names},
    }


def main() -> None:
    parser = matrix_parser(__doc__, seeds=5)
    parser.add_argument("--set", nargs="+", default=[], metavar="SETTING=VALUE", help="changes of every run")
    parser.add_argument("--only", nargs="+", choices=list(VARIANTS), default=list(VARIANTS), help="beside EDC")
    parser.add_argument("--out", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    names = list(dict.fromkeys([REFERENCE, *options.only]))
    cells: dict[tuple[str, int], float] = {}
    for number, seed in enumerate(options.seeds):
        for name in names:
            cells[name, seed] = measure(name, seed, options, default_home())
            print(f"seed {seed} {name}: {cells[name, seed]:.2f}", file=sys.stderr, flush=True)
        print("\n".join(rows(cells, names, options.seeds[: number + 1])), flush=True)
    if options.out:
        measured.add(record(cells, names, options), options.out)


if __name__ == "__main__":
    main()
