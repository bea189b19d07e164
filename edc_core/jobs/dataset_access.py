"""Which data sets may be opened by their address: those of the lab's list; others only by who alone reaches the lab.

Who may name folders is decided by how the server was started (its bound address, a class, read-only), never by where
a visitor comes from: behind a proxy everybody comes from this machine.
"""

from typing import Any

from edc_core.access.permissions import Person, Refused, classroom, read_only
from edc_core.data.address import stored_address
from edc_core.data.known_datasets import KNOWN, find_known
from edc_core.data.sources import EMBEDDED
from edc_core.errors import EDCError
from edc_core.networks.imagenet import CLASS_LISTS
from edc_core.store import TASKS, Store


def may_add_paths(person: Person) -> bool:
    """Whether that person may name a folder of the server: in a class its teacher, else who alone reaches the lab."""
    if read_only():
        return False
    return person.teacher if classroom() else person.at_machine


def is_here(name: str) -> bool:
    """Whether the files of a data set known by name are on this machine."""
    try:
        return bool(find_known(name))
    except EDCError:
        return False


def used_by_runs(store: Store) -> list[str]:
    """Data sets of runs, the latest used first; an imported run says any name, and so puts none on the list."""
    marks = ", ".join("?" * (len(TASKS) + 1))
    query = f"SELECT dataset FROM runs WHERE origin NOT IN ({marks}) GROUP BY dataset ORDER BY MAX(created) DESC"
    return [row["dataset"] for row in store.database.rows(query, (*TASKS, "imported"))]


def is_listed(store: Store, address: str, person: Person) -> bool:
    """Whether a link may open this address, its list of classes included.

    What comes with the lab or is found by name leads to no other file, whatever size it is brought to.
    """
    found = stored_address(address)
    if found.classes is None or found.classes in CLASS_LISTS:
        if found.place in EMBEDDED:
            return True
        if found.place in KNOWN:  # where its files are missing, the error names folders of the machine
            return is_here(found.place) or may_add_paths(person)
    if store.database.row("SELECT 1 FROM datasets WHERE listed AND address = ?", (address,)):
        return True
    return address in used_by_runs(store)


def may_look(store: Store, address: str, person: Person) -> bool:
    """Whether the page Data shows what a link names: what is listed, and any folder to who alone reaches the lab.

    The names that imported runs brought along open nothing by themselves.
    """
    if is_listed(store, address, person):
        return True
    return may_add_paths(person) and not classroom() and not _is_imported(store, address)


def _is_imported(store: Store, address: str) -> bool:
    query = "SELECT 1 FROM runs WHERE dataset = ? AND origin = 'imported'"
    return store.database.row(query, (address,)) is not None


def why_no_paths() -> str:
    """Why somebody names no folder of this machine on a page."""
    if classroom() and not read_only():
        return "in a class only the teacher names folders of this machine"
    return "folders of this machine are added on its command line alone (python -m edc_core add FOLDER)"


def why_unlisted(address: str, person: Person) -> str:
    """What is said of an address that is not on the list, and who may put it there."""
    if may_add_paths(person):
        return f"data set '{address[:200]}' is not on this lab's list: look at it and add it on the page Data."
    if classroom() and not read_only():
        return "that data set is not on this class's list: add your own on the page Data, or ask the teacher to add it."
    return f"that data set is not on this lab's list, and {why_no_paths()}."


def check_listed(store: Store, address: str, person: Person) -> None:
    """Refuse work on a data set that a link may not open.

    Who may name folders names them by working on them, except for what is known by an imported run alone.

    Raises:
        Refused: it is not on the list.
    """
    if is_listed(store, address, person):
        return
    if _is_imported(store, address) or not may_add_paths(person):
        raise Refused(why_unlisted(address, person))


def check_all_listed(store: Store, settings: dict[str, Any], person: Person) -> None:
    """`check_listed` of every data set that a run's or a task's settings name."""
    parts = [part["settings"] for part in settings.get("parts", ())]
    for address in dict.fromkeys(found["dataset"] for found in (settings, *parts)):
        check_listed(store, address, person)
