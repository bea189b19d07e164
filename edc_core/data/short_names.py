"""Short names of data sets: a name or a path's last folder; those called alike are told apart by more of the path."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from edc_core.data.address import OPTIONS, stored_address

HUB_COMMIT = re.compile(r"hf:(.*)@([0-9a-f]{7})[0-9a-f]{33}")
UPLOADS = "uploads"  # the folder of a store whose folders carry a digest at their end


def short_name(address: str) -> str:
    """A data set's address without the folders that it lies in; an upload's without its digest."""
    found = stored_address(address)
    folder = Path(found.place)
    name = folder.name or found.place
    if hub := HUB_COMMIT.fullmatch(found.place):
        name = f"{hub[1]}@{hub[2]}"
    if is_upload_folder(found.place):
        name = name.rpartition("-")[0] or name
    chosen = (getattr(found, option) for option in OPTIONS if option != "size")
    return ", ".join([name, *([f"{found.size} px"] if found.size else []), *filter(None, chosen)])


def short_names(addresses: Iterable[str]) -> dict[str, str]:
    """Address -> short name; no two look the same.

    Folders called alike are told apart by where they lie, uploads by their digests; what has no folder (a name that
    the lab knows) keeps its name.
    """
    alike: dict[str, list[str]] = {}
    for address in dict.fromkeys(addresses):
        alike.setdefault(looks(short_name(address)), []).append(address)
    named = {}
    for group in alike.values():
        places = [folder_of(address) for address in group]
        for address in group:
            mark = _mark(folder_of(address), places) if len(group) > 1 else ""
            named[address] = " · ".join(filter(None, (short_name(address), mark)))
    return whole_where_alike(named)


def whole_where_alike(named: dict[str, str]) -> dict[str, str]:
    """These names; the address itself where two still look the same (a folder may be called "photos · in a", too)."""
    seen = [looks(name) for name in named.values()]
    return {address: name if seen.count(looks(name)) == 1 else address for address, name in named.items()}


def looks(text: str) -> str:
    """The same for texts that a reader cannot tell apart: letters composed or not, capitals, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def folder_of(address: str) -> str:
    """A data set's folder or name, without what is chosen from it."""
    return stored_address(address).place


def is_upload_folder(folder: str) -> bool:
    return Path(folder).parent.name == UPLOADS


def upload_mark(folder: str) -> str:
    return f"upload {folder[-8:]}"


def place_mark(folder: str, others: Sequence[str]) -> str:
    """Where a folder lies: as many of the folders above it, from the innermost, as no other's has."""
    above = Path(folder).parent.parts
    rest = [Path(other).parent.parts for other in set(others) - {folder}]
    for count in range(1, len(above) + 1):
        if all(other[-count:] != above[-count:] for other in rest):
            return f"in {Path(*above[-count:])}"
    return f"in {Path(folder).parent}"


def _mark(folder: str, others: Sequence[str]) -> str:
    if len(set(others)) == 1 or len(Path(folder).parts) < 2:
        return ""
    if is_upload_folder(folder):
        return upload_mark(folder)
    return place_mark(folder, [other for other in others if not is_upload_folder(other) and len(Path(other).parts) > 1])
