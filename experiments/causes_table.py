"""Measure what EDC's accuracy hangs on: one setting at a time moved away from EDC's own, paired by seed.

    EDC_HOME=... python -m experiments.causes_table --dataset DIR [--profile lab-quick] [--ipc 10] [--seeds 0 1 2]
        [--set SETTING=VALUE] [--only TEXT ...] [--split val] [--into FILE --section NAME]

Each row: mean headline top-1 with the setting moved, and its difference from EDC of the same seed, with the 95 %
interval (Student's t). In the order in which a result that falls short is best looked into: the observers' training,
the label loss and its scale, the views, averaging of weights, the schedule, the matching. On held-out training images
by default: these are choices. Resumable; the table is printed and written after every seed.
"""

import argparse
import shlex
import statistics
import sys

from edc_core.config import RunConfig
from edc_core.config.paths import SettingPath
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.intervals import estimate
from edc_core.performance.bench.markdown_sections import circumstances, write_section
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import default_home
from experiments.epochs_table import measuring_parser, networks

REFERENCE = "EDC"
# What is moved: the cause it belongs to, how a reader would name it, and the settings; "times" multiplies a budget.
CAUSES: dict[str, tuple[str, dict]] = {
    REFERENCE: ("", {}),
    "squeezed at a constant rate": ("observers", {"squeeze.schedule": "constant"}),
    "votes weighted by accuracy": ("observers", {"relabel.voting": "accuracy"}),
    "no class term (weight 0)": ("label loss", {"evaluate.ce_weight": 0.0}),
    "class term 0.1": ("label loss", {"evaluate.ce_weight": 0.1}),
    "class term 1": ("label loss", {"evaluate.ce_weight": 1.0}),
    "Kullback-Leibler, temperature 20": ("label loss", {"evaluate.loss": "kl", "evaluate.temperature": 20.0}),
    "Kullback-Leibler, temperature 4": ("label loss", {"evaluate.loss": "kl", "evaluate.temperature": 4.0}),
    "Kullback-Leibler, temperature 1": ("label loss", {"evaluate.loss": "kl", "evaluate.temperature": 1.0}),
    "crops from 0.08": ("views", {"views.crop_area_min": 0.08}),
    "crops from 0.25": ("views", {"views.crop_area_min": 0.25}),
    "no CutMix": ("views", {"views.cutmix_alpha": 0.0}),
    "no RandAugment": ("views", {"views.randaugment_ops": 0}),
    "twice as many epochs": ("views", {"views.epochs": "times 2"}),
    "four times as many epochs": ("views", {"views.epochs": "times 4"}),
    "weights as they are, no average": ("averaged weights", {"score.weights": "raw"}),
    "averaged with 0.9": ("averaged weights", {"evaluate.ema_decay": 0.9}),
    "averaged with 0.999": ("averaged weights", {"evaluate.ema_decay": 0.999}),
    "MultiStepLR": ("schedule", {"evaluate.schedule": "multistep"}),
    "cosine, zeta 1": ("schedule", {"evaluate.zeta": 1.0}),
    "cosine, zeta 1.5": ("schedule", {"evaluate.zeta": 1.5}),
    "rate 0.003": ("schedule", {"evaluate.lr": 3e-3}),
    "rate 0.0003": ("schedule", {"evaluate.lr": 3e-4}),
    "matching weight 0": ("matching", {"synthesise.matching_weight": 0.0}),
    "matching weight 0.001": ("matching", {"synthesise.matching_weight": 0.001}),
    "matching weight 0.1": ("matching", {"synthesise.matching_weight": 0.1}),
    "no synthesis (random real images)": ("matching", {"synthesise.iterations": 0}),
}


def prepared(name: str, seed: int, options: argparse.Namespace) -> PreparedRun:
    """EDC's run of this seed with the settings of `CAUSES[name]`."""
    about, table = describe(options.dataset), get_profile(options.settings)
    changes = parse_changes(options.set) | {"score.split": options.split}
    base = configure(REFERENCE, options.dataset, table, options.ipc, seed, None, changes)
    moved = {path: _moved(base, path, value) for path, value in CAUSES[name][1].items()}
    return prepare(configure(REFERENCE, options.dataset, table, options.ipc, seed, None, changes | moved), about)


def _moved(base, path: str, value):
    """`value`, or the base's own so many times where it says "times N"."""
    if not (isinstance(value, str) and value.startswith("times ")):
        return value
    return SettingPath.parse(path).get(base) * int(value.removeprefix("times "))


def rows(cells: dict[tuple[str, int], float], names: list[str], seeds: list[int]) -> list[str]:
    """The table's lines over the seeds that are there."""
    bounded = " (95 %)" * (len(seeds) > 1)
    lines = [f"| of | moved | top-1 (%) | against EDC{bounded} |", "|---|---|---|---|"]
    for name in names:
        gap = estimate([cells[name, seed] - cells[REFERENCE, seed] for seed in seeds])
        bounds = "" if gap.low is None else f" ({gap.low:+.1f} to {gap.high:+.1f})"
        shown = "" if name == REFERENCE else f"{gap.mean:+.1f}{bounds}"
        top1 = statistics.mean(cells[name, seed] for seed in seeds)
        lines.append(f"| {CAUSES[name][0]} | {name} | {top1:.1f} | {shown} |")
    return lines


def own_values(config: RunConfig) -> str:
    """EDC's own value of everything that is moved, in a sentence."""
    views, student = config.views, config.evaluate
    return (
        f"EDC itself has here: loss {student.loss} with a class term of {student.ce_weight:g}; crops from"
        f" {views.crop_area_min:g}, CutMix {views.cutmix_alpha:g}, RandAugment {views.randaugment_ops};"
        f" {views.epochs} epochs of batch {views.batch_size};"
        f" {student.schedule} with zeta {student.zeta:g}, rate {student.lr:g}; weights averaged with"
        f" {student.ema_decay:g}; matching weight {config.synthesise.matching_weight:g}; observers of"
        f" {config.squeeze.epochs} epochs."
    )


def chosen(options: argparse.Namespace) -> list[str]:
    """EDC and the rows whose name or cause holds one of the texts (all without) and that move anything at all."""
    own = prepared(REFERENCE, 0, options).config
    asked = [
        name
        for name, (cause, _) in CAUSES.items()
        if not options.only or any(text in name or text == cause for text in options.only)
    ]
    return [REFERENCE, *(name for name in asked if prepared(name, 0, options).config != own)]


def main() -> None:
    parser = measuring_parser(__doc__, "causes")
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="rows whose name or cause holds it")
    options = parser.parse_args()
    names, own = chosen(options), prepared(REFERENCE, options.seeds[0], options).config
    cells: dict[tuple[str, int], float] = {}
    for number, seed in enumerate(options.seeds, 1):
        for name in names:
            one = prepared(name, seed, options)
            result = execute(one, default_home())
            cells[name, seed] = result[result["headline"]]
            print(f"seed {seed} {name}: {cells[name, seed]:.2f}", file=sys.stderr, flush=True)
        where = "test images" if options.split == "test" else "held-out training images"
        over = f"means over {number} seeds, which redraw" if number > 1 else "one seed, which redraws"
        chance = f" By chance alone {0.05 * (len(names) - 1):.0f} of the intervals would leave out 0." * (number > 1)
        about = (
            f"Top-1 (%) on {where} at IPC {options.ipc}, profile {options.settings}: {over} everything but the"
            f" observers. {networks(own)} Each row moves one setting alone.{chance}\n\n{own_values(own)}"
        )
        found = "\n".join([about, "", *rows(cells, names, options.seeds[:number])])
        print(found, flush=True)
        if options.into:
            command = f"python -m experiments.causes_table {shlex.join(sys.argv[1:])}"
            title = f"What EDC's accuracy hangs on: {one.description.name}, students of {own.views.epochs} epochs"
            write_section(options.into, options.section, title, command, found, circumstances())


if __name__ == "__main__":
    main()
