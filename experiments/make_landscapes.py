"""Make the bundled landscapes: of EDC (G) beside plain cosine, as Landscape opens, and beside the ladder's start (A).

    python -m experiments.make_landscapes [HOME] [--target assets/store]

HOME is where they are computed; what is there is not computed again. Run `experiments.make_runs` before: it clears
the target. Questions are those that the page asks with its controls as they stand at first.
"""

import argparse
import shutil
from pathlib import Path

from edc_core.console.progress import ProgressBar
from edc_core.jobs.tasks.landscape import LandscapeTask, execute_landscape, landscape_task
from edc_core.judging.comparison_sets import image_key
from edc_core.landscape.config import OF_STUDENTS
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import BUNDLED, StageResults
from experiments import make_digests
from experiments.make_runs import ALL_OFF, EDC, PLAIN_COSINE, prepared

PAIRS = ((EDC, ALL_OFF), (EDC, PLAIN_COSINE))
KEPT = ("landscape.json", "surface.safetensors", "stage.json")


def questions(kept: list[PreparedRun]) -> list[dict]:
    """What the page asks at first, one survey for each view; of one synthesis it shows no comparison."""
    asked = [{"kind": kind} for kind in OF_STUDENTS if kind != "slice"]
    if len({image_key(node.plain() for node in one.nodes) for one in kept}) == 1:
        return asked
    most = max(one.config.synthesise.iterations for one in kept)
    return [*asked, {"kind": "images", "every": most // 10, "vectors": 10}]


def surveys() -> list[LandscapeTask]:
    """The bundled surveys, of pairs of runs whose first student is bundled."""
    pairs = [[prepared(kind, "lab", 10, 1) for kind in pair] for pair in PAIRS]
    return [landscape_task(pair, [question]) for pair in pairs for question in questions(pair)]


def main(home: Path, target: Path) -> None:
    for asked in surveys():
        with ProgressBar() as bar:
            execute_landscape(asked, home, bar, (BUNDLED,))
        stage_results = StageResults(home, (BUNDLED,))
        for node in (node for part in asked.parts for node in part.nodes if node.stage == "landscape"):
            place, folder = target / "artefacts" / node.key, stage_results.find(node.key)
            if place.resolve() == folder.resolve():
                continue
            place.mkdir(parents=True, exist_ok=True)
            for name in KEPT:
                if (folder / name).exists():
                    shutil.copy2(folder / name, place / name)
    make_digests.main(target)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", nargs="?", type=Path, default=Path("runs"))
    parser.add_argument("--target", type=Path, default=BUNDLED)
    options = parser.parse_args()
    main(options.home.absolute(), options.target.absolute())
