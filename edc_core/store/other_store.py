"""Another store's rows: read without writing there, and added to this store's; what is here is never overwritten."""

import json
import os
import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from edc_core.errors import StoreError
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store.migrations import MIGRATIONS, OLD_DIVERGED
from edc_core.store.result_owners import Row, expected_of
from edc_core.store.result_schema import Expected
from edc_core.store.run_record import TASKS
from edc_core.store.run_row_schema import Node, read_row
from edc_core.store.run_rows import bundled_runs
from edc_core.store.schema import transaction
from edc_core.store.states import RunState
from edc_core.store.store import Store
from edc_core.store.verify_stage_result import NEEDED, check_content

ALIVE = [state for state in RunState if state.is_alive]
ENDED = (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)
RUN = re.compile(r"[a-z0-9][a-z0-9-]{0,199}")
LOOK = ("key", "dataset", "run", "time")
# Nobody of this store asked for the run, and no process of this machine is at it.
RUN_HERE = {"owner": "", "wanted": "[]", "queued": None, "pid": None, "pid_created": None, "heartbeat": None}
RUN_HERE |= {"pid_scope": None, "heartbeat_clock": None, "cancel": 0, "cancel_time": None}


@dataclass
class Rows:
    """What was read of another store."""

    runs: list[Row]
    looks: list[Row]
    ablations: list[Row]
    curves: dict[str, list[tuple]]  # by stage key; only of stages that did not end


@dataclass
class Written:
    """How many rows were added, or runs finished that were stopped here; which runs were left out, and why."""

    runs: int = 0
    finished: int = 0
    looks: int = 0
    ablations: int = 0
    curves: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)


# Reading ------------------------------------------------------------------------------------------


def read_rows(home: Path) -> Rows:
    """One consistent look at another store, which may be at work meanwhile and may be of an older schema.

    Raises:
        StoreError: there is none, it is damaged, or a newer version of EDC Lab wrote it.
    """
    path = home / "store.sqlite"
    if not path.is_file():
        raise StoreError(f"'{home}' is no store (it has no store.sqlite): name the folder that was its --home.")
    try:
        with closing(_open(path)) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version > len(MIGRATIONS):
                raise StoreError(
                    f"the store '{home}' has schema {version}, newer than this version's {len(MIGRATIONS)}: update EDC"
                    " Lab, then merge."
                )
            database.execute("BEGIN")
            tables = {row["name"] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            curves: dict[str, list[tuple]] = {}
            for row in database.execute("SELECT key, series, step, value FROM curves"):
                curves.setdefault(row["key"], []).append(tuple(row))
            ablations = _all(database, "ablations") if "ablations" in tables else []
            # Tasks are left out: their answers are results.
            runs = [_with_resumable(row) for row in _all(database, "runs") if row.get("origin") not in TASKS]
            return Rows(runs, _all(database, "looks"), ablations, curves)
    except sqlite3.Error as error:
        raise StoreError(f"'{path}' cannot be read ({error}): merge a whole copy of the store.") from None


def _with_resumable(row: Row) -> Row:
    """A row that has the column `resumable`, which an older schema lacks: what its migration does."""
    return {"resumable": int(OLD_DIVERGED not in str(row["error"]))} | row


def _open(path: Path) -> sqlite3.Connection:
    """Read-only; on a medium that cannot be written nobody else can be at work, and SQLite keeps no notes beside it."""
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if still else ''}"
    database = sqlite3.connect(address, uri=True, timeout=30, isolation_level=None)
    database.execute("PRAGMA trusted_schema = OFF")
    database.row_factory = sqlite3.Row
    return database


def _all(database: sqlite3.Connection, table: str) -> list[Row]:
    return [dict(row) for row in database.execute(f"SELECT * FROM {table}")]


# Writing ------------------------------------------------------------------------------------------


def write_rows(rows: Rows, store: Store, checked: Collection[str] = ()) -> Written:
    """Add what is not here: ended runs whose results are here, looks at the test set, ablations; all or nothing.

    `checked` are keys of results that were found to be these runs' already.
    """
    written, fits = Written(), _Fits(store, checked)
    with transaction(store.database):
        rest = store.database.rows("SELECT id, state, result, plan FROM runs")
        ended = {row["id"]: row["plan"] for row in rest if row["result"] is None and row["state"] not in ALIVE}
        here = {row["id"] for row in rest} - set(ended)
        here |= {path.stem for path in bundled_runs(store.stage_results.bundled)}
        for row in rows.runs:
            if row["id"] in here:
                continue
            try:
                _check_run(row, store, fits)
            except StoreError as error:
                written.left_out.append((str(row["id"])[:200], str(error)))
                continue
            if row["id"] not in ended:
                written.runs += _insert(store, "runs", _without_looks(row) | RUN_HERE)
            elif row["result"] and _keys(row["plan"]) == _keys(ended[row["id"]]):
                written.finished += _finish(store, _without_looks(row))
            written.curves += _add_curves(store, row, rows.curves)
        for row in rows.looks:
            written.looks += _add_look(store, row)
        if _columns(store, "ablations"):
            for row in rows.ablations:
                written.ablations += _insert(store, "ablations", row | {"owner": ""})
    return written


def _finish(store: Store, row: Row) -> int:
    """Give a run that was stopped or failed here the result that it has there; whose it is stays."""
    query = (
        "UPDATE runs SET state = ?, result = ?, manifest = ?, error = NULL, resumable = 1, finished = ? WHERE id = ?"
    )
    values = (row["state"], row["result"], row["manifest"], row["finished"], row["id"])
    return store.database.execute(query, values).rowcount


def _keys(plan: str) -> list[str]:
    return [node["key"] for node in json.loads(plan)]


class _Fits:
    """Looks at results that were here before, each once for runs that say the same of it."""

    def __init__(self, store: Store, checked: Collection[str]) -> None:
        self.store, self.checked = store, checked
        self.seen: set[tuple] = set()

    def check(self, node: Node, expected: Expected) -> None:
        """Raise StoreError where a result that is here is not such a run's."""
        about = (node.key, node.stage, expected.told)
        folder = self.store.stage_results.find(node.key)
        if folder is None or node.stage not in NEEDED or node.key in self.checked or about in self.seen:
            return
        try:
            check_content(folder, node.stage, expected)
        except StoreError as error:
            raise StoreError(f"its result '{folder}' of {node.stage} is not such a run's ({error})") from None
        self.seen.add(about)


def _check_run(row: Row, store: Store, fits: _Fits) -> None:
    """A run is taken over where its row can be read by every page, and its result stands on what is here."""
    if not isinstance(row["id"], str) or not RUN.fullmatch(row["id"]):
        raise StoreError("its name is none that a run has")
    if row["state"] not in ENDED:
        raise StoreError(f"it is {'waiting' if row['state'] == RunState.QUEUED else 'not finished'} there")
    try:
        plan = read_row(row).plan
    except StoreError as error:
        raise StoreError(f"{error}: delete it there, run it again there and merge again") from None
    if row["state"] == RunState.FINISHED:
        needed = [node for node in plan if node.stage in RESULT_STAGES]
        if lacking := {node.stage for node in needed if not store.stage_results.find(node.key)}:
            raise StoreError(f"its results of {', '.join(sorted(lacking))} are not here")
    expected = expected_of(row)
    for node in plan:
        fits.check(node, expected)


def _without_looks(row: Row) -> Row:
    """A checked row, but for a sum of looks at the test set in its manifest: here each is counted by itself."""
    manifest = json.loads(row["manifest"])
    manifest.pop("test_looks", None)
    return row | {"manifest": json.dumps(manifest)}


def _columns(store: Store, table: str) -> list[str]:
    return [row["name"] for row in store.database.rows(f"PRAGMA table_info({table})")]


def _insert(store: Store, table: str, row: Row) -> int:
    """Add a row unless its id is here; an older store's lacks columns, which then have their defaults."""
    names = [name for name in _columns(store, table) if name in row]
    values = ", ".join("?" * len(names))
    statement = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({values})"
    return store.database.execute(statement, [row[name] for name in names]).rowcount


def _add_curves(store: Store, row: Row, curves: dict[str, list[tuple]]) -> int:
    """The curves of a run's unfinished stages, where this store has none of them."""
    count = 0
    for key in {node["key"] for node in json.loads(row["plan"])} & set(curves):
        if store.stage_results.find(key) or store.database.row("SELECT 1 FROM curves WHERE key = ?", (key,)):
            continue
        store.database.executemany("INSERT INTO curves VALUES (?, ?, ?, ?)", curves[key])
        count += len(curves[key])
    return count


def _add_look(store: Store, row: Row) -> int:
    """Count one look at the test set, unless this one is counted already."""
    values = [row[name] for name in LOOK]
    where = " AND ".join(f"{name} IS ?" for name in LOOK)
    statement = f"INSERT INTO looks SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM looks WHERE {where})"
    return store.database.execute(statement, [*values, *values]).rowcount
