"""Deletion of runs, with the stage results that only they use."""

from typing import Any

from edc_core.errors import StoreError
from edc_core.store.liveness import state_of
from edc_core.store.run_queries import RunQueries
from edc_core.store.run_rows import damage
from edc_core.store.schema import transaction
from edc_core.store.states import RunState

SHARED_STAGES = {"squeeze", "statistics"}  # a data set's, kept when a run is deleted


class RunDeletion(RunQueries):
    """The deleting part of `Runs`; it is not used by itself."""

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
        if row["state"] == RunState.RUNNING and state_of(row).is_at_work:
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
