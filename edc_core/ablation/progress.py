"""Progress of a matrix, run by run."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edc_core.ablation.matrix import Job, Matrix
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.store import Store
from edc_core.store.liveness import COLUMNS, state_of
from edc_core.store.states import RunState

DONE, RUNNING, QUEUED, LATER, FAILED, STOPPED = "done", "running", "queued", "later", "failed", "stopped"
ENDED_BADLY = {RunState.FAILED: FAILED, RunState.INTERRUPTED: FAILED, RunState.CANCELLED: STOPPED}
UNFINISHED = [state for state in RunState if state is not RunState.FINISHED]


@dataclass(frozen=True)
class RunProgress:
    """One run of a matrix: its state, and why it failed where it did."""

    job: Job
    state: str  # done, running, queued (in the queue), later (not handed in yet), failed, stopped
    error: str = ""


@dataclass(frozen=True)
class MatrixProgress:
    """Every run of a matrix, in the order in which they are run."""

    places: tuple[RunProgress, ...]

    def count(self, *states: str) -> int:
        counted = Counter(place.state for place in self.places)
        return sum(counted[state] for state in states)

    @property
    def total(self) -> int:
        return len(self.places)

    @property
    def finished(self) -> bool:
        """Whether every run has its answer."""
        return self.count(DONE) == self.total

    @property
    def failed(self) -> list[RunProgress]:
        return [place for place in self.places if place.state == FAILED]

    @property
    def waiting(self) -> list[Job]:
        """What may be handed to the queue: jobs without an answer, none of whose score is on its way."""
        on_the_way = {key for place in self.places if place.state in (RUNNING, QUEUED) for key in place.job.score_keys}
        return [
            place.job
            for place in self.places
            if place.state == LATER and not on_the_way.issuperset(place.job.score_keys)
        ]


def matrix_progress(matrix: Matrix, store: Store, since: float = 0.0) -> MatrixProgress:
    """The state of every run; one that failed, or was stopped, before `since` counts as not handed in yet."""
    answered, runs = answered_by(store), live_and_ended(store)
    return MatrixProgress(tuple(_place(job, answered, runs.get(job.prepared.run), since) for job in matrix.jobs))


def answered_by(store: Store) -> Callable[[str], bool]:
    """Whether a score's key has an answer: a result of the store, or one of a stored matrix."""
    known = [
        record["scores"] for place in ScoreLookup(store.stage_results).places for record in published_matrices(place)
    ]
    return lambda key: any(key in scores for scores in known) or store.stage_results.find(key) is not None


def live_and_ended(store: Store) -> dict[str, Mapping[str, Any]]:
    """Every run of the store that is not finished, without its long columns."""
    query = (
        f"SELECT id, queued, started, finished, error, {COLUMNS} FROM runs"
        f" WHERE state IN ({', '.join('?' * len(UNFINISHED))})"
    )
    return {row["id"]: row for row in store.database.rows(query, UNFINISHED)}


def _place(job: Job, answered: Callable[[str], bool], row: Mapping[str, Any] | None, since: float) -> RunProgress:
    if all(map(answered, job.score_keys)):
        return RunProgress(job, DONE)
    if row is None:
        return RunProgress(job, LATER)
    state = state_of(row)
    if state.is_alive:
        return RunProgress(job, RUNNING if state.is_at_work else QUEUED)
    if state in ENDED_BADLY and (row["finished"] or row["started"] or row["queued"] or 0) >= since:
        gone = "its process ended" if state is RunState.INTERRUPTED else ""
        return RunProgress(job, ENDED_BADLY[state], row["error"] or gone)
    return RunProgress(job, LATER)
