"""Make the bundled runs: sets on Fashion-MNIST-mini that every page shows on the first visit.

EDC (G), the ladder's start (A), the controls and the negative controls at ten images a class, each judged as EDC
judges, with hard labels, and with hard labels and no augmentation, three students of each; and EDC with the plain
cosine schedule, one student, for the landscapes. Everything is computed by the project's own `run`.

    python -m experiments.make_runs [HOME] [--profile lab] [--ipc 10] [--seeds 3] [--target assets/store] [--missing]

HOME is where they are computed; what is already there is not computed again. In the target are kept: images,
their way (snapshots, curves), labels, scores; the first student of the runs in `WHOLE`. Of the other students
only scores and learning curves are kept: a score that is found needs no student, and condensed images that are
found need none to start from. `--missing` leaves what the target has, and makes the rest.
Run `experiments.make_observers` before, if at all: it clears the target.
"""

import argparse
import json
import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from edc_core.console.progress import ProgressBar
from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.judging import COMPANIONS
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.stage_graph import RESULT_STAGES, StageNode
from edc_core.store import BUNDLED, StageResults, Store
from edc_core.store.digests import LIST
from edc_core.store.files import read_json
from experiments import make_digests

DATASET = "fashion-mnist-mini"
PRESETS = ("G", "A", *COMPANIONS)


class RunKind(NamedTuple):
    """One bundled run: a preset, a protocol (None: the preset's own) and what is changed."""

    preset: str
    protocol: str | None = None
    changes: tuple[tuple[str, Any], ...] = ()
    alone: bool = False  # one student, whatever is asked for


EDC, ALL_OFF = RunKind("G"), RunKind("A")
PLAIN_COSINE = RunKind("G", changes=(("evaluate.zeta", 1.0),), alone=True)
LISTED = [*(RunKind(preset, protocol) for preset in PRESETS for protocol in (None, "hard")), PLAIN_COSINE]
# Only scored: A beside the others under one protocol, and everybody with hard labels and without augmentation.
UNLISTED = [RunKind("A", "edc"), *(RunKind(preset, "plain") for preset in PRESETS)]
WHOLE = (EDC, ALL_OFF, PLAIN_COSINE)  # whose first student is kept: weights, path, predictions
WITH_NEIGHBOURS = (EDC,)
SHARED = ("squeeze", "statistics")  # made by make_observers.py
RUN_FIELDS = ("id", "created", "preset", "dataset", "ipc", "seed", "settings", "plan", "manifest", "result")


def prepared(kind: RunKind, settings: str, ipc: int, seeds: int) -> PreparedRun:
    """One bundled run, before it is computed."""
    changes = {"evaluate.seeds": 1 if kind.alone else seeds, **dict(kind.changes)}
    config = configure(kind.preset, DATASET, get_profile(settings), ipc, 0, kind.protocol, changes)
    return prepare(config, describe(DATASET))


def main(home: Path, settings: str, ipc: int, seeds: int, target: Path, missing: bool) -> None:
    made, kinds = StageResults(target), LISTED + UNLISTED
    if missing:
        kinds = [kind for kind in kinds if prepared(kind, settings, ipc, seeds).pending(made)]
    else:
        clear(target)
    for kind in reversed(kinds):  # EDC last: the newest run is the one a first visit opens
        with ProgressBar() as bar:
            many, one = prepared(kind, settings, ipc, seeds), prepared(kind, settings, ipc, 1)
            execute(many, home, bar)
            wanted = (*RESULT_STAGES, "neighbours") if kind in WITH_NEIGHBOURS else RESULT_STAGES
            execute(one, home, bar, targets=wanted)
        with closing(Store(home)) as store:
            first = {node.key for node in one.nodes}
            for node in many.nodes + one.nodes:
                keep(store, one, node, target, node.key in first and kind in WHOLE)
            if kind in LISTED:
                run = store.run(one.run)
                run.manifest.pop("machine", None)
                fields = {field: getattr(run, field) for field in RUN_FIELDS}
                if missing:
                    fields["created"] = listed_time(target / "runs", run.created)
                write(target / "runs" / f"{one.run}.json", fields)
    make_digests.main(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{target}: {len(kinds)} made, {size / 1e6:.1f} MB with the observers", file=sys.stderr)


def clear(target: Path) -> None:
    """Forget earlier bundled runs; observers and their statistics stay."""
    for name in ("runs", "curves"):
        shutil.rmtree(target / name, ignore_errors=True)
    for folder in (target / "artefacts").glob("*"):
        if read_json(folder / "stage.json")["stage"] not in SHARED:
            shutil.rmtree(folder)


def keep(store: Store, prepared: PreparedRun, node: StageNode, target: Path, whole: bool) -> None:
    """Copy what the pages need of one stage's result."""
    folder, place = store.stage_results.find(node.key), target / "artefacts" / node.key
    if folder is None or node.stage in SHARED or place.exists():
        return
    if node.stage == "initialise" and not prepared.config.synthesise.optimised:
        return
    if node.stage == "evaluate" and not whole:
        write(target / "curves" / f"{node.key}.json", store.curves(node.key))
        return
    left_out = [LIST] if whole else [LIST, "predictions.safetensors"]
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns(*left_out))
    if (place / "curves.json").exists():
        write(place / "curves.json", store.curves(node.key))


def listed_time(runs: Path, created: float) -> float:
    """When a run was made, as the list says: what is added later comes behind those that are there."""
    return min([created, *(read_json(path)["created"] - 1 for path in runs.glob("*.json"))])


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", nargs="?", type=Path)
    parser.add_argument("--profile", "--settings", dest="settings", default="lab")
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--target", type=Path, default=BUNDLED)
    parser.add_argument("--missing", action="store_true", help="only what the target lacks")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = (options.home or Path(scratch)).absolute()
        main(place, options.settings, options.ipc, options.seeds, options.target.absolute(), options.missing)
