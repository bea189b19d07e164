"""Queries of a store's runs by name, kind and state."""

import json
from pathlib import Path
from typing import Any

from edc_core.errors import StoreError
from edc_core.store.run_record import SURVEY, TASKS, RunRecord
from edc_core.store.run_rows import LIVE, OF_ORIGIN, ONE, bundled_runs, damage, read_runs
from edc_core.store.schema import Connection
from edc_core.store.stage_results import StageResults
from edc_core.store.states import RunState


class RunQueries:
    """The reading half of `Runs`; it is not used by itself."""

    home: Path
    database: Connection
    stage_results: StageResults

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

    def runs(self, archived: bool = False) -> list[RunRecord]:
        """All runs, bundled ones included, the newest first; other tasks are none.

        Runs of a class that is over are among them only where they are asked for (`archived`).
        """
        return [run for run in self._rows() if run.origin not in TASKS and (archived or run.archived is None)]

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

    def _row(self, run: str):
        return self.database.row("SELECT * FROM runs WHERE id = ?", (run,))

    def _has(self, row, stage: str) -> bool:
        """Whether all results of that stage are there; true where the run has no such stage."""
        return all(self.stage_results.find(node["key"]) for node in json.loads(row["plan"]) if node["stage"] == stage)
