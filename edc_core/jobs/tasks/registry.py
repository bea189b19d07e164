"""What the queue holds: runs, and other tasks by the origin of their rows; how each is taken up again and done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.config import validate_config
from edc_core.errors import StoreError
from edc_core.events import EventHandler, no_op
from edc_core.jobs.tasks.base import Task
from edc_core.jobs.tasks.check import execute_check, revalidate_check
from edc_core.jobs.tasks.landscape import execute_landscape, revalidate_landscape
from edc_core.jobs.tasks.squeeze import execute_squeeze, revalidate_squeeze
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import CHECK, SQUEEZE, SURVEY
from edc_core.store.run_record import RunRecord


@dataclass(frozen=True)
class TaskKind:
    """One kind of task."""

    again: Callable[[RunRecord], Task]  # a stored row, checked against its data as they are now
    execute: Callable[[Any, Path, EventHandler], dict[str, Any]]


TASK_KINDS = {
    SURVEY: TaskKind(revalidate_landscape, execute_landscape),
    SQUEEZE: TaskKind(revalidate_squeeze, execute_squeeze),
    CHECK: TaskKind(revalidate_check, execute_check),
}


def execute_job(found: RunRecord, home: Path, observe: EventHandler = no_op) -> dict[str, Any]:
    """Execute a stored run or task (`Store.run`), resuming where it stopped.

    Raises:
        Cancelled: it was asked to stop.
        EDCError: it no longer fits its data, or failed in a way that has a cure.
    """
    if kind := TASK_KINDS.get(found.origin):
        return kind.execute(kind.again(found), home, observe)
    return execute(revalidate(found), home, observe, targets=RESULT_STAGES + tuple(found.wanted))


def revalidate(found: RunRecord) -> PreparedRun:
    """A stored run's settings, checked against its data set as it is now.

    Raises:
        StoreError: they would make another run.
    """
    return prepare_named(found.id, found.settings)


def prepare_named(run: str, settings: dict[str, Any]) -> PreparedRun:
    """A run's settings, checked against its data set as it is now.

    Raises:
        StoreError: they would make another run.
    """
    prepared = prepare(validate_config(settings))
    if prepared.run != run:
        raise StoreError(f"run '{run}' was made from other data or by other code: start it again with 'run'.")
    return prepared
