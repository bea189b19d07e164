"""The data sets that a lab knows: those that come with it, are found by name, were added by people, or used by runs.

What a person added is a row of the table `datasets`. An upload's files lie in the store's `uploads`; it is the
person's own, and goes from the disk with its last row.
"""

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from edc_core.data.address import address_of
from edc_core.data.known import KNOWN, find_known
from edc_core.data.sources import EMBEDDED, describe, full_name
from edc_core.data.unpack import unpack_classes
from edc_core.environment import upload_mib
from edc_core.errors import DataError, EDCError
from edc_core.jobs.rights import Person, Refused, check_may_start, check_may_write, classroom
from edc_core.store import TASKS, Store
from edc_core.store.runs import ALIVE

MOST_UPLOADS = 5  # that one person of a class may keep
UNLISTED_SECONDS = 3600.0  # that an upload is kept before it is added


@dataclass(frozen=True)
class Listed:
    """A data set of the list. `owner` is the id of who added it, `nickname` their name in a class."""

    address: str
    kind: Literal["comes with the lab", "found by name", "uploaded", "a folder here", "used by runs", "not on the list"]
    owner: str = ""
    nickname: str = ""

    @property
    def title(self) -> str:
        """What a person calls it: a name, or a path's last folder; and what was chosen from it."""
        return short_name(self.address)

    @property
    def added(self) -> bool:
        return self.kind in ("uploaded", "a folder here")


def short_name(address: str) -> str:
    """A data set's address without the folders that it lies in; an upload's without its digest."""
    found = address_of(address)
    folder = Path(found.place)
    name = folder.name or found.place
    if folder.parent.name == "uploads":
        name = name.rpartition("-")[0] or name
    return name + (f", {found.size} px" if found.size else "") + (f", {found.classes}" if found.classes else "")


def datasets(store: Store) -> list[Listed]:
    """Every data set of the lab, those that come with it first."""
    found = {name: Listed(name, "comes with the lab") for name in EMBEDDED}
    found |= {name: Listed(name, "found by name") for name in KNOWN if _is_here(name)}
    rows = store.database.rows(
        "SELECT datasets.*, people.nickname FROM datasets LEFT JOIN people ON people.id = owner ORDER BY added DESC"
    )
    for row in rows:
        kind = "uploaded" if _is_upload(store, row["address"]) else "a folder here"
        found[row["address"]] = Listed(row["address"], kind, row["owner"], row["nickname"] or "")
    for name in _used(store):
        found.setdefault(name, Listed(name, "used by runs"))
    return list(found.values())


def may_add_paths(person: Person) -> bool:
    """Whether that person may name a folder of the server: in a class only the teacher."""
    return classroom() is None or person.teacher


def receive(store: Store, source: BinaryIO, name: str, person: Person) -> str:
    """Unpack somebody's ZIP of class folders; gives its folder, to be added (or not) within the hour.

    Raises:
        Refused: this person may not upload, or has enough uploads.
        DataError: it is too large, or no data set.
        StoreError: the store cannot be written.
    """
    check_may_start(person)
    _check_room(store, person)
    size = source.seek(0, 2)
    source.seek(0)
    if size > upload_mib() * 2**20:
        raise DataError(
            f"the upload has {size / 2**20:.0f} MiB, and at most {upload_mib()} are taken: send fewer or smaller"
            " pictures."
        )
    _sweep(store)
    folder = unpack_classes(source, store.home, name=name.removesuffix(".zip"))
    folder.touch()  # from now on it has an hour
    return str(folder.resolve())


def discard(store: Store, place: str) -> None:
    """Delete an upload that nobody added after all."""
    if _is_upload(store, place) and place not in _places(store):
        shutil.rmtree(place, ignore_errors=True)


def add(store: Store, name: str, person: Person) -> str:
    """Put a data set on the list; gives its address. One that comes with the lab or was added before is on it already.

    Raises:
        Refused: this person may not add it.
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    check_may_start(person)
    upload = _is_upload(store, name)
    if not upload and _place(name) not in (*EMBEDDED, *KNOWN) and not may_add_paths(person):
        raise Refused("in a class only the teacher names folders of this machine: send your pictures as a ZIP.")
    address = full_name(name)
    describe(address)
    if _place(address) in (*EMBEDDED, *KNOWN):
        return address
    if upload and not store.database.row("SELECT 1 FROM datasets WHERE address = ?", (address,)):
        _check_room(store, person)
    store.database.execute("INSERT OR IGNORE INTO datasets VALUES (?, ?, ?)", (address, time.time(), person.id))
    return address


def may_remove(listed: Listed, person: Person) -> bool:
    """Whether that person may take it off the list: who added it, and the teacher."""
    return listed.added and (classroom() is None or person.teacher or bool(person.id and person.id == listed.owner))


def remove(store: Store, listed: Listed, person: Person) -> str:
    """Take a data set off the list, an upload's files with its last entry; gives a sentence that says what was done.

    Raises:
        Refused: it is somebody else's, or runs rest on it.
    """
    check_may_write()
    if not may_remove(listed, person):
        whose = f"was added by {listed.nickname}" if listed.nickname else "was not added by you"
        raise Refused(f"data set '{listed.title}' {whose}: ask them or the teacher.")
    place = _place(listed.address)
    last = _is_upload(store, listed.address) and _places(store, but=listed.address).isdisjoint({place})
    _check_unused(store, listed, place if last else None)
    store.database.execute("DELETE FROM datasets WHERE address = ?", (listed.address,))
    if not last:
        return "taken off the list; its files stay."
    shutil.rmtree(place, ignore_errors=True)
    return "deleted."


def _is_here(name: str) -> bool:
    try:
        return bool(find_known(name))
    except EDCError:
        return False


def _is_upload(store: Store, address: str) -> bool:
    return Path(_place(address)).parent == (store.home / "uploads").resolve()


def _used(store: Store) -> list[str]:
    """Data sets of runs, the latest used first."""
    marks = ", ".join("?" * len(TASKS))
    query = f"SELECT dataset FROM runs WHERE origin NOT IN ({marks}) GROUP BY dataset ORDER BY MAX(created) DESC"
    return [row["dataset"] for row in store.database.rows(query, TASKS)]


def _places(store: Store, but: str = "") -> set[str]:
    """The folders of all listed data sets, but for one of them."""
    rows = store.database.rows("SELECT address FROM datasets WHERE address != ?", (but,))
    return {_place(row["address"]) for row in rows}


def _check_unused(store: Store, listed: Listed, place: str | None) -> None:
    """Refuse what runs rest on, or a task is at: this data set, or anything chosen from a folder that would go."""
    marks, alive = ", ".join("?" * len(TASKS)), ", ".join("?" * len(ALIVE))
    query = f"SELECT dataset, origin FROM runs WHERE origin NOT IN ({marks}) OR state IN ({alive})"
    rows = store.database.rows(query, (*TASKS, *ALIVE))
    found = [row["origin"] for row in rows if listed.address == row["dataset"] or place == _place(row["dataset"])]
    if count := sum(origin not in TASKS for origin in found):
        rest, them = ("runs rest", "them") if count > 1 else ("run rests", "it")
        raise Refused(f"{count} {rest} on data set '{listed.title}': delete {them} first, on the page Runs.")
    if found:
        raise Refused(f"data set '{listed.title}' is being checked or squeezed: stop that first, or wait for its end.")


def _place(address: str) -> str:
    return address_of(address).place


def _check_room(store: Store, person: Person) -> None:
    if classroom() is None or person.teacher:
        return
    rows = store.database.rows("SELECT address FROM datasets WHERE owner = ?", (person.id,))
    count = len({_place(row["address"]) for row in rows if _is_upload(store, row["address"])})
    if count >= MOST_UPLOADS:
        raise Refused(f"you have {count} uploads here, the most that one person may keep: remove one first.")


def _sweep(store: Store) -> None:
    """Delete uploads that nobody added, and what a killed server left half unpacked."""
    kept = _places(store) | set(map(_place, _used(store)))
    for folder in (store.home / "uploads").resolve().glob("*"):
        if str(folder) not in kept and time.time() - folder.stat().st_mtime > UNLISTED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
