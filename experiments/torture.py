"""Kill a run at random moments, resume it, and compare with an uninterrupted one, bit for bit.

    python -m experiments.torture --kills 10 --precision bfloat16

The test suite does this with a few kills; this command does it as often as asked.
"""

import argparse
import json
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from edc_core.store import Store
from edc_core.store.files import read_json
from tests.support.forked import Forked

TARGETS = ("squeeze", "synthesise", "evaluate")
BUDGETS = {"squeeze.epochs": 12, "synthesise.iterations": 60, "views.epochs": 60, "data.train_per_class": 100}


# In tests: as little work as leaves time to be killed in, judged on a tenth of the images.
QUICK = {"squeeze.epochs": 2, "synthesise.iterations": 12, "views.epochs": 12, "data.train_per_class": 60}
QUICK |= {"score.split": "val"}


def command(precision: str, extra: dict) -> list[str]:
    settings = BUDGETS | {f"{stage}.precision": precision for stage in (*TARGETS, "statistics", "relabel")} | extra
    pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return ["run", "--profile", "tiny", "--ipc", "3", *pairs]


def start(words: list[str], home: Path) -> Forked:
    return Forked(words, home, home.parent / "said", EDC_CHECKPOINT_SECONDS="0.05")


def ended(process: Forked) -> dict:
    """What a run that was left alone answers."""
    assert process.wait() == 0, process.err[-2000:]
    return json.loads(process.out.splitlines()[-1])


def stage_of(store: Store, process: Forked) -> str:
    """The stage that this very process has begun to advance in."""
    for run in store.runs():
        if run.pid == process.pid and (run.progress or {}).get("done"):
            return run.progress["stage"]
    return ""


def kill_in(stage: str, process: Forked, store: Store, after: float) -> bool:
    """Kill -9 once the run is in this stage, `after` seconds later; False where it got past it."""
    while process.poll() is None:
        now = stage_of(store, process)
        if now == stage:
            time.sleep(after)
            process.send(signal.SIGKILL)
            return process.wait() == -signal.SIGKILL
        if now in TARGETS and TARGETS.index(now) > TARGETS.index(stage):
            process.send(signal.SIGKILL)
            process.wait()
            return False
        time.sleep(0.01)
    return False


def results(home: Path, run: str) -> dict[str, dict]:
    """Every tensor and curve that a run left, by stage; sharpness is measured where there is time for it."""
    store = Store(home)
    found = {}
    for node in store.run(run).plan:
        folder = store.stage_results.find(node["key"])
        for path in sorted(folder.glob("*.safetensors")) if folder else ():
            found[f"{node['stage']}/{node['name']}/{path.stem}"] = load_file(path)
        for path in sorted(folder.glob("curves.json")) if folder else ():
            curves = {name: curve for name, curve in read_json(path).items() if not name.startswith("sharpness/")}
            found[f"{node['stage']}/{node['name']}/curves"] = {
                "json": np.frombuffer(json.dumps(curves).encode(), np.uint8)
            }
    store.close()
    return found


def torture(
    kills: int, precision: str, seed: int, home: Path, extra: dict | None = None, targets: tuple[str, ...] = TARGETS
) -> dict:
    """Kills hit, and the names of results that differ from an uninterrupted run's (none, one hopes)."""
    draw = random.Random(seed)
    words = command(precision, extra or {})
    answer = ended(start(words, home / "quiet"))
    store, hit = Store(home / "killed"), dict.fromkeys(TARGETS, 0)
    for number in range(kills):
        stage = targets[number * len(targets) // kills]
        hit[stage] += kill_in(stage, start(words, home / "killed"), store, draw.uniform(0, 0.4))
    store.close()
    final = ended(start(words, home / "killed"))
    one, other = (results(home / name, answer["run"]) for name in ("quiet", "killed"))
    differing = [
        name
        for name in one
        if name not in other or any(one[name][key].tobytes() != other[name][key].tobytes() for key in one[name])
    ]
    same_score = all(answer[name] == final[name] for name in ("top1", "top1_ema"))
    return {"hit": hit, "compared": len(one), "differing": differing, "same_score": same_score}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(torture(options.kills, options.precision, options.seed, Path(folder))))
