"""Squeezing without condensing: observers and their statistics, into a store, as a task of the queue."""

from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from edc_core.config import validate_config
from edc_core.data import open_dataset
from edc_core.errors import StoreError
from edc_core.events import EventHandler, no_op, tee
from edc_core.jobs.tasks.base import Task
from edc_core.pipeline.execute import compute, record_outcome
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.stage_graph import StageNode, pending_stages, stable_hash
from edc_core.store import BUNDLED, SQUEEZE, Recorder, StageResults, Store
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import plural

SQUEEZE_STAGES = ("squeeze", "statistics")


@dataclass(frozen=True)
class SqueezeTask(Task):
    """The observers that a run names, with their statistics: that run then finds them in the store."""

    prepared: PreparedRun

    @cached_property
    def nodes(self) -> tuple[StageNode, ...]:
        return tuple(node for node in self.prepared.nodes if node.stage in SQUEEZE_STAGES)

    @property
    def observers(self) -> tuple[StageNode, ...]:
        return tuple(node for node in self.nodes if node.stage == "squeeze")

    @cached_property
    def id(self) -> str:
        return f"squeeze-{stable_hash(*(node.key for node in self.nodes))[:12]}"

    @property
    def title(self) -> str:
        count = len(self.observers)
        return f"{count} {plural(count, 'observer')} of {self.prepared.description.name}"

    def pending(self, stage_results: StageResults) -> tuple[StageNode, ...]:
        """The stages that are not in the store."""
        return pending_stages(self.nodes, lambda key: stage_results.find(key) is not None, SQUEEZE_STAGES)

    def row(self) -> tuple[dict[str, Any], list[dict], dict[str, Any], str]:
        settings = self.prepared.config.model_dump(mode="json")
        return settings, [node.plain() for node in self.nodes], manifest(self.prepared), SQUEEZE


def revalidate_squeeze(found: RunRecord) -> SqueezeTask:
    """A stored squeeze (`Store.run`), checked against its data set as it is now.

    Raises:
        StoreError: it would make other observers.
        EDCError: the settings no longer fit, or the data set has gone.
    """
    task = SqueezeTask(prepare(validate_config(found.settings)))
    if task.id != found.id:
        raise StoreError(f"'{found.id}' was asked of other data or by other code: squeeze the observers again.")
    return task


def execute_squeeze(
    task: SqueezeTask, home: Path, observe: EventHandler = no_op, bundled: tuple[Path, ...] = (BUNDLED,)
) -> dict[str, Any]:
    """Train what the store lacks and collect its statistics; returns each observer's key and accuracy.

    Raises:
        Cancelled: it was asked to stop; the next call goes on from there.
        EDCError: it failed in a way that has a cure.
    """
    prepared = task.prepared
    with closing(Store(home, bundled)) as store:
        if not task.pending(store.stage_results):
            return _squeezed(task, store.stage_results, {})
        # Pixels first, as in `execute`: who decodes for minutes gives no sign of life yet.
        dataset = open_dataset(prepared.config.dataset, prepared.config.data, home, prepared.description)
        task.begin(store)
        recorder = Recorder(store, task.id, prepared.description.digest)
        report = tee(recorder, observe)

        with record_outcome(store, task.id):
            seconds = compute(prepared, task.pending(store.stage_results), dataset, store, recorder, report)
            result = _squeezed(task, store.stage_results, seconds)
        store.finish(task.id, RunState.FINISHED, result)
        return result


def _squeezed(task: SqueezeTask, stage_results: StageResults, seconds: dict[str, float]) -> dict[str, Any]:
    observers = [
        {
            "observer": node.name,
            "key": node.key,
            "val_top1": val_top1(stage_results, node),
            "cached": node.key not in seconds,
            "seconds": seconds.get(node.key, 0.0),
        }
        for node in task.observers
    ]
    return {"dataset": task.prepared.description.name, "observers": observers}


def val_top1(stage_results: StageResults, observer: StageNode) -> float | None:
    """An observer's top-1 in percent (see `SqueezeConfig.scored_on`); None where it is not squeezed."""
    found = stage_results.find(observer.key)
    return read_json(found / "observer.json")["val_top1"] if found else None
