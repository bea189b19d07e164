"""The store's SQLite file: its schema, versioned and migrated forward."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from edc_core.errors import StoreError
from edc_core.store.migrations import MIGRATIONS

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
