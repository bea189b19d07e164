"""A command: an ImageNet-like tree of 10 and of 1,000 classes, end to end; peak memory and seconds per image.

    python -m experiments.thousand_classes [--classes 10,1000] [--images 4000] [--size 32]

Makes train/ and val/ with a folder for each class (n00000000, ...) of small JPEGs, as many in all whatever the
number of classes (so that batches are alike), condenses each tree with tiny
networks, IPC 1 and few steps in a process of its own, and prints one JSON object a tree: peak memory, the bytes of
the class moments, and for each stage seconds and milliseconds per image that it handles.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from edc_core.environment import ROOT
from edc_core.performance.bench.synthetic_datasets import TESTS, make_tree

EPOCHS, STEPS, BATCH = 2, 4, 10
CHANGES = (
    "data.holdout=1",
    "data.train_per_class=null",
    "squeeze.epochs=1",
    f"synthesise.iterations={STEPS}",
    f"synthesise.batch_size={BATCH}",
    f"views.epochs={EPOCHS}",
    f"views.batch_size={BATCH}",
    "synthesise.observers=convnet-d2-w8,wrn-10-1",
    "relabel.observers=convnet-d2-w8,wrn-10-1",
)


def measured(tree: Path, home: Path, classes: int, images: int) -> dict:
    """Run EDC on a tree in a process of its own."""
    words = [sys.executable, "-m", "edc_core", "run", "--dataset", str(tree), "--ipc", "1", "--profile", "tiny"]
    for change in CHANGES:
        words += ["--set", change]
    with subprocess.Popen(
        words, cwd=ROOT, env={"EDC_THREADS": "1"} | os.environ | {"EDC_HOME": str(home)}, stdout=subprocess.PIPE
    ) as child:
        said = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"the run on {classes} classes failed")
    answer = json.loads(said.decode().strip().splitlines()[-1])
    moments = sum(path.stat().st_size for path in home.glob("artefacts/*/statistics.safetensors"))
    handled = {
        "squeeze": images - classes,
        "statistics": images - classes,
        "initialise": classes,
        "synthesise": classes * STEPS,
        "relabel": classes * EPOCHS,
        "evaluate": classes * EPOCHS,
        "score": 2 * (images // TESTS),  # raw and averaged weights
    }
    return {
        "classes": classes,
        "peak_mib": round(usage.ru_maxrss / 1024),
        "moments_mib": round(moments / 2**20, 1),
        "seconds": answer["seconds"],
        "top1": answer["top1"],
        "stages": [
            {
                "stage": f"{stage['stage']} {stage['name']}".strip(),
                "seconds": stage["seconds"],
                "ms_per_image": round(1000 * stage["seconds"] / handled[stage["stage"]], 2),
            }
            for stage in answer["stages"]
            if stage["stage"] in handled
        ],
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--classes", default="10,1000", help="numbers of classes, separated by commas")
    words.add_argument("--images", type=int, default=4000, help="training images in all")
    words.add_argument("--size", type=int, default=32, help="pixels a side")
    asked = words.parse_args()
    for classes in map(int, asked.classes.split(",")):
        with tempfile.TemporaryDirectory() as place:
            tree = make_tree(Path(place) / "tree", classes, asked.images, asked.size)
            print(json.dumps(measured(tree, Path(place) / "home", classes, asked.images)), flush=True)


if __name__ == "__main__":
    main()
