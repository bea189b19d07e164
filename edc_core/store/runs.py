"""The runs of a store: registered, queued, followed and ended."""

import json
import os
import time
from typing import Any

from edc_core.errors import EDCError, StoreError
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store.processes import birth
from edc_core.store.run_deletion import RunDeletion
from edc_core.store.run_record import TASKS
from edc_core.store.run_rows import damage, state_of
from edc_core.store.schema import transaction
from edc_core.store.states import RunState


class Runs(RunDeletion):
    """What `Store` knows of runs; it is not used by itself."""

    def claim_or_resume(
        self,
        run: str,
        config: dict[str, Any],
        plan: list[dict],
        manifest: dict[str, Any],
        origin: str = "command line",
        title: str = "",
    ) -> None:
        """Register a run as this process's, or take up an earlier or queued one of the same identity.

        A run that this process took from the queue keeps its progress and a cancellation that came meanwhile.

        Raises:
            StoreError: another live process is at this run.
        """
        with transaction(self.database):
            self.find(run)  # a damaged row would stay damaged
            existing = self._row(run)
            at_work = existing and state_of(existing) == RunState.RUNNING
            if at_work and existing["pid"] != os.getpid():
                raise StoreError(
                    f"run '{run}' is being computed by process {existing['pid']}: wait for it, or cancel it with"
                    f" 'python -m edc_core cancel {run}'."
                )
            self.register(run, config, plan, manifest, origin, title)
            if not at_work:
                self.mark_running(run)

    def register(
        self,
        run: str,
        config: dict[str, Any],
        plan: list[dict],
        manifest: dict[str, Any],
        origin: str = "command line",
        title: str = "",
    ) -> None:
        """Insert or update a run's row; a new one is not yet claimed or queued.

        A task is named by what it makes; the data set that it is asked of may lie elsewhere now.
        """
        values = {
            "id": run,
            "created": time.time(),
            "preset": config["preset"],
            "dataset": config["dataset"],
            "ipc": config["ipc"],
            "seed": config["evaluate"]["seed"],
            "settings": json.dumps(config),
            "plan": json.dumps(plan),
            "manifest": json.dumps(manifest),
            "origin": origin,
            "title": title,
        }
        renewed = ("plan", "manifest", *(("dataset", "settings", "title") if origin in TASKS else ()))
        self.database.execute(
            f"INSERT INTO runs (state, {', '.join(values)}) VALUES (?, {', '.join('?' * len(values))})"
            f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in renewed)}",
            (RunState.QUEUED, *values.values()),
        )

    def mark_running(self, run: str, note: str = "") -> None:
        """Mark a registered run as running in this process."""
        now, progress = time.time(), json.dumps({"note": note} if note else {})
        self.database.execute(
            "UPDATE runs SET state = ?, cancel = 0, cancel_time = NULL, error = NULL, resumable = 1, progress = ?,"
            " pid = ?, pid_created = ?, heartbeat = ?, started = ?, finished = NULL WHERE id = ?",
            (
                RunState.RUNNING,
                progress,
                os.getpid(),
                birth(os.getpid()),
                now,
                now,
                run,
            ),
        )

    def finish(
        self,
        run: str,
        state: RunState,
        result: dict[str, Any] | None = None,
        error: EDCError | str | None = None,
    ) -> None:
        """Record a run's final state; an earlier result stays if there is no new one.

        A run whose result is whole stays finished, though an extra stage of it failed or was cancelled; where
        another extra stage was asked for meanwhile, it goes back into the queue.
        """
        with transaction(self.database):  # what is asked of it meanwhile comes before, or after
            if row := self._row(run):  # else deleted meanwhile
                self._finish(row, state, result, error)

    def finish_cancelled(self, run: str) -> None:
        """End a run that was stopped; one that was asked for again since it was to stop waits once more."""
        with transaction(self.database):
            row = self._row(run)
            again = row and row["cancel_time"] is not None and not row["cancel"]
            self.finish(run, RunState.QUEUED if again else RunState.CANCELLED)

    def _finish(self, row: Any, state: RunState, result: dict[str, Any] | None, error: EDCError | str | None) -> None:
        found, wanted = set(), []
        if damage(row) is None:
            found = {stage for stage in EXTRA_STAGES + RESULT_STAGES if self._has(row, stage)}
            wanted = [stage for stage in json.loads(row["wanted"]) if stage not in found]
        if state == RunState.FINISHED and wanted:
            state = RunState.QUEUED
        elif state not in (RunState.FINISHED, RunState.QUEUED) and row["result"] and found.issuperset(RESULT_STAGES):
            state, wanted = RunState.FINISHED, []
        said, resumable = (None if error is None else str(error)), getattr(error, "resumable", True)
        self.database.execute(
            "UPDATE runs SET state = ?, result = COALESCE(?, result), error = ?, resumable = ?, wanted = ?,"
            " finished = ?, pid = NULL, pid_created = NULL, cancel = 0, cancel_time = NULL WHERE id = ?",
            (
                state,
                json.dumps(result) if result else None,
                said,
                resumable,
                json.dumps(wanted),
                time.time(),
                row["id"],
            ),
        )

    def heartbeat(self, run: str, progress: dict[str, Any] | None = None) -> bool:
        """Write a run's heartbeat and progress; returns whether cancellation was requested."""
        if progress is not None:
            self.database.execute(
                "UPDATE runs SET heartbeat = ?, progress = ? WHERE id = ?", (time.time(), json.dumps(progress), run)
            )
        else:
            self.database.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (time.time(), run))
        row = self.database.row("SELECT cancel FROM runs WHERE id = ?", (run,))
        return bool(row and row["cancel"])

    def cancel(self, run: str) -> None:
        """Ask the run's process to stop; it does so within two seconds and keeps what is finished.

        A queued run is cancelled at once, or finished again where only an extra stage was wanted of it.

        Raises:
            StoreError: the run is neither queued nor running.
        """
        with transaction(self.database):
            found = self.run(run)
            if found.state == RunState.RUNNING:
                self.database.execute(
                    "UPDATE runs SET cancel = 1, cancel_time = CASE WHEN cancel THEN cancel_time ELSE ? END"
                    " WHERE id = ?",
                    (time.time(), found.id),
                )
            elif found.state == RunState.QUEUED:
                self.finish(found.id, RunState.CANCELLED)
            else:
                raise StoreError(f"run '{found.id}' is {found.state}, so there is nothing to cancel.")
