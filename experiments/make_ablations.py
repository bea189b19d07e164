"""Make the bundled ablations: figures of thousands of runs on Fashion-MNIST-mini, and the ladder's images.

    python -m experiments.make_ablations [HOME] [--only NAME ...] [--shard 1/2] [--target assets]

HOME is where the runs are computed; what is there already is not computed again (nor, with `--reuse`, what
the target has: a seed more costs only that seed), so the command may be
stopped and started at will, and several with parts of the work (`--shard`) may share one HOME. Without
`--shard` it also writes what is found: `ablations/NAME.json` with every score by the key of its stage, and
into `store/` the condensed images of the ladder's first seed. On two cores with one thread for each of two
shards it takes about three hours. Scores are of held-out training images: the test set stays closed.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("EDC_LIVE_POINTS", "4")  # nobody watches these students

from edc_core.ablation import Matrix, build_matrix, parse_design
from edc_core.ablation.execution import execute_matrix, matrix_record
from edc_core.cli.ablate import part_of, print_progress
from edc_core.environment import ASSETS
from edc_core.store import StageResults
from edc_core.store.files import write_json
from experiments import make_digests

LADDER = ["A", "B", "C", "D", "E", "F", "G", "SRe2L", "CDA", "G-VBSM", "RDED", "random", "herding"]
MATRICES: dict[str, tuple[str, dict[str, Any]]] = {
    "factorial-brisk": ("Every combination of the eight choices", {"kind": "factorial", "seeds": 3}),
    "waterfall-brisk": ("From random images, hard labels, plain training to EDC", {"kind": "waterfall"}),
    "confounds-brisk": ("Confounds held fixed", {"kind": "confounds"}),
    "ladder-brisk": (
        "The ladder, baselines and controls",
        {"kind": "ladder", "presets": LADDER, "ipcs": [1, 10], "seeds": 5},
    ),
}
PICTURED = "ladder-brisk"  # whose first seed's images are kept


def matrix_of(name: str) -> Matrix:
    """A bundled ablation, laid out."""
    return build_matrix(parse_design({"profile": "lab-quick"} | MATRICES[name][1]))


def keep_images(matrix: Matrix, home: Path, target: Path) -> None:
    """Copy the first seed's condensed images, without what was recorded for looking."""
    stage_results, first = StageResults(home, (ASSETS / "store",)), matrix.design.seed_list[0]
    for job in matrix.jobs:
        node = next(node for node in job.prepared.nodes if node.stage == "synthesise")
        place = target / "store" / "artefacts" / node.key
        if job.seed == first and not place.exists() and (folder := stage_results.find(node.key)):
            place.mkdir(parents=True)
            for name in ("images.safetensors", "stage.json"):
                shutil.copy2(folder / name, place / name)


def main(home: Path, only: list[str], shard: str | None, target: Path, reuse: bool) -> None:
    places = (target / "ablations",) if reuse else ()
    for name in only:
        matrix = matrix_of(name)
        failed = execute_matrix(
            matrix.shard(*part_of(shard)) if shard else matrix, home, told=print_progress, places=places
        )
        for sentence in failed.values():
            print(f"{name}: {sentence}", file=sys.stderr)
        if shard:
            continue
        (target / "ablations").mkdir(parents=True, exist_ok=True)
        write_json(
            target / "ablations" / f"{name}.json", matrix_record(matrix, name, home, MATRICES[name][0], places=places)
        )
        if name == PICTURED:
            keep_images(matrix, home, target)
            make_digests.main(target / "store")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", nargs="?", type=Path, default=Path("runs"))
    parser.add_argument("--only", nargs="*", default=list(MATRICES), choices=list(MATRICES))
    parser.add_argument("--shard")
    parser.add_argument("--target", type=Path, default=ASSETS)
    parser.add_argument(
        "--reuse", action="store_true", help="scores that the target has already are not computed again"
    )
    options = parser.parse_args()
    main(options.home.absolute(), options.only, options.shard, options.target.absolute(), options.reuse)
