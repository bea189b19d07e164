"""The store's SQLite file: its schema, versioned and migrated forward."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from edc_core.errors import StoreError

# How rows of versions 1 to 5, which have no column `resumable`, say that it is 0: part of their sentence.
OLD_DIVERGED = "resumed as it is, it would end here again"

# One script a version; a store of version n runs those after n. Never edit one that was released.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        state TEXT NOT NULL,         -- running, finished, failed, cancelled
        preset TEXT NOT NULL,
        dataset TEXT NOT NULL,
        ipc INTEGER NOT NULL,
        seed INTEGER NOT NULL,
        settings TEXT NOT NULL,      -- JSON: RunConfig
        plan TEXT NOT NULL,          -- JSON: the stages and their keys
        manifest TEXT NOT NULL,      -- JSON: versions, data set, digests
        progress TEXT NOT NULL DEFAULT '{}',
        result TEXT,
        error TEXT,
        cancel INTEGER NOT NULL DEFAULT 0,
        pid INTEGER,
        heartbeat REAL
    );
    CREATE TABLE curves (
        key TEXT NOT NULL,           -- the stage that reported them
        series TEXT NOT NULL,
        step INTEGER NOT NULL,
        value REAL,
        PRIMARY KEY (key, series, step)
    ) WITHOUT ROWID;
    CREATE TABLE looks (             -- each time the test set was scored
        key TEXT NOT NULL,
        dataset TEXT NOT NULL,       -- its digest
        run TEXT NOT NULL,
        time REAL NOT NULL
    );
    CREATE INDEX looks_by_run ON looks (run);
    """,
    """
    ALTER TABLE runs ADD COLUMN title TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN owner TEXT NOT NULL DEFAULT '';     -- a person's id
    ALTER TABLE runs ADD COLUMN origin TEXT NOT NULL DEFAULT 'command line';
    ALTER TABLE runs ADD COLUMN wanted TEXT NOT NULL DEFAULT '[]';  -- JSON: extra stages asked for, not yet made
    ALTER TABLE runs ADD COLUMN queued REAL;
    ALTER TABLE runs ADD COLUMN started REAL;
    ALTER TABLE runs ADD COLUMN finished REAL;
    ALTER TABLE runs ADD COLUMN pid_created REAL;
    ALTER TABLE runs ADD COLUMN cancel_time REAL;
    CREATE INDEX runs_by_state ON runs (state);
    CREATE TABLE submissions (       -- who asked for a run
        run TEXT NOT NULL,
        person TEXT NOT NULL,
        time REAL NOT NULL,
        turn INTEGER NOT NULL,       -- the round of turns in which it comes
        PRIMARY KEY (run, person)
    ) WITHOUT ROWID;
    CREATE TABLE workers (
        pid INTEGER PRIMARY KEY,
        created REAL,                -- the process's birth: numbers are reused
        device TEXT NOT NULL,
        started REAL NOT NULL,
        heartbeat REAL NOT NULL,
        runs INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE people (
        id TEXT PRIMARY KEY,
        nickname TEXT NOT NULL,
        room TEXT NOT NULL,          -- digest of the code that let them in
        token TEXT NOT NULL UNIQUE,  -- digest of what their browser remembers
        created REAL NOT NULL
    );
    CREATE TABLE measurements (      -- of this machine
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,         -- JSON
        time REAL NOT NULL
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE ablations (         -- matrices of runs that somebody asked for
        id TEXT PRIMARY KEY,
        created REAL NOT NULL,
        title TEXT NOT NULL DEFAULT '',
        design TEXT NOT NULL,        -- JSON: ablation.Design
        owner TEXT NOT NULL DEFAULT '',    -- a person's id
        nickname TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE ablation_work (     -- which of them are handed to the queue here; a merged one is not
        ablation TEXT PRIMARY KEY,
        state TEXT NOT NULL,         -- running, stopped, finished
        since REAL NOT NULL,         -- its last start: what failed before that is tried again
        session TEXT NOT NULL DEFAULT ''   -- whose turns it takes where people have no ids
    ) WITHOUT ROWID;
    CREATE TABLE bets (              -- sealed: a row is never changed and never taken away
        id TEXT PRIMARY KEY,
        ablation TEXT NOT NULL,
        person TEXT NOT NULL DEFAULT '',
        nickname TEXT NOT NULL DEFAULT '',
        time REAL NOT NULL,
        bet TEXT NOT NULL,           -- JSON
        settings TEXT NOT NULL       -- digest of the design that it is about
    );
    CREATE INDEX bets_by_ablation ON bets (ablation);
    CREATE TRIGGER bets_once BEFORE INSERT ON bets WHEN EXISTS (SELECT 1 FROM bets WHERE id = NEW.id) BEGIN
        SELECT RAISE(ABORT, 'this bet is placed already');  -- INSERT OR REPLACE would pass the two below by
    END;
    CREATE TRIGGER bets_stay BEFORE UPDATE ON bets BEGIN
        SELECT RAISE(ABORT, 'a bet that is placed cannot be changed');
    END;
    CREATE TRIGGER bets_remain BEFORE DELETE ON bets BEGIN
        SELECT RAISE(ABORT, 'a bet that is placed cannot be taken back');
    END;
    """,
    """
    CREATE TABLE datasets (          -- that somebody added in the app, a row for each who did
        address TEXT NOT NULL,       -- as runs name it: a folder's path, and what is chosen from it
        owner TEXT NOT NULL DEFAULT '',    -- a person's id
        added REAL NOT NULL,
        listed INTEGER NOT NULL,     -- 0: an upload that was sent and is not added yet
        PRIMARY KEY (address, owner)
    ) WITHOUT ROWID;
    """,
    """
    ALTER TABLE submissions ADD COLUMN extra INTEGER NOT NULL DEFAULT 0;  -- 1: asked more of a run that was finished
    """,
    f"""
    ALTER TABLE runs ADD COLUMN resumable INTEGER NOT NULL DEFAULT 1;  -- 0: it failed so that resuming is no use
    UPDATE runs SET resumable = 0 WHERE error LIKE '%{OLD_DIVERGED}%';
    """,
    """
    ALTER TABLE runs ADD COLUMN pid_scope TEXT;        -- where pid counts: host, boot, PID namespace
    ALTER TABLE runs ADD COLUMN heartbeat_clock REAL;  -- the heartbeat by that boot's own clock
    DROP TABLE workers;              -- two containers may have a process of the same number
    CREATE TABLE workers (
        pid INTEGER NOT NULL,
        pid_scope TEXT NOT NULL DEFAULT '',
        created REAL,
        device TEXT NOT NULL,
        started REAL NOT NULL,
        heartbeat REAL NOT NULL,
        runs INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (pid, pid_scope)
    );
    """,
)

DAMAGED = ("not a database", "malformed", "Could not decode", "no such table")  # how SQLite says it


class Connection(sqlite3.Connection):
    """A connection whose failures (a full disk, a damaged file) are sentences: `StoreError`."""

    path: Path

    def execute(self, *statement) -> sqlite3.Cursor:
        with as_store_error(self.path):
            return super().execute(*statement)

    def executemany(self, *statement) -> sqlite3.Cursor:
        with as_store_error(self.path):
            return super().executemany(*statement)

    def rows(self, *query) -> list[sqlite3.Row]:
        """All rows of a query."""
        with as_store_error(self.path):
            return super().execute(*query).fetchall()

    def row(self, *query) -> sqlite3.Row | None:
        """The first row of a query."""
        with as_store_error(self.path):
            return super().execute(*query).fetchone()


@contextmanager
def as_store_error(path: Path) -> Iterator[None]:
    """Turn SQLite and disk errors in the block into a StoreError; programming errors pass through."""
    try:
        yield
    except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
        raise
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_sentence(path, error)) from None


def _sentence(path: Path, met: Exception) -> str:
    home, error = path.parent, str(met)
    if is_full(met):
        return f"the disk of the store '{home}' is full ({error}): free some space; what is finished is kept."
    if isinstance(met, sqlite3.Error):
        if any(sign in error for sign in DAMAGED):
            shown = " ".join(error.split())[:100]  # it may quote the bytes that it met
            return (
                f"'{path}' is damaged ({shown}): move it away; finished stages stay in '{home / 'artefacts'}' and are"
                " found again."
            )
        if "locked" in error or "busy" in error:
            return f"the store '{home}' is busy ({error}): try again; if it stays so, end what else works on it."
    return f"the store '{home}' cannot be written ({error}): choose another with --home or EDC_HOME."


def is_full(error: Exception) -> bool:
    """Whether a disk had no room left for SQLite or for a file."""
    if isinstance(error, sqlite3.Error):
        return "is full" in str(error)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))


def connect(path: Path) -> Connection:
    """Open the file in WAL mode, creating or migrating it.

    Raises:
        StoreError: it cannot be opened or written, or a newer version of EDC Lab wrote it.
    """
    with as_store_error(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=30, isolation_level=None, check_same_thread=False, factory=Connection
        )
        connection.path = path
        connection.row_factory = sqlite3.Row
    try:
        # Who changes a file's mode beside others is refused at once, whatever the timeout: one after the other.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            with as_store_error(path), FileLock(path.with_name(f"{path.name}.lock"), timeout=30):
                connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def migrate(connection: Connection, path: Path) -> None:
    """Bring the schema up to date, whole or not at all."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreError(
            f"the store '{path.parent}' has schema {version}, newer than this version's {len(MIGRATIONS)}:"
            " update EDC Lab, or choose another store with --home."
        )
    if version == len(MIGRATIONS):
        return
    with transaction(connection):
        version = connection.execute("PRAGMA user_version").fetchone()[0]  # another process may have been first
        for number in range(version, len(MIGRATIONS)):
            for statement in _statements(MIGRATIONS[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> Iterator[str]:
    """A script's statements; comments may hold semicolons."""
    waiting = ""
    for line in script.splitlines(keepends=True):
        waiting += line
        if sqlite3.complete_statement(waiting):
            yield waiting
            waiting = ""


@contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """Everything in the block is written, or nothing; within another transaction it is a part of that one."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk may have rolled it back by itself
            connection.execute("ROLLBACK")
        raise
