"""Titles of data sets in lists: each is called by its name, and those called alike are told apart by what differs.

Of two folders that is where they lie, of two uploads when they were sent. What looks the same counts as alike.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from edc_core.data.known_datasets import KNOWN
from edc_core.data.short_names import (
    folder_of,
    is_upload_folder,
    looks,
    place_mark,
    upload_mark,
    whole_where_alike,
)
from edc_core.data.sources import EMBEDDED
from edc_core.jobs.datasets import Listed, datasets
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
        alike.setdefault(looks(one.title), []).append(one)
    said = {}
    for group in alike.values():
        marks = _marks(group) if len(group) > 1 else {}
        said |= {one.address: " · ".join(filter(None, (one.title, marks.get(one.address)))) for one in group}
    return whole_where_alike(said)


def _marks(group: list[Listed]) -> dict[str, str]:
    """What tells each of these from the others; a name that the lab knows needs nothing."""
    others = [one for one in group if folder_of(one.address) not in (*EMBEDDED, *KNOWN)]
    uploads = [one for one in others if is_upload_folder(folder_of(one.address))]
    folders = [folder_of(one.address) for one in others if one not in uploads]
    return _sent(uploads) | {
        one.address: place_mark(folder_of(one.address), folders) for one in others if one not in uploads
    }


def _sent(uploads: list[Listed]) -> Mapping[str, str]:
    """When each was sent, to the minute; its digest where that is not known, or does not tell."""
    ways: tuple[Callable[[Listed], str], ...] = (_when, lambda one: upload_mark(folder_of(one.address)))
    for way in ways:
        said = {one.address: way(one) for one in uploads}
        if all(said.values()) and len(set(said.values())) == len(said):
            break
    return said


def _when(upload: Listed) -> str:
    return time.strftime("sent %d %b %Y, %H:%M", time.localtime(upload.since)) if upload.since else ""
