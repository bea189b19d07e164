"""The runs of a store: registered, queued, followed and ended."""

import json
import os
import sqlite3
import time
from typing import Any

from edc_core.errors import EDCError, StoreError, TakenOver
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store.liveness import (
    OWN,
    describe_holder,
    describe_silence,
    is_own,
    own_process,
    state_of,
    wake_holder,
)
from edc_core.store.processes import birth
from edc_core.store.run_deletion import RunDeletion
from edc_core.store.run_record import TASKS
from edc_core.store.run_rows import damage
from edc_core.store.schema import transaction
from edc_core.store.states import RunState


class Runs(RunDeletion):
    """What `Store` knows of runs; it is not used by itself."""

    claimed: set[str]  # runs that this store's process took, and has not ended

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
            at_work = existing and state_of(existing).is_at_work
            if at_work and not is_own(existing):
                raise StoreError(_held(existing))
            self.register(run, config, plan, manifest, origin, title)
            self._unarchive(run)
            if not at_work:
                self.mark_running(run)
            self.claimed.add(run)

    def _unarchive(self, run: str) -> None:
        """A run of a class that is over is nobody's, and in the lists again, once somebody computes it."""
        query = "UPDATE runs SET owner = '' WHERE id = ? AND owner IN (SELECT id FROM people WHERE archived NOT NULL)"
        self.database.execute(query, (run,))

    def take_over(self, run: str) -> str | None:
        """Take a run from the process that is at it, so that it can be resumed; returns that process in words.

        One that is suspended here is woken up: it notices at its next heartbeat, stops and writes nothing over. None
        where no other process is at it.
        """
        with transaction(self.database):
            row = self._row(run)
            if row is None or not state_of(row).is_at_work or is_own(row):
                return None
            self.database.execute(
                "UPDATE runs SET state = ?, finished = ?, pid = NULL, pid_created = NULL, pid_scope = NULL"
                " WHERE id = ?",
                (RunState.INTERRUPTED, time.time(), row["id"]),
            )
        wake_holder(row)
        return describe_holder(row)

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
        manifest = self._kept_check(run) | manifest
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

    def _kept_check(self, run: str) -> dict[str, Any]:
        """What an earlier manifest of the run says of its imported set: a worker that resumes it does not look anew."""
        rows = self.database.rows("SELECT manifest FROM runs WHERE id = ?", (run,))
        try:
            earlier = json.loads(rows[0]["manifest"]) if rows else {}
            return {"set_check": earlier["set_check"]} if "set_check" in earlier else {}
        except (ValueError, TypeError):  # a damaged row
            return {}

    def mark_running(self, run: str, note: str = "") -> None:
        """Mark a registered run as running in this process."""
        now, progress = time.time(), json.dumps({"note": note} if note else {})
        self.database.execute(
            "UPDATE runs SET state = ?, cancel = 0, cancel_time = NULL, error = NULL, resumable = 1, progress = ?,"
            " pid = ?, pid_scope = ?, pid_created = ?, heartbeat = ?, heartbeat_clock = ?, started = ?, finished = NULL"
            " WHERE id = ?",
            (RunState.RUNNING, progress, *own_process(), birth(os.getpid()), now, time.monotonic(), now, run),
        )
        self.claimed.add(run)

    def finish(
        self,
        run: str,
        state: RunState,
        result: dict[str, Any] | None = None,
        error: EDCError | str | None = None,
    ) -> None:
        """Record a run's final state; an earlier result stays if there is no new one.

        A run whose result is whole stays finished, though an extra stage of it failed or was cancelled; where
        another extra stage was asked for meanwhile, it goes back into the queue. Nothing is written where another
        process has taken it over.
        """
        with transaction(self.database):  # what is asked of it meanwhile comes before, or after
            row = self._row(run)
            if row and (run not in self.claimed or is_own(row)):  # else deleted meanwhile, or taken over
                self._finish(row, state, result, error)
                self.claimed.discard(run)

    def finish_of_another(self, run: str, state: RunState) -> None:
        """Record the final state of a run whose process does not do so."""
        with transaction(self.database):
            if row := self._row(run):
                self._finish(row, state, None, None)

    def finish_cancelled(self, run: str) -> None:
        """End a run that was stopped; one that was asked for again since it was to stop waits once more."""
        with transaction(self.database):
            row = self._row(run)
            again = row and is_own(row) and row["cancel_time"] is not None and not row["cancel"]
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
            " finished = ?, pid = NULL, pid_created = NULL, pid_scope = NULL, cancel = 0, cancel_time = NULL"
            " WHERE id = ?",
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
        """Write a run's heartbeat and progress; returns whether cancellation was requested.

        Raises:
            TakenOver: this process no longer holds the run.
        """
        values: dict[str, Any] = {"heartbeat": time.time(), "heartbeat_clock": time.monotonic()}
        if progress is not None:
            values["progress"] = json.dumps(progress)
        written = self.database.execute(
            f"UPDATE runs SET {', '.join(f'{name} = ?' for name in values)} WHERE id = ? AND {OWN}",
            (*values.values(), run, *own_process()),
        )
        row = self._row(run)
        if written.rowcount == 0 or row is None or not is_own(row):
            raise TakenOver(_lost(run, row))
        return bool(row["cancel"])

    def cancel(self, run: str) -> None:
        """Ask the run's process to stop; it does so within two seconds and keeps what is finished.

        A queued run is cancelled at once, or finished again where only an extra stage was wanted of it.

        Raises:
            StoreError: the run is neither queued nor running.
        """
        with transaction(self.database):
            found = self.run(run)
            if found.state.is_at_work:
                wake_holder(vars(found))  # a suspended process can then stop by itself
                self.database.execute(
                    "UPDATE runs SET cancel = 1, cancel_time = CASE WHEN cancel THEN cancel_time ELSE ? END"
                    " WHERE id = ?",
                    (time.time(), found.id),
                )
            elif found.state == RunState.QUEUED:
                self.finish_of_another(found.id, RunState.CANCELLED)
            else:
                raise StoreError(f"run '{found.id}' is {found.state}, so there is nothing to cancel.")


def _held(row: sqlite3.Row) -> str:
    """Why this process cannot work on a run that another is at, and what can be done."""
    run, take = row["id"], f"'python -m edc_core resume {row['id']} --take-over'"
    if state_of(row) == RunState.RUNNING:
        return (
            f"run '{run}' is being computed by {describe_holder(row)}: wait for it, or cancel it with"
            f" 'python -m edc_core cancel {run}'; {take} goes on with it here."
        )
    return f"run '{run}' is not answering ({describe_silence(row)}): let it go on, or take it over with {take}."


def _lost(run: str, row: sqlite3.Row | None) -> str:
    """What became of a run that this process was at."""
    if row is None or row["state"] == RunState.CANCELLED:
        how = f"{'deleted' if row is None else 'cancelled'} from outside"
    elif row["state"] == RunState.RUNNING:
        how = f"taken over by {describe_holder(row)}"
    else:
        how = f"taken over, and is {row['state']} now"
    return f"run '{run}' was {how}: this process stops and writes nothing over."
