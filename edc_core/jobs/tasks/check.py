"""A data set's check as a task of the queue, and its report kept in the store, by the data set's digest."""

import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.data import Description, describe
from edc_core.doctor import Finding, Report, examine
from edc_core.errors import StoreError
from edc_core.events import EventHandler, StageStarted, no_op, tee
from edc_core.jobs.tasks.base import Task
from edc_core.pipeline.execute import record_outcome
from edc_core.pipeline.prepare import versions
from edc_core.store import BUNDLED, CHECK, Recorder, StageResults, Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState


@dataclass(frozen=True)
class CheckTask(Task):
    """`examine` of a data set that can be described."""

    dataset: str
    about: Description

    @property
    def id(self) -> str:
        return check_id(self.about)

    @property
    def title(self) -> str:
        return f"Check of {self.about.name}"

    def pending(self, stage_results: StageResults) -> tuple[str, ...]:
        """A check is always made again: observers may have been trained since."""
        return (self.id,)

    def row(self) -> tuple[dict[str, Any], list[dict], dict[str, Any], str]:
        settings = {"dataset": self.dataset, "preset": "", "ipc": 0, "evaluate": {"seed": 0}}
        return settings, [], {"versions": versions(), "dataset": self.about.plain()}, CHECK


def check_id(about: Description) -> str:
    return f"check-{about.digest[:16]}"


def revalidate_check(found: RunRecord) -> CheckTask:
    """A stored check (`Store.run`), of the data set as it is now.

    Raises:
        StoreError: it is another one by now.
        EDCError: it has gone.
    """
    task = CheckTask(found.dataset, describe(found.dataset))
    if task.id != found.id:
        raise StoreError(f"the data set '{found.dataset}' has changed since its check was asked for: check it again.")
    return task


def execute_check(
    task: CheckTask, home: Path, observe: EventHandler = no_op, bundled: tuple[Path, ...] = (BUNDLED,)
) -> dict[str, Any]:
    """Examine a data set and keep the report; returns it as JSON holds it.

    Raises:
        Cancelled: it was asked to stop.
        EDCError: the data set has gone, or the store cannot be written.
    """
    with closing(Store(home, bundled)) as store:
        task.begin(store)
        recorder = Recorder(store, task.id, task.about.digest)
        report = tee(recorder, observe)

        with record_outcome(store, task.id), recorder.alive():
            report(StageStarted("check", "", task.id))
            result = examine(task.dataset, home, report, bundled).plain()
        store.finish(task.id, RunState.FINISHED, result | {"checked": time.time()})
        return result


def stored_report(store: Store, about: Description) -> Report | None:
    """What the last finished check of this data set found; None where it was never checked."""
    found = store.find(check_id(about))
    if found is None or not found.result:
        return None
    findings = (Finding(**finding) for finding in found.result["findings"])
    return Report(found.dataset, about, tuple(findings))
