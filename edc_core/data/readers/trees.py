"""Folders of many images: walked once for what lies where, listed one class at a time, and whether anything changed.

Links to folders are followed. One that leads to a folder above itself is refused; of two ways to one folder within a
class the second is left out.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from edc_core.data.census import Tally
from edc_core.data.class_naming import nfc
from edc_core.data.description import shown
from edc_core.data.images.image_kinds import SUFFIXES, first_bytes, is_image_file
from edc_core.data.readers.file_kinds import is_system, kind_of_file
from edc_core.data.readers.unread import NOTE, note_unread
from edc_core.errors import DataError

MAX_FILES_CHECKED = 20_000  # files that are looked at one by one; of more, the folders tell
MAX_FOLDERS = 200_000  # of one set: more are a whole disk
MAX_DEPTH = 60  # folders within folders


@dataclass
class Scan:
    """What lies directly in one folder, by name."""

    images: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)  # folders
    links: list[str] = field(default_factory=list)  # to folders
    parquet: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)  # files of other kinds
    system: list[str] = field(default_factory=list)  # files and folders


def scan_folder(folder: str, check: Callable[[os.DirEntry], None] | None = None) -> Scan:
    """One look into a folder, no file of it asked for its size; `check` is called with each image's entry."""
    found = Scan()
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            # Nearly all entries are images of usual endings: of millions, each further question counts.
            usual = name[name.rfind(".") :].lower() in SUFFIXES and name[0] != "."
            if usual and not entry.is_dir():
                found.images.append(name)
            elif not _sort_in(found, entry):
                continue
            if check is not None:
                check(entry)
    return found


def _sort_in(found: Scan, entry: os.DirEntry) -> bool:
    """Sort in an entry that is no file with the usual ending of an image; gives whether it is an image all the same."""
    name = entry.name
    if is_system(name):
        found.system.append(name)
    elif entry.is_dir():
        (found.links if entry.is_symlink() else found.plain).append(name)
    elif is_image_file(name, partial(first_bytes, entry.path)):
        found.images.append(name)
        return True
    else:
        (found.parquet if name.lower().endswith(".parquet") else found.others).append(name)
    return False


@dataclass
class Node:
    """A folder of the tree: how many files of each kind lie in it, an example of each, and its folders by name."""

    name: str
    path: str
    real: str  # without links
    folders: dict[str, "Node"] = field(default_factory=dict)  # sorted by name
    images: int = 0  # directly in it
    example: str = ""  # one image's name
    total: int = 0  # images in it and below
    parquet: tuple[str, ...] = ()  # names
    others: Tally = field(default_factory=Tally)  # files of other kinds, by their names alone
    readable: bool = True

    @property
    def label(self) -> str:
        """The class that it is called by: its name in composed letters."""
        return nfc(self.name)

    @property
    def inner(self) -> list["Node"]:
        """The folders in it that hold images, sorted by name."""
        return [child for child in self.folders.values() if child.total]

    @property
    def is_empty(self) -> bool:
        """Whether there is no image in it, read or not, at any depth."""
        return not self.total and not any(group.images for node in self.walk() for group in node.others.left_out)

    def walk(self) -> Iterator["Node"]:
        """Itself and all folders below."""
        yield self
        for child in self.folders.values():
            yield from child.walk()


def list_images(folder: Path, deep: bool = True) -> list[str]:
    """Paths of a class's images relative to its folder, sorted, of all depths; hidden and other files are left out.

    Only those directly in it, unless `deep`.

    Raises:
        DataError: a folder cannot be read, or what is called an image is no file: a pipe would never end.
    """
    found: list[str] = []
    _collect(str(folder), "", os.path.realpath(folder), () if deep else None, set(), found)
    return sorted(found)


def _collect(
    folder: str, place: str, real: str, above: tuple[str, ...] | None, seen: set[str], found: list[str]
) -> None:
    seen.add(real)
    try:
        scan = scan_folder(f"{folder}/{place}".rstrip("/"), _check_file)
    except OSError as error:
        raise DataError(f"'{error.filename}' cannot be read ({error.strerror})", "give a readable folder") from None
    found += [place + name for name in scan.images]
    if above is None:
        return
    for name, inside in _inside(scan, folder + "/" + place, real, (*above, real)):
        if inside not in seen:
            _collect(folder, f"{place}{name}/", inside, (*above, real), seen, found)


def _check_file(entry: os.DirEntry) -> None:
    if not entry.is_file():
        raise DataError(f"'{shown(entry.path)}' is a pipe, a device or a link to nothing", "remove it")


def _inside(scan: Scan, path: str, real: str, above: tuple[str, ...]) -> list[tuple[str, str]]:
    """Names of the folders within one, and where they truly lie: plain ones first, then links.

    Raises:
        DataError: a link leads to a folder that it lies in, or folders lie too deep.
    """
    if len(above) > MAX_DEPTH:
        raise DataError(f"'{shown(path)}' lies more than {MAX_DEPTH} folders deep", "give the folder of the images")
    found = [(name, f"{real}/{name}") for name in sorted(scan.plain)]
    for name in sorted(scan.links):
        target = os.path.realpath(os.path.join(path, name))
        if target in above:
            raise DataError(
                f"'{shown(os.path.join(path, name))}' is a link to '{shown(target)}', which it lies in: a loop",
                "remove the link",
            )
        found.append((name, target))
    return found


def list_folders(folder: Path) -> list[str]:
    """Names of the folders inside, sorted as torchvision's ImageFolder does; the system's own are left out."""
    scan = scan_folder(str(folder))
    return sorted((*scan.plain, *scan.links))


@dataclass
class _Walk:
    """A walked tree and what tells whether it has changed."""

    node: Node
    folders: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)  # none where there are too many
    times: tuple[int, ...] = ()
    shards: list[str] = field(default_factory=list)  # parquet files


_walked: dict[Path, _Walk] = {}


def tree_of(root: Path) -> Node:
    """What lies in a folder, as it was when its state was last asked for.

    Raises:
        DataError: links make a loop, or this is no set but a whole disk.
        OSError: it cannot be read.
    """
    if root not in _walked:
        _walk(root)
    return _walked[root].node


def shards_of(root: Path) -> list[str]:
    """Parquet files anywhere in a folder whose state was asked for."""
    return _walked[root].shards


def tree_state(root: Path) -> tuple:
    """Differs when a file was added, removed or renamed, and in small trees when one was written again.

    A known tree is not walked again: a new folder or file changes the time of the folder it lies in.
    """
    state = _state(root)
    return state if state is not None else _walk(root)


def _state(root: Path) -> tuple | None:
    if (walk := _walked.get(root)) is None:
        return None
    try:
        times = tuple(os.stat(folder).st_mtime_ns for folder in walk.folders)
        if times != walk.times:
            return None
        stats = [os.stat(file) for file in walk.files]
    except OSError:
        return None
    return str(root), times, tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)


def _walk(root: Path) -> tuple:
    os.stat(root)
    real = os.path.realpath(root)
    walk = _Walk(Node(root.name, str(root), real))
    _fill(walk, walk.node, ())
    walk.files = sorted(walk.files) if len(walk.files) <= MAX_FILES_CHECKED else []
    walk.times = tuple(os.stat(folder).st_mtime_ns for folder in walk.folders)
    for gone in [other for other in list(_walked) if not other.is_dir()]:  # uploads, of 20,000 names each
        _walked.pop(gone, None)
    _walked[root] = walk
    return _state(root) or (str(root), walk.times, ())


def _fill(walk: _Walk, node: Node, above: tuple[str, ...]) -> None:
    """Scan a folder and those within; one that cannot be read counts as holding images, and is named when listed."""
    try:
        scan = scan_folder(node.path)
    except OSError:
        node.readable, node.total = False, 1
        return
    walk.folders.append(node.path)
    if len(walk.folders) > MAX_FOLDERS:
        raise DataError(f"'{walk.node.path}' holds more than {MAX_FOLDERS:,} folders", "give the folder of the images")
    if len(walk.files) <= MAX_FILES_CHECKED:
        walk.files += [f"{node.path}/{name}" for name in (*scan.images, *scan.parquet, *scan.others)]
    walk.shards += [f"{node.path}/{name}" for name in sorted(scan.parquet)]
    _count(node, scan)
    for name, real in sorted(_inside(scan, node.path, node.real, (*above, node.real))):
        child = Node(name, f"{node.path}/{name}", real)
        _fill(walk, child, (*above, node.real))
        node.folders[name] = child
        node.total += child.total


def _count(node: Node, scan: Scan) -> None:
    """Keep counts and examples of what was scanned; the names of images are not held in memory."""
    node.images = node.total = len(scan.images)
    node.example = min(scan.images, default="")
    node.parquet = tuple(sorted(scan.parquet))
    for name in sorted(scan.others):
        if not note_unread(node.others, name, partial(first_bytes, f"{node.path}/{name}")):
            node.others.leave_out(kind_of_file(name), name)
    for name in sorted(scan.system):
        if name != NOTE:
            node.others.leave_out("system and hidden files", name)
