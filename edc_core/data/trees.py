"""Folders of many images, listed one class at a time, and whether anything in them has changed."""

import os
from functools import partial
from pathlib import Path

from edc_core.data.description import shown
from edc_core.data.image_kinds import first_bytes, is_image_file
from edc_core.errors import DataError

DEPTH = 3  # folders below the root: split, class, and one more as Tiny-ImageNet has it
MAX_FILES_CHECKED = 20_000  # files that are looked at one by one; of more, the folders tell


def list_images(folder: Path) -> list[str]:
    """Paths of a class's images relative to its folder, sorted; hidden files and other kinds are left out.

    Raises:
        DataError: a folder cannot be read, or what is called an image is no file: a pipe would never end.
    """
    found, inside = _listed(folder, "")
    for name in inside:
        found += _listed(folder, f"{name}/")[0]
    return sorted(found)


def _listed(folder: Path, place: str) -> tuple[list[str], list[str]]:
    """Images in one place below a class's folder, and the folders there, links to some left out."""
    found, folders = [], []
    try:
        with os.scandir(folder / place) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    if not entry.is_symlink():
                        folders.append(entry.name)
                elif is_image_file(entry.name, partial(first_bytes, entry.path)):
                    if not entry.is_file():
                        raise DataError(f"'{shown(entry.path)}' is a pipe, a device or a link to nothing", "remove it")
                    found.append(place + entry.name)
    except OSError as error:
        raise DataError(f"'{error.filename}' cannot be read ({error.strerror})", "give a readable folder") from None
    return found, folders


def list_folders(folder: Path) -> list[str]:
    """Names of the folders inside, sorted as torchvision's ImageFolder does; hidden ones are left out."""
    with os.scandir(folder) as entries:
        return sorted(
            entry.name for entry in entries if entry.is_dir() and not entry.name.startswith((".", "__MACOSX"))
        )


_walked: dict[Path, tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...]]] = {}


def tree_state(root: Path) -> tuple:
    """Differs when a file was added, removed or renamed, and in small trees when one was written again.

    A known tree is not walked again: a new folder or file changes the time of the folder it lies in.
    """
    state = _state(root)
    return state if state is not None else _walk(root)


def _state(root: Path) -> tuple | None:
    folders, files, before = _walked.get(root, ((), (), None))
    try:
        times = tuple(os.stat(folder).st_mtime_ns for folder in folders)
        if not folders or times != before:
            return None
        stats = [os.stat(file) for file in files]
    except OSError:
        return None
    return str(root), times, tuple((stat.st_size, stat.st_mtime_ns) for stat in stats)


def _walk(root: Path) -> tuple:
    folders, files = [], []
    os.stat(root)
    for place, inside, names in os.walk(root):
        deep = len(Path(place).relative_to(root).parts) >= DEPTH
        inside[:] = [] if deep else sorted(name for name in inside if not name.startswith("."))
        folders.append(place)
        if len(files) <= MAX_FILES_CHECKED:
            files += [os.path.join(place, name) for name in names]
    times = tuple(os.stat(folder).st_mtime_ns for folder in folders)
    for gone in [other for other in list(_walked) if not other.is_dir()]:  # uploads, of 20,000 names each
        _walked.pop(gone, None)
    _walked[root] = tuple(folders), tuple(sorted(files)) if len(files) <= MAX_FILES_CHECKED else (), times
    return _state(root) or (str(root), times, ())
