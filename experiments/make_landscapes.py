"""Make the bundled landscapes: what the page Landscape shows on the first visit, of EDC (G) and the ladder's start (A).

    python -m experiments.make_landscapes [HOME] [--target assets/store]

HOME is where they are computed; what is there is not computed again. Run `experiments.make_runs` before: it clears
the target. Questions are those that the page asks with its controls as they stand at first.
"""

import argparse
import shutil
from pathlib import Path

from edc_core.console.progress import ProgressBar
from edc_core.jobs.tasks.landscape import LandscapeTask, execute_landscape, landscape_task
from edc_core.landscape.config import OF_STUDENTS
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import BUNDLED, StageResults
from experiments import make_digests
from experiments.make_runs import WHOLE, prepared

KEPT = ("landscape.json", "surface.safetensors", "stage.json")


def questions(kept: list[PreparedRun]) -> list[dict]:
    """What the page asks at first, one survey for each view."""
    most = max(one.config.synthesise.iterations for one in kept)
    asked = [{"kind": kind} for kind in OF_STUDENTS if kind != "slice"]
    return [*asked, {"kind": "images", "every": most // 10, "vectors": 10}]


def surveys() -> list[LandscapeTask]:
    """The bundled surveys, of the runs whose first student is bundled."""
    kept = [prepared(preset, protocol, "lab", 10, 1) for preset, protocol in sorted(WHOLE, reverse=True)]
    return [landscape_task(kept, [question]) for question in questions(kept)]


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
