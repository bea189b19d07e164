"""Runs table of a store: register, claim, follow, finish and delete runs."""

import json
import os
import time
from pathlib import Path
from typing import Any

from edc_core.errors import EDCError, StoreError
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store.processes import birth
from edc_core.store.run_record import RunRecord
from edc_core.store.run_rows import LIVE, OF_ORIGIN, ONE, bundled_runs, damage, read_runs, state_of
from edc_core.store.schema import Connection, transaction
from edc_core.store.stage_results import StageResults
from edc_core.store.states import RunState

SHARED_STAGES = {"squeeze", "statistics"}  # a data set's, kept when a run is deleted
# Origins of rows that wait and work as runs do and are none: questions about some, observers alone, a data set's check.
SURVEY, SQUEEZE, CHECK = TASKS = ("landscape", "squeeze", "check")


class Runs:
    """Mixin of `Store` for its runs; not used by itself."""

    home: Path
    database: Connection
    stage_results: StageResults

    # Work ---------------------------------------------------------------------------------------

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

    # Looking ------------------------------------------------------------------------------------

    def run(self, run: str) -> RunRecord:
        """One run by its name, of which the beginning or the end is enough.

        Raises:
            StoreError: there is no such run, or its row is damaged.
        """
        if found := self.find(run):
            return found
        return self.run(self.named(run))

    def named(self, run: str) -> str:
        """The whole name of a run, of which the beginning or the end is enough; a damaged one has its name still.

        Raises:
            StoreError: there is no such run.
        """
        names = {row["id"] for row in self.database.rows("SELECT id FROM runs WHERE typeof(id) = 'text'")}
        names |= {path.stem for path in bundled_runs(self.stage_results.bundled)}
        if run in names:
            return run
        matches = sorted(name for name in names if name.startswith(run) or name.endswith(run))
        if len(matches) == 1 and run:
            return matches[0]
        cure = f"it could be {', '.join(matches[:5])}" if matches and run else "see 'python -m edc_core runs'"
        raise StoreError(f"run '{run}' is not in the store '{self.home}': {cure}.")

    def find(self, run: str) -> RunRecord | None:
        """The run of that exact name, else None.

        Raises:
            StoreError: its row is damaged.
        """
        bundled = [path for path in bundled_runs(self.stage_results.bundled) if path.stem == run]
        found = next(iter(read_runs(self.database, bundled, ONE, (run,))), None)
        if found is None and (row := self._row(run)) and (why := damage(row)):
            raise StoreError(
                f"run '{run}' is damaged in the store ({why}): delete it with 'python -m edc_core delete {run}'; what"
                " is finished of it stays, and is found when it is run again."
            )
        return found

    def damaged(self) -> list[Any]:
        """Rows that no list shows, as they stand in the file."""
        return [row for row in self.database.rows("SELECT * FROM runs") if damage(row)]

    def runs(self) -> list[RunRecord]:
        """All runs, bundled ones included, the newest first; other tasks are none."""
        return [run for run in self._rows() if run.origin not in TASKS]

    def surveys(self) -> list[RunRecord]:
        """What was asked of landscapes, the newest first (see `edc_core.jobs.tasks.landscape`)."""
        return read_runs(self.database, which=OF_ORIGIN, values=(SURVEY,))

    def alive(self) -> list[RunRecord]:
        """Runs and other tasks that wait or work."""
        return [run for run in read_runs(self.database, which=LIVE) if run.state.is_alive]

    def _rows(self) -> list[RunRecord]:
        return read_runs(self.database, bundled_runs(self.stage_results.bundled))

    def result(self, run: str) -> dict[str, Any] | None:
        """A finished run's result, else None."""
        found = self.find(run)
        return found.result if found and found.state == RunState.FINISHED else None

    # Changing -----------------------------------------------------------------------------------

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

    def delete(self, run: str) -> list[str]:
        """Forget a run and the stage results that only it uses; returns their keys.

        Observers and their statistics belong to the data set and stay. Of a damaged run all results stay: what it
        says of them cannot be believed.

        Raises:
            StoreError: there is no such run, it is at work or waiting, or it comes with the project.
        """
        with transaction(self.database):
            row = self._row(name := self.named(run))
            if row and damage(row):
                self._forget(row)
                return []
            found = self.run(name)
            if found.state.is_alive:
                raise StoreError(f"run '{found.id}' is {found.state}: cancel it first.")
            if found.bundled:
                raise StoreError(f"run '{found.id}' comes with the project: it cannot be deleted.")
            self._forget(self._row(found.id))
            own = {node["key"] for node in found.plan if node["stage"] not in SHARED_STAGES}
            own |= self._surveyed(found.id)
            rest = (node for other in self._rows() for node in other.plan if node.get("run") != found.id)
            own -= {node["key"] for node in rest}
            own -= {key for key in own for row in self.damaged() if key in str(row["plan"])}
            self.database.executemany("DELETE FROM curves WHERE key = ?", [(key,) for key in own])
        return sorted(key for key in own if self._removed(key, found.id))

    def _removed(self, key: str, run: str) -> bool:
        """Remove a deleted run's result, but where one submitted meanwhile counts on it (and may be at it)."""
        if self._counts_on(key, run):
            return False
        with self.stage_results.removing(key) as away, transaction(self.database):
            if self._counts_on(key, run):
                return False
            away()
        return True

    def _counts_on(self, key: str, gone: str) -> bool:
        """Whether a result is in a plan, other than as a survey's that is about the deleted run."""
        return any(node["key"] == key and node.get("run") != gone for row in self._rows() for node in row.plan)

    def _forget(self, row: Any) -> None:
        """Take a row away, and who asked for it."""
        if row["state"] == RunState.RUNNING and state_of(row) == RunState.RUNNING:
            raise StoreError(f"run '{row['id']}' is running: end its process {row['pid']} first.")
        for table, column in (("runs", "id"), ("submissions", "run")):
            self.database.execute(f"DELETE FROM {table} WHERE {column} = ?", (row["id"],))

    def _surveyed(self, run: str) -> set[str]:
        """What surveys found out about a run that is deleted; those about it alone are forgotten with it."""
        keys = set()
        for survey in self.surveys():
            about = {node["run"] for node in survey.plan}
            about |= {part["run"] for part in survey.settings.get("parts", ())}  # whence a line leads, too
            keys |= {node["key"] for node in survey.plan if node["run"] == run}
            if run not in about:
                continue
            if survey.state.is_alive:
                raise StoreError(f"'{survey.id}' is {survey.state} and looks at it: cancel that first.")
            if about == {run}:
                self._forget(self._row(survey.id))
        return keys

    def _row(self, run: str):
        return self.database.row("SELECT * FROM runs WHERE id = ?", (run,))

    def _has(self, row, stage: str) -> bool:
        """Whether all results of that stage are there; true where the run has no such stage."""
        return all(self.stage_results.find(node["key"]) for node in json.loads(row["plan"]) if node["stage"] == stage)
