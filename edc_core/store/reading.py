"""Runs read back as plain values, those that come with the project among them."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from edc_core.store.database import Connection
from edc_core.store.files import read_json
from edc_core.store.processes import process_lives

HEARTBEAT_TIMEOUT = 10.0  # seconds without a sign of life before a run counts as interrupted
JSON_COLUMNS = ("settings", "plan", "manifest", "progress", "result", "wanted")
# What a bundled file may lack: it was written by the version that made it.
DEFAULTS = {"title": "", "owner": "", "nickname": "", "queued": None, "started": None, "finished": None, "error": None}


def state_of(row: sqlite3.Row | dict[str, Any]) -> str:
    """A run's state as of now: a running one whose process is gone or silent is interrupted, or was cancelled."""
    if row["state"] != "running":
        return row["state"]
    fresh = time.time() - (row["heartbeat"] or 0) < HEARTBEAT_TIMEOUT
    if fresh and process_lives(row["pid"], row["pid_created"]):
        return "running"
    return "cancelled" if row["cancel"] else "interrupted"


def read_runs(database: Connection, bundled: tuple[Path, ...], run: str | None = None) -> list[dict[str, Any]]:
    """All runs, the newest first, or the one of that exact name; a bundled one gives way to one in the store."""
    where, values = ("", ()) if run is None else ("WHERE runs.id = ?", (run,))
    query = f"SELECT runs.*, people.nickname FROM runs LEFT JOIN people ON people.id = runs.owner {where}"
    names = set(bundled_names(bundled))
    found = [_plain(row, row["id"] in names) for row in database.rows(query, values)]
    own = {entry["id"] for entry in found}
    wanted = names - own if run is None else names & {run} - own
    found += [_bundled(path) for path in _files(bundled) if path.stem in wanted]
    return _with_counts(database, sorted(found, key=lambda entry: -entry["created"]), run)


def bundled_names(bundled: tuple[Path, ...]) -> list[str]:
    """The runs that come with the project."""
    return [path.stem for path in _files(bundled)]


def _files(bundled: tuple[Path, ...]) -> list[Path]:
    return [path for place in bundled for path in sorted((place / "runs").glob("*.json"))]


def _plain(row: sqlite3.Row, named: bool) -> dict[str, Any]:
    values = dict(row)
    for column in JSON_COLUMNS:
        values[column] = from_json(values[column]) if values[column] else None
    state = state_of(row)
    # Work on a bundled run's extra stage can be stopped; what is finished is the project's.
    return values | {"state": state, "nickname": values["nickname"] or "", "bundled": named and state == "finished"}


def _bundled(path: Path) -> dict[str, Any]:
    fixed = {"origin": "bundled", "bundled": True, "state": "finished", "pid": None, "heartbeat": None, "cancel": 0}
    return DEFAULTS | {"progress": {}, "wanted": []} | read_json(path) | fixed


def _with_counts(database: Connection, runs: list[dict[str, Any]], run: str | None) -> list[dict[str, Any]]:
    """Add who asked for each run, and how often the test set was scored by it and by all runs of this store."""
    where, values = ("", ()) if run is None else (" WHERE run = ?", (run,))
    people: dict[str, list[str]] = {}
    for name, person in database.rows(f"SELECT run, person FROM submissions{where} ORDER BY time", values):
        people.setdefault(name, []).append(person)
    own = dict(database.rows(f"SELECT run, COUNT(*) FROM looks{where} GROUP BY run", values))
    store = dict(database.rows("SELECT dataset, COUNT(*) FROM looks GROUP BY dataset"))
    for entry in runs:
        entry["submitters"] = people.get(entry["id"], [])
        made = entry["manifest"].get("test_looks", {}).get("run", 0)  # where a bundled run was made
        entry["manifest"]["test_looks"] = {
            "run": own.get(entry["id"], 0) or made,
            "store": store.get(entry["manifest"]["dataset"]["digest"], 0),
        }
    return runs
