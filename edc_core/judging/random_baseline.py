"""Random baseline: the same student on equally many random images with hard labels, if stored."""

import json
from functools import lru_cache

from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import EDCError
from edc_core.stage_graph import build_stage_graph
from edc_core.store import Store
from edc_core.store.run_record import RunRecord


def random_baseline(store: Store, run: RunRecord, student: str) -> float | None:
    """Top-1 in percent at the end of that student's training, on held-out images; None where nobody has it.

    The run's own seed is asked for first, then seed 0.
    """
    settings, digest = run.settings, run.manifest["dataset"]["digest"]
    asked = (run.dataset, settings["settings"], run.ipc, student, json.dumps(settings["data"]), digest)
    for seed in dict.fromkeys((run.seed, 0)):
        try:
            values = store.curves(_key(seed, *asked), whole=True).get("top1/ema", ([], []))[1]
        except EDCError:  # settings or a store of another version
            return None
        if values and values[-1] is not None:
            return values[-1]
    return None


@lru_cache(256)
def _key(seed: int, dataset: str, table: str, ipc: int, student: str, data: str, digest: str) -> str:
    """The key of that student's training."""
    changes = {f"data.{name}": value for name, value in json.loads(data).items()} | {"evaluate.students": [student]}
    config = configure("random", dataset, get_profile(table), ipc, seed, "hard", changes)
    return next(node.key for node in build_stage_graph(config, digest) if node.stage == "evaluate")
