"""Runs and matrices in a queue for tests: people, tiny settings, results made by hand."""

import time
from collections.abc import Callable

from edc_core import jobs
from edc_core.ablation.design import Design, parse_design
from edc_core.design_space.compose import configure, get_profile
from edc_core.jobs import Person
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.store import Store
from edc_core.store.files import write_json

ADA, BEN, EVE = Person("ada", "Ada"), Person("ben", "Ben"), Person("eve", "Eve")


def tiny(seed: int = 0, protocol: str | None = None, **changes: object) -> PreparedRun:
    changes = {name.replace("__", "."): value for name, value in changes.items()}
    return prepare(configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, seed, protocol, changes))


def until(holds: Callable[[], object], seconds: float = 60) -> object:
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def two_by_two(seeds: int = 2, **values: object) -> Design:
    choices = ["smoothing-schedule", "ema-evaluation"]
    return parse_design(
        {"kind": "factorial", "settings": "tiny", "choices": choices, "ipcs": [2], "seeds": seeds} | values
    )


def answer_for(store: Store, name: str, run: str, top1: float = 60.0) -> None:
    """Results of a run, as if it had been computed, and its end."""
    matrix = jobs.expand_matrix(jobs.find_matrix(store, name).design)
    job = next(job for job in matrix.jobs if job.prepared.run == run)
    for node in job.prepared.nodes:
        folder = store.home / "artefacts" / node.key
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "stage.json", {"key": node.key, "stage": node.stage, "seconds": 1.0})
        if node.stage == "score":
            write_json(folder / "score.json", {"split": "val", "raw": {"top1": top1}, "ema": {"top1": top1}})
    store.finish(run, "finished", {"headline": "top1", "top1": top1})
