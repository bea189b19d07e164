"""A ZIP of class folders from somebody's browser, unpacked into the store with limits, whole or not at all."""

import hashlib
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from edc_core.data.census import Tally
from edc_core.data.class_naming import slug
from edc_core.data.description import shown
from edc_core.data.images.headers import read_header
from edc_core.data.images.image_kinds import HEAD, is_image_file
from edc_core.data.readers.annotated import ANNOTATIONS, check_annotations
from edc_core.data.readers.archives import UNREADABLE_ZIP, check_room, opened, plain_files, write
from edc_core.data.readers.file_kinds import kind_of_file
from edc_core.data.readers.label_files import is_list_name
from edc_core.data.readers.unread import keep_note, note_unread
from edc_core.data.sources import describe
from edc_core.errors import DataError, EDCError, StoreError


@dataclass(frozen=True)
class Limits:
    """What one upload may hold."""

    files: int = 50_000
    bytes: int = 2**30  # unpacked
    pixels: int = 10**10  # of all images, as they would be decoded


def unpack_classes(source: Path | BinaryIO, home: Path, limits: Limits | None = None, name: str = "upload") -> Path:
    """Unpack a ZIP of class folders (with or without train/ and test/) under `home`; returns the set's folder.

    Only images and lists of labels are taken, no image is decoded, and the folder is described before it is kept:
    what it gives can be opened as a data set. The same ZIP again gives the same folder; `name` is what a person calls
    the set.

    Raises:
        DataError: it is no ZIP, leads out of its folder, holds links, is too large, or is no data set.
        StoreError: `home` cannot be written.
    """
    limits = limits or Limits()
    target = place_of(source, home, name)
    if target.is_dir():
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="unpacking-", dir=target.parent))
    except OSError as error:
        raise StoreError(
            f"the store '{home}' cannot be written ({error.strerror}): choose another with EDC_HOME."
        ) from None
    try:
        folder = work / target.name
        folder.mkdir()
        _unpack(source, folder, limits)
        _describe(folder)
        if not target.exists():
            folder.rename(target)
    except OSError as error:
        raise StoreError(f"'{home}' cannot hold the upload ({error.strerror}): free some space.") from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def place_of(source: Path | BinaryIO, home: Path, name: str) -> Path:
    """The folder that a ZIP is unpacked to: another for another name or content.

    Raises:
        DataError: it cannot be read.
    """
    return home / "uploads" / f"{slug(name)[:60] or 'upload'}-{_digest(source)}"


def _digest(source: Path | BinaryIO) -> str:
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()[:12]
        source.seek(0)
        return hashlib.file_digest(source, "sha256").hexdigest()[:12]
    except OSError as error:
        raise DataError(f"the upload cannot be read ({error.strerror})", "send it again") from None


def _unpack(source: Path | BinaryIO, folder: Path, limits: Limits) -> None:
    with opened(source, "the upload", limits.files) as archive:
        unread = Tally()
        wanted = _wanted(archive, limits, unread)
        keep_note(folder, unread)
        check_room(folder, wanted.values(), folder.parents[2])
        pixels = 0
        for name, info in wanted.items():
            path = folder / name
            write(archive, info, path)
            if not _is_text(archive, info):
                found = read_header(path, f"'{name}'")
                pixels += found.width * found.height
            if pixels > limits.pixels:
                raise DataError(
                    f"the images hold more than {limits.pixels // 10**6:,} million pixels", "make them smaller"
                )


def _wanted(archive: zipfile.ZipFile, limits: Limits, unread: Tally) -> dict[str, zipfile.ZipInfo]:
    """The images by their paths, which stay as they are: the layout is read from the folder. `unread` counts the rest.

    Raises:
        DataError: the list alone says that this must not be unpacked.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    total = images = 0
    for path, info in plain_files(archive):
        total += info.file_size
        if len(found) >= limits.files or total > limits.bytes:
            raise DataError(
                f"the ZIP holds more than {limits.files:,} files or {limits.bytes >> 20:,} MiB unpacked",
                "send fewer or smaller images, or give a folder on the server",
            )
        if path.name == ANNOTATIONS:
            check_annotations(info.file_size, f"'{path}' in the ZIP")
        head = partial(_head, archive, info)
        if is_image_file(path.name, head):
            images += 1
            found[path.as_posix()] = info
        elif path.name == ANNOTATIONS or is_list_name(path.name):
            found[path.as_posix()] = info
        elif not note_unread(unread, path.as_posix(), head):
            unread.leave_out(kind_of_file(path.name), shown(path.as_posix()))
    if not images:
        told = "; ".join(group.sentence for group in unread.left_out if group.images) or "such as .jpg, .png or .tif"
        raise DataError(f"the ZIP holds no image ({told})", "pack a folder for each class")
    return found


def _is_text(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    """Whether a wanted member is no image: annotations or a list of labels."""
    return not is_image_file(PurePosixPath(info.filename).name, partial(_head, archive, info))


def _head(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A member's first bytes; none of what cannot be unpacked."""
    try:
        with archive.open(info) as member:
            return member.read(HEAD)
    except UNREADABLE_ZIP:
        return b""


def _describe(folder: Path) -> None:
    """Refuse what is no data set, in the words of the ZIP."""
    try:
        describe(str(folder))
    except EDCError as error:
        problem, cure = (text.replace(str(folder), "the ZIP") for text in (error.problem, error.cure))
        raise DataError(problem, cure) from None
