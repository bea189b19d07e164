"""Titles of data sets in lists: each is called by its name, and those called alike are told apart by what differs.

Of two folders that is where they lie, of two uploads when they were sent. What looks the same counts as alike.
"""

import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from edc_core.data.known import KNOWN
from edc_core.data.sources import EMBEDDED
from edc_core.jobs.datasets import Listed, datasets
from edc_core.jobs.upload_removal import folder_of
from edc_core.store import Store


def titles(store: Store, more: Iterable[str] = ()) -> dict[str, str]:
    """The title of every data set of the lab, and of `more` addresses; no two look the same."""
    found = {one.address: one for one in datasets(store)}
    for address in more:
        found.setdefault(address, Listed(address, "not on the list"))
    return apart(found.values())


def apart(listed: Iterable[Listed]) -> dict[str, str]:
    """Address -> title."""
    alike: dict[str, list[Listed]] = {}
    for one in listed:
        alike.setdefault(_looks(one.title), []).append(one)
    said = {}
    for group in alike.values():
        marks = _marks(group) if len(group) > 1 else {}
        said |= {one.address: " · ".join(filter(None, (one.title, marks.get(one.address)))) for one in group}
    looks = [_looks(title) for title in said.values()]
    # A folder may be called "photos · in a", too.
    return {address: title if looks.count(_looks(title)) == 1 else address for address, title in said.items()}


def _looks(text: str) -> str:
    """The same for texts that a reader cannot tell apart: letters composed or not, capitals, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _marks(group: list[Listed]) -> dict[str, str]:
    """What tells each of these from the others; a name that the lab knows needs nothing."""
    others = [one for one in group if folder_of(one.address) not in (*EMBEDDED, *KNOWN)]
    uploads = [one for one in others if Path(folder_of(one.address)).parent.name == "uploads"]
    folders = [folder_of(one.address) for one in others if one not in uploads]
    return _sent(uploads) | {
        one.address: f"in {_place(folder_of(one.address), folders)}" for one in others if one not in uploads
    }


def _sent(uploads: list[Listed]) -> Mapping[str, str]:
    """When each was sent, to the minute; its digest where that is not known, or does not tell."""
    ways: tuple[Callable[[Listed], str], ...] = (_when, lambda one: f"upload {folder_of(one.address)[-8:]}")
    for way in ways:
        said = {one.address: way(one) for one in uploads}
        if all(said.values()) and len(set(said.values())) == len(said):
            break
    return said


def _when(upload: Listed) -> str:
    return time.strftime("sent %d %b %Y, %H:%M", time.localtime(upload.since)) if upload.since else ""


def _place(folder: str, others: list[str]) -> str:
    """As many of the folders that it lies in, from the innermost, as no other has."""
    above = Path(folder).parent.parts
    rest = [Path(other).parent.parts for other in set(others) - {folder}]
    for count in range(1, len(above) + 1):
        if all(other[-count:] != above[-count:] for other in rest):
            return str(Path(*above[-count:]))
    return str(Path(folder).parent)
