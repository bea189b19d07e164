"""Seconds until a queued run starts: what is left of the runs before it, forecast from measured durations only."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from edc_core.errors import EDCError
from edc_core.jobs import live_workers, places
from edc_core.performance import calibrate as calibration
from edc_core.performance.forecast import forecast_together, past_corrections, prepared_of
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import CHECK, SURVEY, Store
from edc_core.store.run_record import RunRecord

ORDINALS = ("Next", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class QueueWait:
    """A queued run's place, 1 being the next, what comes before it, and the seconds until it starts, where known."""

    place: int
    before: tuple[RunRecord, ...]  # those at work first
    seconds: float | None  # None: nothing is measured here yet, or of something before it the duration is not known

    @property
    def in_line(self) -> str:
        """ "Third in line"."""
        return f"{ORDINALS[self.place - 1] if self.place <= len(ORDINALS) else f'Number {self.place}'} in line"


def queue_wait(store: Store, run_id: str) -> QueueWait:
    """A queued run's wait as of now."""
    order = sorted((place, other) for other, place in places(store).items())
    own = next((place for place, other in order if other == run_id), 1)
    before = tuple(run for place, other in order if place < own and (run := store.find(other)))
    return QueueWait(own, before, _seconds_left(store, before))


def _seconds_left(store: Store, runs: Sequence[RunRecord]) -> float | None:
    """Of several runs, each shared stage once, spread over the workers that live."""
    machine = calibration.read(store)
    if not machine.measured and not past_corrections(store, machine)[1]:
        return None
    seconds, shared = 0.0, set()
    for run in runs:
        done = {node["key"] for node in run.plan if store.stage_results.find(node["key"])}
        expected = None if run.origin in (SURVEY, CHECK) else expected_seconds(store.home, run.id, done)
        if expected is None:
            return None
        for key in expected.keys() - shared:
            at_work = run.state.is_at_work and (run.progress or {}).get("key") == key
            seconds += time_left(run.progress, expected[key]) if at_work else expected[key]
        shared |= expected.keys()
    return seconds / max(len(live_workers(store)), 1)


def expected_seconds(home: Path, run_id: str, done: set[str]) -> Mapping[str, float] | None:
    """Forecast seconds of each stage of a run that is not among `done`; None for a run that other code made."""
    return _expected(str(home), run_id, frozenset(done))


@lru_cache(256)
def _expected(home: str, run_id: str, done: frozenset[str]) -> Mapping[str, float] | None:
    """Remembered until one more stage is done."""
    store = Store(Path(home))
    try:
        run = store.run(run_id)
        prepared, planned = prepared_of(run), {node["key"] for node in run.plan}
        pending = prepared.pending(store.stage_results, (*RESULT_STAGES, *run.wanted))
        found = forecast_together([(prepared, planned.intersection(node.key for node in pending))], store)
    except (EDCError, KeyError, ValueError):
        return None
    finally:
        store.close()
    return {stage.key: stage.seconds for stage in found.stages}


def time_left(progress: Mapping[str, Any], expected: float) -> float:
    """Of the stage at work: by its own speed once that shows, by its forecast until then."""
    total, done = progress.get("total") or 0, progress.get("done", 0)
    fresh = done - progress.get("resumed_at", done)
    if not total or fresh < 3:
        return expected
    rate = fresh / max(time.time() - progress["started"], 1e-3)
    return max((total - done) / rate, 0.0)
