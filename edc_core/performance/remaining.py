"""What a matrix still takes: runs, stages, seconds and memory, each shared stage counted once."""

from collections.abc import Sequence
from dataclasses import dataclass

from edc_core.ablation.matrix import Job, Matrix, pending_nodes
from edc_core.ablation.progress import answered_by
from edc_core.performance.forecast import Forecast, forecast_together
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import Store


@dataclass(frozen=True)
class RemainingWork:
    """What a matrix still takes."""

    runs: int  # without an answer
    answered: int
    stages: int  # to be computed, each once
    alone: int  # to be computed, did every run compute its own
    forecast: Forecast

    @property
    def shared(self) -> int:
        """Stages that need not be computed again for another run."""
        return self.alone - self.stages


def remaining_work(matrix: Matrix, store: Store) -> RemainingWork:
    """Runs, stages, seconds and memory that are still to come, each shared stage once."""
    answered = answered_by(store)

    def found(key: str) -> bool:
        return store.stage_results.find(key) is not None

    open_jobs = [job for job in matrix.jobs if not all(map(answered, job.score_keys))]
    missing = {node.key for node in pending_nodes(open_jobs, answered, found)}
    alone = sum(len({node.key for node in job.prepared.nodes} & missing) for job in open_jobs)
    expected = forecast_together(_assigned(open_jobs, missing), store)
    return RemainingWork(len(open_jobs), len(matrix.jobs) - len(open_jobs), len(missing), alone, expected)


def _assigned(jobs: Sequence[Job], missing: set[str]) -> list[tuple[PreparedRun, set[str]]]:
    """Each missing stage to the first run that needs it."""
    rest, parts = set(missing), []
    for job in jobs:
        own = rest & {node.key for node in job.prepared.nodes}
        if own:
            parts.append((job.prepared, own))
            rest -= own
    return parts
