"""Make the bundled store: the lab's observers on Fashion-MNIST-mini, and their statistics.

Trained by the project's own `squeeze` with the lab's settings; each observer's folder says with which
settings, seed and data digest, and how accurate it is on held-out training images.

    python -m experiments.make_observers [HOME]

HOME is where they are computed; what is already there is not computed again.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from edc_core.console.progress import ProgressBar
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import BUNDLED_OBSERVERS, LAB
from edc_core.environment import ASSETS
from edc_core.jobs.tasks.squeeze import SqueezeTask, execute_squeeze
from edc_core.pipeline.prepare import prepare
from edc_core.store import StageResults
from edc_core.store.digests import LIST
from experiments import make_digests

TARGET = ASSETS / "store"
KEPT = ("*.safetensors", "*.json")


def main(home: Path) -> None:
    names = {"synthesise.observers": BUNDLED_OBSERVERS, "relabel.observers": BUNDLED_OBSERVERS}
    prepared = prepare(configure("G", "fashion-mnist-mini", LAB, 1, 0, changes=names))
    with ProgressBar() as bar:
        print(execute_squeeze(SqueezeTask(prepared), home, bar, ()))
    shutil.rmtree(TARGET, ignore_errors=True)
    stage_results = StageResults(home)
    for node in prepared.nodes:
        if node.stage in ("squeeze", "statistics"):
            target = TARGET / "artefacts" / node.key
            target.mkdir(parents=True)
            for pattern in KEPT:
                for path in stage_results.find(node.key).glob(pattern):
                    if path.name != LIST:
                        shutil.copy(path, target)
    make_digests.main(TARGET)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1] if len(sys.argv) > 1 else scratch).absolute())
