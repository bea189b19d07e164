"""Runs read back as plain values, those that come with the project among them."""

import sqlite3
from collections.abc import Iterable
from dataclasses import fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from edc_core.store.digests import damaged, verified
from edc_core.store.files import is_finite
from edc_core.store.frozen_json import TEXTS, decoded
from edc_core.store.liveness import state_of
from edc_core.store.run_record import RunRecord
from edc_core.store.schema import Connection
from edc_core.store.states import ALIVE_SQL, RunState

JSON_COLUMNS = {"settings": dict, "plan": list, "manifest": dict, "result": dict, "wanted": list}
MAY_LACK = ("result", "wanted")
KNOWN = frozenset(RunState) - {RunState.NOT_ANSWERING}
FIELDS = tuple(field.name for field in fields(RunRecord))
MOMENTS = ("queued", "started", "finished", "heartbeat", "heartbeat_clock", "pid_created", "cancel_time")
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
# Which runs are read: a condition on a run's name.
ALL, ONE = "IS NOT NULL", "= ?"
LIVE = f"IN (SELECT id FROM runs WHERE state IN {ALIVE_SQL})"
OF_ORIGIN = "IN (SELECT id FROM runs WHERE origin = ?)"
# What a bundled file says of its run: it was written by the version that made it, and is read-only here.
BUNDLED_FIELDS = ("id", "created", "preset", "dataset", "ipc", "seed", "settings", "plan", "manifest", "result")


def read_runs(
    database: Connection, bundled: Iterable[Path] = (), which: str = ALL, values: tuple[str | float | None, ...] = ()
) -> list[RunRecord]:
    """The store's runs that meet a condition, and those of these bundled files, the newest first.

    A bundled run gives way to one in the store, a damaged row is left out. What stood in JSON is shared by all who
    read it, and fixed.
    """
    query = (
        "SELECT runs.*, people.nickname, people.archived FROM runs LEFT JOIN people ON people.id = runs.owner"
        f" WHERE runs.id {which}"
    )
    files = {path.stem: path for path in bundled}
    rows = database.rows(query, values)
    found = [_record(row, row["id"] in files) for row in rows if damage(row) is None]
    own = {row["id"] for row in rows}
    found += [_bundled(path) for name, path in files.items() if name not in own]
    return _with_counts(database, sorted(found, key=lambda entry: -entry.created), which, values)


def bundled_runs(bundled: tuple[Path, ...]) -> list[Path]:
    """The files of runs that come with the project, named as these."""
    return [path for place in bundled for path in sorted((place / "runs").glob("*.json"))]


def damage(row: sqlite3.Row) -> str | None:
    """Why a row cannot be read: some hand or disk has been at it; None where it is whole."""
    try:
        odd = [column for column in JSON_COLUMNS if not _is_whole(column, row[column])]
        odd += ["progress"] * (not isinstance(_progress(row), dict))
    except UNREADABLE as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"
    odd += [name for name in MOMENTS if row[name] is not None and not is_finite(row[name])]
    odd += ["created"] * (not is_finite(row["created"]))
    odd += ["state"] * (row["state"] not in KNOWN)
    return f"its {odd[0]} is {str(row[odd[0]])[:60]!r}" if odd else None


@lru_cache(TEXTS)
def _is_whole(column: str, text: str | None) -> bool:
    """Whether a column's JSON is of its kind, and has what every list looks for; asked once of equal texts."""
    if not text:
        return column in MAY_LACK
    value = decoded(text)
    if column == "manifest":
        value["dataset"]["digest"]
    if column == "plan":
        [(node["stage"], node["key"]) for node in value]
    return isinstance(value, JSON_COLUMNS[column])


def _json(row: sqlite3.Row, column: str) -> Any:
    return decoded(row[column]) if row[column] else None


def _progress(row: sqlite3.Row) -> Any:
    return from_json(row["progress"] or "{}")  # another one several times a second


def _record(row: sqlite3.Row, named: bool) -> RunRecord:
    """A row that is whole."""
    values = dict(row) | {column: _json(row, column) for column in JSON_COLUMNS} | {"progress": _progress(row)}
    values["state"] = state_of(row)
    values["nickname"] = values["nickname"] or ""
    values["bundled"] = named
    values |= {name: bool(values[name]) for name in ("resumable", "cancel")}
    return RunRecord(**{name: values[name] for name in FIELDS if name in values})


def _bundled(path: Path) -> RunRecord:
    try:
        values = decoded(verified(path, path.parent.parent).read_text(encoding="utf-8"))
        told = {name: values[name] for name in BUNDLED_FIELDS if name in values}
        return RunRecord(state=RunState.FINISHED, bundled=True, title=values.get("title", ""), **told)
    except UNREADABLE + (OSError,) as error:
        raise damaged(path, error, path.parent.parent) from None


def _with_counts(
    database: Connection, runs: list[RunRecord], which: str, values: tuple[str | float | None, ...]
) -> list[RunRecord]:
    """Add who asked for each run, and how often the test set was scored by it and by all runs of this store."""
    if not runs:
        return []
    people: dict[str, list[str]] = {}
    for name, person in database.rows(f"SELECT run, person FROM submissions WHERE run {which} ORDER BY time", values):
        people.setdefault(name, []).append(person)
    own = dict(database.rows(f"SELECT run, COUNT(*) FROM looks WHERE run {which} GROUP BY run", values))
    store = dict(database.rows("SELECT dataset, COUNT(*) FROM looks GROUP BY dataset"))
    counted = []
    for entry in runs:
        looks = {
            "run": own.get(entry.id, 0) or _made_with(entry.manifest),
            "store": store.get(entry.manifest["dataset"]["digest"], 0),
        }
        manifest = entry.manifest | {"test_looks": looks}
        counted.append(replace(entry, submitters=people.get(entry.id, []), manifest=manifest))
    return counted


def _made_with(manifest: dict[str, Any]) -> int:
    """Looks at the test set where a bundled run was made; a row taken from elsewhere may hold anything there."""
    looks = manifest.get("test_looks")
    count = looks.get("run") if isinstance(looks, dict) else 0
    return count if type(count) is int else 0
