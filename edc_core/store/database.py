"""The store's SQLite file: its schema, versioned and migrated forward."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edc_core.errors import StoreError

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
)


def connect(path: Path) -> sqlite3.Connection:
    """Open the file in WAL mode, creating or migrating it.

    Raises:
        StoreError: it cannot be opened or written, or a newer version of EDC Lab wrote it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        migrate(connection, path)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"the store '{path.parent}' cannot be written ({error}): choose another with --home or EDC_HOME."
        ) from None
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
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
            for statement in MIGRATIONS[number].split(";\n"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block is written, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
