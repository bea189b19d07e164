"""Where data sets come from: the embedded one, ones known by name, or a folder of parquet or of images.

A source is described from labels and image headers; nothing is decoded or written here.
"""

import difflib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from edc_core.data.address import DEEPEST, FILES, Address, address_of
from edc_core.data.description import Description, Source
from edc_core.data.external_sets.foreign_files import refuse_file
from edc_core.data.hub.repositories import described_snapshot, is_hub_address, pinned, snapshot_of
from edc_core.data.known_datasets import KNOWN, find_known
from edc_core.data.readers.folders import open_folder
from edc_core.data.readers.layouts import layout_of
from edc_core.data.readers.parquet_files import configurations
from edc_core.data.readers.parquet_schemas import holds_images, open_shards
from edc_core.data.readers.published import open_published
from edc_core.data.readers.trees import Node, shards_of, tree_of, tree_state
from edc_core.data.readers.unread import with_unread
from edc_core.environment import ASSETS
from edc_core.errors import DataError, EDCError, SettingsError

__all__ = [
    "EMBEDDED",
    "KNOWN",
    "Description",
    "describe",
    "full_name",
    "locate",
    "open_shards",
    "open_source",
]
EMBEDDED = {"fashion-mnist-mini": ASSETS / "datasets" / "fashion-mnist-mini"}


def locate(name: str) -> Path:
    """The folder of an embedded data set or of a path.

    Raises:
        SettingsError: there is no such data set.
        DataError: it is a file, or a repository of the Hub that is not on this machine.
    """
    if name in EMBEDDED:
        return EMBEDDED[name]
    if is_hub_address(name):
        return snapshot_of(name).folder
    try:
        folder = Path(name).expanduser()
        if name and folder.is_dir():
            return folder.resolve()
        if name and folder.is_file():
            refuse_file(folder)
    except (OSError, RuntimeError, ValueError):
        pass  # no such path can be
    known = [*EMBEDDED, *KNOWN]
    near = difflib.get_close_matches(name.lower(), known, n=1)
    hint = f"did you mean '{near[0]}'? Or " if near else ""
    raise SettingsError(
        f"dataset '{name[:200]}' is unknown: {hint}choose {', '.join(known)}, or give the path of a"
        " folder that holds train*.parquet and test*.parquet, or train/ and test/ with a folder of images for each"
        " class, or hf:OWNER/NAME."
    )


def full_name(name: str) -> str:
    """A name as it is kept: known ones as they are, a folder's by its absolute path, a repository's by its commit.

    Raises:
        SettingsError: there is no such data set.
    """
    address = address_of(name)
    if address.classes not in (None, DEEPEST) and Path(address.classes).is_file():
        address = replace(address, classes=str(Path(address.classes).resolve()))
    known = address.place in EMBEDDED or address.place in KNOWN
    if is_hub_address(address.place):
        return pinned(address.place) + address.options
    place = address.place if known else str(locate(address.place))
    return place + address.options


def describe(name: str) -> Description:
    """What a data set is, from its labels and image headers.

    Raises:
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    address, folder, state = _at(name)
    return _described(name, address, folder, state)


def open_source(name: str) -> Source:
    """A data set's images, one by one.

    Raises:
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    return _opened(*_at(name))


def _at(name: str) -> tuple[Address, Path, tuple]:
    """A data set's address, its folder, and what differs when its files do."""
    address = address_of(name)
    if address.place in KNOWN:
        files = [path for paths in find_known(address.place).values() for path in paths]
        return address, files[0].parent, tuple(map(_file_state, files))
    folder = locate(address.place)
    return address, folder, _state(folder, address)


@lru_cache(32)
def _described(name: str, address: Address, folder: Path, state: tuple) -> Description:
    """`describe`, read again only when the folder's files have another state."""
    known = address.place if address.place in EMBEDDED or address.place in KNOWN else folder.name
    if address.place in KNOWN:
        return _opened(address, folder, state).describe(known + address.options)
    with with_unread(folder):
        about = _opened(address, folder, state).describe(known + address.options)
    if is_hub_address(address.place):
        return described_snapshot(about, snapshot_of(address.place), address.options)
    return about


@lru_cache(32)
def _opened(address: Address, folder: Path, state: tuple) -> Source:
    if address.place in KNOWN:
        if address.options:
            raise SettingsError(f"'{address.options}' chooses from folders, but {address.place} is whole: drop it.")
        return open_published(address.place)
    tree = tree_of(folder)
    found = configurations(tree)
    if address.image == FILES or not shards_of(folder):
        return open_folder(folder, address)
    if tree.total and not holds_images(found):
        return open_folder(folder, address)
    if address.classes is not None:
        raise SettingsError(f"'classes={address.classes}' chooses folders, but {folder} holds parquet: leave it away.")
    shards = open_shards(folder, address)
    if not _is_layout(tree):
        return shards
    said = f"parquet files are read, and image folders lie beside them ('?image={FILES}' reads those)"
    return replace(shards, readings=(said, *shards.readings))


def _is_layout(tree: Node) -> bool:
    """Whether a folder's image files are a data set."""
    try:
        return bool(tree.total) and len(layout_of(tree, Address(tree.path)).classes) > 1
    except EDCError:
        return False


def _state(folder: Path, address: Address) -> tuple:
    """Differs when the data set's files do, or its list of classes."""
    listed = (_file_state(Path(address.classes)),) if address.classes not in (None, DEEPEST) else ()
    try:
        return (*tree_state(folder), *map(_file_state, map(Path, shards_of(folder))), *listed)
    except OSError as error:
        raise DataError(f"'{folder}' cannot be read ({error.strerror})", "give a readable folder") from None


def _file_state(path: Path) -> tuple:
    try:
        stat = path.stat()
    except OSError:  # said in a sentence by whoever reads it
        return (str(path),)
    return str(path), stat.st_size, stat.st_mtime_ns
