"""The run store: one home folder with its runs, their curves and their artefacts."""

import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

from edc_core.environment import ASSETS
from edc_core.errors import StoreError
from edc_core.store.artefacts import Artefacts, safe_key
from edc_core.store.database import connect, transaction
from edc_core.store.files import read_json

HEARTBEAT_TIMEOUT = 10.0  # seconds without a sign of life before a run counts as interrupted
BUNDLED = ASSETS / "store"  # results that come with the project, read-only
SHARED_STAGES = {"squeeze", "statistics"}  # a data set's, kept when a run is deleted


def default_home() -> Path:
    """`EDC_HOME`, else ./runs."""
    return Path(os.environ.get("EDC_HOME") or "runs").absolute()


def process_lives(pid: int | None) -> bool:
    """Whether a process of that number is there and no zombie."""
    try:
        return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


class Store:
    """Runs and artefacts under `home`; the bundled artefacts of `assets/` are found too, read-only."""

    def __init__(self, home: Path | None = None, bundled: tuple[Path, ...] = (BUNDLED,)) -> None:
        self.home = (home or default_home()).absolute()
        self.database = connect(self.home / "store.sqlite")
        self.artefacts = Artefacts(self.home, bundled)

    def close(self) -> None:
        self.database.close()

    # Runs ---------------------------------------------------------------------------------------

    def begin(self, run: str, config: dict[str, Any], plan: list[dict], manifest: dict[str, Any]) -> None:
        """Register a run, or take an earlier one of the same identity up again.

        Raises:
            StoreError: another live process is at this very run.
        """
        with transaction(self.database):
            existing = self._row(run)
            if existing and self._state(existing) == "running" and existing["pid"] != os.getpid():
                raise StoreError(
                    f"run '{run}' is being computed by process {existing['pid']}: wait for it, or cancel it with"
                    f" 'python -m edc_core cancel {run}'."
                )
            self.database.execute(
                "INSERT INTO runs (id, created, state, preset, dataset, ipc, seed, settings, plan, manifest, pid,"
                " heartbeat) VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET state = 'running', plan = excluded.plan, cancel = 0, error = NULL,"
                " progress = '{}',"
                " manifest = excluded.manifest, pid = excluded.pid, heartbeat = excluded.heartbeat",
                (
                    run,
                    time.time(),
                    config["preset"],
                    config["dataset"],
                    config["ipc"],
                    config["evaluate"]["seed"],
                    json.dumps(config),
                    json.dumps(plan),
                    json.dumps(manifest),
                    os.getpid(),
                    time.time(),
                ),
            )

    def finish(self, run: str, state: str, result: dict[str, Any] | None = None, error: str | None = None) -> None:
        self.database.execute(
            "UPDATE runs SET state = ?, result = COALESCE(?, result), error = ?, pid = NULL, cancel = 0 WHERE id = ?",
            (state, json.dumps(result) if result else None, error, run),
        )

    def run(self, run: str) -> dict[str, Any]:
        """One run as plain values, `state` being interrupted where its process is gone.

        Raises:
            StoreError: there is no such run.
        """
        row = self._row(run)
        if row is None:
            matches = [other["id"] for other in self.runs() if other["id"].startswith(run) or other["id"].endswith(run)]
            if len(matches) == 1 and run:
                return self.run(matches[0])
            cure = f"it could be {', '.join(matches[:5])}" if matches and run else "see 'python -m edc_core runs'"
            raise StoreError(f"run '{run}' is not in the store '{self.home}': {cure}.")
        return self._plain(row)

    def runs(self) -> list[dict[str, Any]]:
        """All runs, the newest first."""
        return [self._plain(row) for row in self.database.execute("SELECT * FROM runs ORDER BY created DESC")]

    def result(self, run: str) -> dict[str, Any] | None:
        """A finished run's result, else None."""
        row = self._row(run)
        return json.loads(row["result"]) if row and row["state"] == "finished" else None

    def cancel(self, run: str) -> None:
        """Ask the run's process to stop; it does so within two seconds and keeps what is finished.

        Raises:
            StoreError: the run is not running.
        """
        found = self.run(run)
        if found["state"] != "running":
            raise StoreError(f"run '{found['id']}' is {found['state']}, so there is nothing to cancel.")
        self.database.execute("UPDATE runs SET cancel = 1 WHERE id = ?", (found["id"],))

    def delete(self, run: str) -> list[str]:
        """Forget a run and the artefacts that only it uses; gives their keys.

        Observers and their statistics belong to the data set and stay.

        Raises:
            StoreError: there is no such run, or it is running.
        """
        with transaction(self.database):
            found = self.run(run)
            if found["state"] == "running":
                raise StoreError(f"run '{found['id']}' is running: cancel it first.")
            self.database.execute("DELETE FROM runs WHERE id = ?", (found["id"],))
            used = {node["key"] for other in self.runs() for node in other["plan"]}
            own = {node["key"] for node in found["plan"] if node["stage"] not in SHARED_STAGES} - used
            self.database.executemany("DELETE FROM curves WHERE key = ?", [(key,) for key in own])
        for key in own:
            self.artefacts.remove(key)
        return sorted(own)

    def _row(self, run: str):
        return self.database.execute("SELECT * FROM runs WHERE id = ?", (run,)).fetchone()

    def _state(self, row) -> str:
        if row["state"] != "running":
            return row["state"]
        fresh = time.time() - (row["heartbeat"] or 0) < HEARTBEAT_TIMEOUT
        return "running" if fresh and process_lives(row["pid"]) else "interrupted"

    def _plain(self, row) -> dict[str, Any]:
        values = dict(row)
        for column in ("settings", "plan", "manifest", "progress", "result"):
            values[column] = json.loads(values[column]) if values[column] else None
        values["state"] = self._state(row)
        values["manifest"]["test_looks"] = self.looks(values["id"], values["manifest"]["dataset"]["digest"])
        return values

    # Signs of life ------------------------------------------------------------------------------

    def beat(self, run: str, progress: dict[str, Any] | None = None) -> bool:
        """Say that the run is alive and how far it is; gives whether it was asked to stop."""
        if progress is not None:
            self.database.execute(
                "UPDATE runs SET heartbeat = ?, progress = ? WHERE id = ?", (time.time(), json.dumps(progress), run)
            )
        else:
            self.database.execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (time.time(), run))
        row = self.database.execute("SELECT cancel FROM runs WHERE id = ?", (run,)).fetchone()
        return bool(row and row["cancel"])

    # Curves and looks ---------------------------------------------------------------------------

    def add_curves(self, rows: list[tuple[str, str, int, float]]) -> None:
        """(key, series, step, value) rows; a step computed again replaces its first value."""
        with transaction(self.database):
            self.database.executemany("INSERT OR REPLACE INTO curves VALUES (?, ?, ?, ?)", rows)

    def curves(self, key: str) -> dict[str, tuple[list[int], list[float]]]:
        """The stage's curves, series -> (steps, values), live or finished."""
        found = self.artefacts.find(safe_key(key))
        if found and (found / "curves.json").exists():
            return {name: (steps, values) for name, (steps, values) in read_json(found / "curves.json").items()}
        curves: dict[str, tuple[list[int], list[float]]] = {}
        query = "SELECT series, step, value FROM curves WHERE key = ? ORDER BY series, step"
        for series, step, value in self.database.execute(query, (key,)):
            steps, values = curves.setdefault(series, ([], []))
            steps.append(step)
            values.append(value)
        return curves

    def drop_curves(self, key: str) -> None:
        """Forget a stage's live rows: they stand in its result now."""
        self.database.execute("DELETE FROM curves WHERE key = ?", (key,))

    def add_look(self, key: str, dataset: str, run: str) -> None:
        """Count one scoring of the test set."""
        self.database.execute("INSERT INTO looks VALUES (?, ?, ?, ?)", (key, dataset, run, time.time()))

    def looks(self, run: str, dataset: str) -> dict[str, int]:
        """How often the test set was scored by this run, and by all runs of this store on this data set."""
        count = "SELECT COUNT(*) FROM looks WHERE "
        return {
            "run": self.database.execute(count + "run = ?", (run,)).fetchone()[0],
            "store": self.database.execute(count + "dataset = ?", (dataset,)).fetchone()[0],
        }
