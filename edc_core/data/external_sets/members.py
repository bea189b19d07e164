"""The files of somebody else's set: a folder or a ZIP, listed with names and sizes before anything is read."""

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from edc_core.data.class_naming import nfc
from edc_core.data.description import shown
from edc_core.data.external_sets.foreign_files import HEAD, foreign_error, kind_of_zip, refuse_foreign
from edc_core.data.readers.archives import UNREADABLE_ZIP, Counted, plain_files
from edc_core.data.readers.file_kinds import is_system
from edc_core.errors import DataError

Source = Path | bytes | BinaryIO
MAX_IMAGES = 100_000
MAX_BYTES = 512 * 2**20  # of everything that is read, decoded or not
UPLOAD_BYTES = 128 * 2**20  # the same of an upload: Tiny-ImageNet at 50 images a class has 117 MiB of pixels
SMALL_BYTES = 16 * 2**20  # harms nobody, however well it is packed
# Pixels shrink to 1/2, as float64 to 1/8, as grey float64 in three channels to 1/18; bombs to 1/1000.
MAX_COMPRESSION_RATIO = 25


@dataclass(frozen=True)
class Member:
    """One file; `name` is its path inside the set, with forward slashes."""

    name: str
    size: int  # bytes
    read: Callable[[], bytes]


def most_of_upload(size: int) -> int:
    """How many bytes somebody's upload of `size` bytes may hold, unpacked and as pixels: no bomb fills the server."""
    return min(UPLOAD_BYTES, max(SMALL_BYTES, MAX_COMPRESSION_RATIO * size))


def list_members(source: Source, most: int = MAX_BYTES, known: Sequence[str] = ()) -> list[Member]:
    """Every file of a folder, a ZIP or an NPZ (which is a ZIP), sorted by name; hidden ones are left out.

    `most` bounds their bytes together, as they are unpacked; `known` are names that folders of a ZIP may have.

    Raises:
        DataError: it is neither, it is too large, a member's path leads out of it, or links in a folder make a loop.
    """
    found = _folder(source) if isinstance(source, Path) and source.is_dir() else _zip(source, known)
    members: list[Member] = []
    total = 0
    for member in found:
        if any(map(is_system, PurePosixPath(member.name).parts)):
            continue
        members.append(member)
        total += member.size
        if len(members) > MAX_IMAGES or total > most:
            raise DataError(
                f"the set holds more than {MAX_IMAGES:,} files or {most >> 20} MiB",
                "give the condensed images only, as eight-bit pixels",
            )
    return sorted(members, key=lambda member: member.name)


def _folder(folder: Path, place: str = "", above: tuple[str, ...] = ()) -> Iterator[Member]:
    """The files of a folder and of those in it; links are followed, none of them up to a folder that it lies in."""
    here = os.path.realpath(folder / place)
    if here in above:
        raise DataError(f"'{folder / place}' is a link to a folder that it lies in", "remove the link")
    try:
        for entry in sorted(os.scandir(folder / place), key=lambda entry: entry.name):
            name = f"{place}{entry.name}"
            if is_system(entry.name):
                continue
            if entry.is_dir():
                yield from _folder(folder, f"{name}/", (*above, here))
            elif entry.is_file():
                yield Member(nfc(name), entry.stat().st_size, _reader(folder / name))
            else:
                raise DataError(f"'{shown(entry.path)}' is a pipe, a device or a link to nothing", "remove it")
    except OSError as error:
        raise DataError(f"'{error.filename}' cannot be read ({error.strerror})", "give a readable folder") from None


def _reader(path: Path) -> Callable[[], bytes]:
    return path.read_bytes


def _zip(source: Source, known: Sequence[str]) -> Iterator[Member]:
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    told = f"'{shown(source.name)}'" if isinstance(source, Path) else "the set"
    refuse_foreign(_head(file), told, name=told.strip("'"))  # an archive of another kind may end with a whole ZIP
    try:
        archive = zipfile.ZipFile(file if isinstance(file, Path) else Counted(file, MAX_IMAGES))
    except FileNotFoundError:
        raise DataError(f"'{source}' is not there", "give a folder of images, a ZIP of them or an NPZ") from None
    except UNREADABLE_ZIP as error:
        raise DataError(
            f"the set is neither a folder of images nor a whole ZIP or NPZ ({error})", "give one of these"
        ) from None
    try:
        kind = kind_of_zip(archive)
    except UNREADABLE_ZIP:
        kind = None
    if kind is not None:
        raise foreign_error(told, kind)
    for path, info in plain_files(archive, known):
        yield Member(path.as_posix(), info.file_size, _unzipper(archive, info))


def _head(file: Path | BinaryIO) -> bytes:
    """A file's first bytes; none of what cannot be read."""
    try:
        if isinstance(file, Path):
            if not file.is_file():  # a pipe would never answer
                return b""
            with file.open("rb") as opened:
                return opened.read(HEAD)
        file.seek(0)
        return file.read(HEAD)
    except (OSError, ValueError):
        return b""


def _unzipper(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(info)  # never more than the size it declares
        except UNREADABLE_ZIP as error:
            raise DataError(f"'{info.filename[:200]}' cannot be unpacked ({error})", "pack the ZIP again") from None

    return read
