"""Measure methods side by side on a data set's test set: the same observers, labels, views and student.

    EDC_HOME=... python -m experiments.results_table --dataset fashion-mnist --ipc 1 10 50 --seeds 0
        --student convnet-d3-w128
        --observers convnet-d3-w128 convnet-d3-w64 resnet18-w16 --set squeeze.epochs=5 --views 100000
        [--into FILE --section NAME]

Each cell is the headline top-1: mean and standard deviation over seeds, which redraw images, synthesis, views and
student, not the observers. `--set synthesise...` leaves random images as they are. Choose settings with `--split val`,
on held-out training images; the test set afterwards. Resumable: what is in the store is not computed
again. `--into docs/benchmarks.md` writes what is there after every run.
"""

import argparse
import shlex
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from edc_core.config import RunConfig
from edc_core.data import describe, open_dataset
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.design_space.presets import PROTOCOLS
from edc_core.design_space.profiles import default_profile
from edc_core.events import no_op
from edc_core.jobs.tasks.squeeze import val_top1
from edc_core.performance.bench.markdown_sections import checked_section, circumstances, write_section
from edc_core.pipeline.context import SCORED_AT_ONCE, StageContext
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import BUNDLED, StageResults, default_home
from edc_core.store.stage_results import Work
from edc_core.torch_utils.device import to_device
from edc_core.torch_utils.setup import configure_torch

METHODS = ("random", "EDC")


def prepared(method: str, ipc: int, seed: int, options: argparse.Namespace) -> PreparedRun:
    """One run: the method's images, everything else as EDC has it."""
    changes = {"evaluate.students": [options.student], "score.split": options.split}
    if options.observers:
        changes |= {f"{stage}.observers": options.observers for stage in ("synthesise", "relabel")}
    about = describe(options.dataset)
    if options.views:
        changes["views.epochs"] = max(1, round(options.views / (ipc * len(about.classes))))
    changes |= {
        path: value
        for path, value in parse_changes(options.set).items()
        if method != "random" or not path.startswith("synthesise.")  # random images stay as they are
    }
    table = get_profile(options.settings) if options.settings else default_profile(about.classes, about.size)
    return prepare(configure(method, options.dataset, table, ipc, seed, options.protocol, changes), about)


def seen_by_observers(one: PreparedRun) -> dict[str, float]:
    """Top-1 of each observer in percent (see `SqueezeConfig.scored_on`)."""
    stage_results = StageResults(default_home(), (BUNDLED,))
    return {node.name: val_top1(stage_results, node) for node in one.nodes if node.stage == "squeeze"}


def committee_top1(one: PreparedRun) -> float:
    """Top-1 in percent of those who give a run its soft labels, together, on held-out images: what it may hope for."""
    node = next(node for node in one.nodes if node.stage == "relabel")
    dataset = open_dataset(one.config.dataset, one.config.data, default_home(), one.description)
    with TemporaryDirectory() as folder:
        stage_results, work = StageResults(default_home(), (BUNDLED,)), Work(node.key, Path(folder))
        context = StageContext(node, one.nodes, one.config, dataset, stage_results, work, no_op)
        policies = dict.fromkeys(one.config.relabel.observers, one.config.relabel.precision)
        committee = context.committee(context.runtime(policies))
    normalise, held_out, right = context.normalisation(committee.runtime.device), dataset.part("val"), 0
    for pixels, labels in held_out.batches(SCORED_AT_ONCE):
        logits = committee(normalise(to_device(pixels, committee.runtime.device)))
        right += (logits.argmax(1).cpu() == torch.from_numpy(labels)).sum().item()
    return 100 * right / len(held_out)


def cell(values: list[float]) -> str:
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.1f}{spread}"


def drawn(counts: set[int]) -> str:
    """Over how many seeds the cells of a table are."""
    if counts == {1}:
        return "one seed"
    return f"mean ± standard deviation over {' to '.join(map(str, sorted(counts)))} seeds"


def seen_together(one: PreparedRun) -> str:
    """What labelling observers see alone and together, in a sentence."""
    seen = ", ".join(f"{name} {top1:.1f}" for name, top1 in seen_by_observers(one).items())
    alone = f"Observers' own top-1 on {one.config.squeeze.scored_on}: {seen}."
    if one.config.relabel.labels != "soft":
        return alone
    givers = len(one.config.relabel.observers)
    return f"{alone} The {givers} that give labels, together, on held-out training images: {committee_top1(one):.1f}."


def table(cells: dict[tuple[str, int], list[float]], seen: str, options: argparse.Namespace) -> str:
    """What has been measured, as Markdown."""
    where = "test images" if options.split == "test" else "held-out training images"
    lines = [
        f"Top-1 (%) of {options.student} on {where}, {PROTOCOLS[options.protocol][0]}:"
        f" {drawn({len(values) for values in cells.values()})}."
        f" A seed redraws everything but the observers. {seen}",
        "",
        f"| method | {' | '.join(f'IPC {ipc}' for ipc in options.ipc)} |",
        f"|---|{'---|' * len(options.ipc)}",
    ]
    for method in options.methods:
        lines.append(f"| {method} | {' | '.join(cell(cells[method, ipc]) for ipc in options.ipc)} |")
    return "\n".join(lines)


def title(configs: list[RunConfig], name: str) -> str:
    """A heading for the runs of a table, one at each IPC: no two tables of other lengths or protocols share one."""
    first = configs[0]
    protocol = "" if first.protocol == "edc" else f", protocol {first.protocol}"
    squeezed = "ready-made" if first.squeeze.ready_made else f"of {first.squeeze.epochs} epochs"
    views = [config.views for config in configs]
    lengths = dict.fromkeys(f"{view.epochs} epochs" if view.epochs else f"{view.steps} steps" for view in views)
    ipcs = ", ".join(str(config.ipc) for config in configs)
    return f"Results on {name}, IPC {ipcs}{protocol}: observers {squeezed}, students of {', '.join(lengths)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", default="fashion-mnist-mini")
    parser.add_argument("--profile", "--settings", dest="settings", help="a profile; default: the data set's own")
    parser.add_argument("--ipc", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--student", required=True)
    parser.add_argument("--observers", nargs="+", help="default: EDC's own")
    parser.add_argument("--set", nargs="+", default=[], metavar="SETTING=VALUE", help="changes of every run")
    parser.add_argument("--views", type=int, help="how many a student is shown, at every IPC")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="edc", help="hard: without a teacher's labels")
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--into", type=Path, help="a Markdown file")
    parser.add_argument("--section", type=checked_section, default="results", help="which section of it")
    parser.add_argument("--called", help="what is special about these runs, for the section's heading")
    options = parser.parse_args()
    configure_torch()
    cells: dict[tuple[str, int], list[float]] = defaultdict(list)
    configs = [prepared(options.methods[-1], ipc, options.seeds[0], options).config for ipc in options.ipc]
    heading = ", ".join(filter(None, (title(configs, describe(options.dataset).name), options.called)))
    seen, told = "", set()
    for seed in options.seeds:
        for ipc in options.ipc:
            for method in options.methods:
                one = prepared(method, ipc, seed, options)
                result = execute(one, default_home())
                cells[method, ipc].append(result[result["headline"]])
                print(f"seed {seed} ipc {ipc} {method}: {cells[method, ipc][-1]:.2f}", file=sys.stderr, flush=True)
                if method not in told and (method != "random" or not seen):
                    seen = seen_together(one)  # random images have no observers but their labelling observers
                told.add(method)  # seeds and IPC have the same observers
                found = table(cells, seen, options)
                if options.into:
                    command = f"python -m experiments.results_table {shlex.join(sys.argv[1:])}"
                    write_section(options.into, options.section, heading, command, found, circumstances())
    print(found)


if __name__ == "__main__":
    main()
