"""The data sets that a lab knows: those that come with it, are found by name, were added by people, or used by runs.

What a person added is a row of the table `datasets`, a row for each person. An upload's files lie in the store's
`uploads`; it is a row, not yet listed, from before it is unpacked, and goes from the disk with its last row, and
with it what was decoded of it.
"""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal

from edc_core.access.permissions import Person, Refused, check_may_start, check_may_write, classroom
from edc_core.data.address import stored_address
from edc_core.data.decoded import decoded
from edc_core.data.hub.repositories import is_hub_address
from edc_core.data.known_datasets import KNOWN
from edc_core.data.readers.unpack import place_of, unpack_classes
from edc_core.data.short_names import folder_of, short_name
from edc_core.data.sources import EMBEDDED, describe, full_name
from edc_core.environment import upload_mib
from edc_core.errors import DataError
from edc_core.jobs.dataset_access import is_here, may_add_paths, used_by_runs, why_no_paths
from edc_core.jobs.dataset_usage import check_unused
from edc_core.jobs.upload_removal import is_upload, kept_places, places, removing
from edc_core.store import Store
from edc_core.store.schema import transaction

MAX_UPLOADS = 5  # that one person of a class may keep
MAX_DECODED_BYTES = 2**33  # bytes of pixels that one person's uploads may have been decoded to, for another to be taken
UNLISTED_SECONDS = 3600.0  # that an upload is kept before it is added


@dataclass(frozen=True)
class Listed:
    """A data set of the list. `owners` are the ids of who added it, `nickname` their names in a class.

    `since` is when it was last added (seconds since the epoch; 0: nobody added it).
    """

    address: str
    kind: Literal[
        "comes with the lab",
        "found by name",
        "uploaded",
        "a folder here",
        "from the Hub",
        "used by runs",
        "not on the list",
    ]
    owners: tuple[str, ...] = ()
    nickname: str = ""
    since: float = 0.0

    @property
    def title(self) -> str:
        """What a person calls it: a name, or a path's last folder; and what was chosen from it."""
        return short_name(self.address)

    @property
    def added(self) -> bool:
        return self.kind in ("uploaded", "a folder here", "from the Hub")


def datasets(store: Store) -> list[Listed]:
    """Every data set of the lab, those that come with it first."""
    found = {name: Listed(name, "comes with the lab") for name in EMBEDDED}
    found |= {name: Listed(name, "found by name") for name in KNOWN if is_here(name)}
    rows = store.database.rows(
        "SELECT datasets.*, people.nickname FROM datasets LEFT JOIN people ON people.id = owner WHERE listed"
        " ORDER BY added DESC"
    )
    for address in dict.fromkeys(row["address"] for row in rows):
        kind = "uploaded" if is_upload(store, address) else "a folder here"
        kind = "from the Hub" if is_hub_address(address) else kind
        who = {row["owner"]: row["nickname"] for row in rows if row["address"] == address}
        since = max(row["added"] for row in rows if row["address"] == address)
        found[address] = Listed(address, kind, tuple(who), ", ".join(filter(None, who.values())), since)
    for name in used_by_runs(store):
        found.setdefault(name, Listed(name, "used by runs"))
    return list(found.values())


def receive(store: Store, source: BinaryIO, name: str, person: Person) -> str:
    """Unpack somebody's ZIP of class folders; returns its folder, to be added (or not) within the hour.

    Raises:
        Refused: this person may not upload, or has enough uploads.
        DataError: it is too large, or no data set.
        StoreError: the store cannot be written.
    """
    check_may_start(person)
    size = source.seek(0, 2)
    source.seek(0)
    if size > upload_mib() * 2**20:
        raise DataError(
            f"the upload has {size / 2**20:.0f} MiB, and at most {upload_mib()} are taken",
            "send fewer or smaller images",
        )
    _sweep(store)
    name = name.removesuffix(".zip")
    place = str(place_of(source, store.home, name).resolve())
    with transaction(store.database):
        _check_room(store, person, place)
        store.database.execute(
            "INSERT INTO datasets VALUES (?, ?, ?, 0)"
            " ON CONFLICT DO UPDATE SET added = excluded.added WHERE NOT listed",
            (place, person.id, time.time()),
        )
    try:
        unpack_classes(source, store.home, name=name)
    except BaseException:
        discard(store, place, person)
        raise
    return place


def discard(store: Store, place: str, person: Person) -> None:
    """Forget an upload that this person did not add after all; its files go with the last row."""
    with removing(store) as remove_files:
        _no_longer_waiting(store, place, person)
        if is_upload(store, place) and place not in kept_places(store):
            remove_files(place)


def add(store: Store, name: str, person: Person) -> str:
    """Put a data set on the list and return its address; bundled and listed ones are there already.

    Raises:
        Refused: this person may not add it.
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    check_may_start(person)
    upload = is_upload(store, name) and stored_address(name).classes is None
    if not upload and folder_of(name) not in (*EMBEDDED, *KNOWN) and not may_add_paths(person):
        raise Refused(f"{why_no_paths()}: send your images as a ZIP.")
    return list_it(store, name, person)


def list_it(store: Store, name: str, person: Person) -> str:
    """`add`, for who may: the page asks first, the command line needs no leave.

    Raises:
        Refused: this person has enough uploads.
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    address = full_name(name)
    describe(address)
    if folder_of(address) in (*EMBEDDED, *KNOWN):
        return address
    with transaction(store.database):
        if is_upload(store, address):
            _check_room(store, person, folder_of(address))
        store.database.execute(
            "INSERT INTO datasets VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET listed = 1",
            (address, person.id, time.time()),
        )
        _no_longer_waiting(store, folder_of(address), person)
    return address


def may_remove(listed: Listed, person: Person) -> bool:
    """Whether that person may take it off the list: who added it, and the teacher."""
    return listed.added and (classroom() is None or person.teacher or bool(person.id and person.id in listed.owners))


def remove(store: Store, listed: Listed, person: Person) -> str:
    """Take a data set off the list, an upload's files with its last entry; returns a sentence that says what was done.

    A pupil takes away what they added, and it stays on the list for the others who did.

    Raises:
        Refused: it is somebody else's, or runs or matrices rest on it.
    """
    check_may_write()
    if not may_remove(listed, person):
        whose = f"was added by {listed.nickname}" if listed.nickname else "was not added by you"
        raise Refused(f"data set '{listed.title}' {whose}: ask them or the teacher.")
    mine = classroom() is not None and not person.teacher
    with removing(store) as remove_files:
        store.database.execute(
            "DELETE FROM datasets WHERE address = ? AND (owner = ? OR NOT ?)", (listed.address, person.id, mine)
        )
        if store.database.row("SELECT 1 FROM datasets WHERE address = ? AND listed", (listed.address,)):
            return "yours no longer; others added it too."
        place = folder_of(listed.address)
        last = is_upload(store, listed.address) and place not in places(store)
        check_unused(store, listed.address, listed.title, place if last else None)
        if last:
            remove_files(place)
    return "deleted." if last else "taken off the list; its files stay."


def _no_longer_waiting(store: Store, place: str, person: Person) -> None:
    store.database.execute("DELETE FROM datasets WHERE address = ? AND owner = ? AND NOT listed", (place, person.id))


def _check_room(store: Store, person: Person, place: str) -> None:
    """Refuse one more upload, `place`, to who has enough others, added or not, or enough pixels of them."""
    if classroom() is None or person.teacher:
        return
    rows = store.database.rows("SELECT address, listed FROM datasets WHERE owner = ?", (person.id,))
    uploads = {folder_of(row["address"]) for row in rows if is_upload(store, row["address"])}
    if (count := len(uploads - {place})) >= MAX_UPLOADS:
        waits = "" if all(row["listed"] for row in rows) else ", or wait an hour for what you did not add"
        raise Refused(f"you have {count} uploads here, the most that one person may keep: remove one first{waits}.")
    pixels = sum(one.bytes for one in decoded(store.home) if one.place in uploads)
    if pixels > MAX_DECODED_BYTES:
        raise Refused(
            f"your uploads take {pixels / 2**30:.1f} GiB here since they were decoded, and at most"
            f" {MAX_DECODED_BYTES >> 30} are for one person: remove one first."
        )


def _sweep(store: Store) -> None:
    """Delete uploads that nobody added, and what a killed server left half unpacked."""
    old = time.time() - UNLISTED_SECONDS
    with removing(store) as remove_files:
        store.database.execute("DELETE FROM datasets WHERE NOT listed AND added < ?", (old,))
        kept = kept_places(store)
        for folder in (store.home / "uploads").resolve().glob("*"):
            with suppress(OSError):  # somebody else's may have gone meanwhile
                if str(folder) not in kept and folder.stat().st_mtime < old:
                    remove_files(str(folder))
