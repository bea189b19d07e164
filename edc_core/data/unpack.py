"""A ZIP of class folders from somebody's browser, unpacked into the store with limits, whole or not at all."""

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from edc_core.data.decoding import SUFFIXES, header
from edc_core.data.layouts import ANNOTATIONS
from edc_core.data.members import UNREADABLE_ZIP
from edc_core.data.naming import slug
from edc_core.data.sources import describe
from edc_core.errors import DataError, EDCError, StoreError

LONGEST_NAME = 200  # bytes of one part of a path


@dataclass(frozen=True)
class Limits:
    """What one upload may hold."""

    files: int = 50_000
    bytes: int = 2**30  # unpacked
    pixels: int = 10**10  # of all pictures, as they would be decoded


def unpack_classes(source: Path | BinaryIO, home: Path, limits: Limits | None = None, name: str = "upload") -> Path:
    """Unpack a ZIP of class folders (with or without train/ and test/) under `home`; gives the set's folder.

    Only pictures are taken, none is decoded, and the folder is described before it is kept: what it gives can be
    opened as a data set. The same ZIP again gives the same folder; `name` is what a person calls the set.

    Raises:
        DataError: it is no ZIP, leads out of its folder, holds links, is too large, or is no data set.
        StoreError: `home` cannot be written.
    """
    limits = limits or Limits()
    target = home / "uploads" / f"{slug(name)[:60] or 'upload'}-{_digest(source)}"
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


def _digest(source: Path | BinaryIO) -> str:
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()[:12]
        source.seek(0)
        return hashlib.file_digest(source, "sha256").hexdigest()[:12]
    except OSError as error:
        raise DataError(f"the upload cannot be read ({error.strerror}): send it again.") from None


def _unpack(source: Path | BinaryIO, folder: Path, limits: Limits) -> None:
    try:
        archive = zipfile.ZipFile(source)
    except UNREADABLE_ZIP as error:
        raise DataError(f"the upload is no whole ZIP ({error}): pack the class folders into a ZIP again.") from None
    with archive:
        wanted = _wanted(archive, limits)
        room = shutil.disk_usage(folder).free - sum(info.file_size for info in wanted.values())
        if room < 2**26:
            raise StoreError(f"the disk of '{folder.parents[2]}' is too full for the upload: free some space.")
        pixels = 0
        for name, info in wanted.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(archive, info, path)
            if path.suffix != ".txt":
                width, height = header(path, f"'{name}'")[0]
                pixels += width * height
            if pixels > limits.pixels:
                raise DataError(
                    f"the pictures hold more than {limits.pixels // 10**6:,} million pixels: make them smaller."
                )


def _wanted(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """The pictures and where they go, without the folder that all of them may lie in.

    Raises:
        DataError: the list alone says that this must not be unpacked.
    """
    found: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in archive.infolist():
        path = _checked(info)
        if info.is_dir() or any(part.startswith((".", "__MACOSX")) for part in path.parts):
            continue
        total += info.file_size
        if len(found) >= limits.files or total > limits.bytes:
            raise DataError(
                f"the ZIP holds more than {limits.files:,} files or {limits.bytes >> 20:,} MiB unpacked: send fewer or"
                " smaller pictures, or give a folder on the server."
            )
        if path.suffix.lower() in SUFFIXES or path.name == ANNOTATIONS:
            if path.as_posix() in found:
                raise DataError(f"the ZIP holds '{path}' twice: pack it again with each file once.")
            found[path.as_posix()] = info
    if not found:
        raise DataError(f"the ZIP holds no picture ({', '.join(sorted(SUFFIXES))}): pack a folder for each class.")
    return _inside(found)


def _checked(info: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path, if it is a plain file that stays inside.

    Raises:
        DataError: it leads out, is a link, is encrypted or has an impossible name.
    """
    told = info.filename[:200]
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or [""])[0]:
        raise DataError(f"'{told}' leads out of the ZIP: pack it again from inside its folder.")
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(f"'{told}' in the ZIP is a link or a device: pack the pictures themselves.")
    if info.flag_bits & 1:
        raise DataError(f"'{told}' in the ZIP is encrypted: pack it without a password.")
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts) or not info.filename.isprintable():
        raise DataError(f"the name '{told!a}' in the ZIP cannot be a file here: give it a shorter, plain name.")
    return path


def _inside(found: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Without a folder that holds all others, as packing a folder makes it."""
    paths = {name: PurePosixPath(name).parts for name in found}
    while all(len(parts) > 2 for parts in paths.values()) and len({parts[0] for parts in paths.values()}) == 1:
        if next(iter(paths.values()))[0] == "train":
            break
        paths = {name: parts[1:] for name, parts in paths.items()}
    return {"/".join(parts): found[name] for name, parts in paths.items()}


def _write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    """One member, never more of it than it declares."""
    try:
        with archive.open(info) as member:
            content = member.read(info.file_size + 1)
        if len(content) != info.file_size:
            raise ValueError("it is longer or shorter than it says")
    except UNREADABLE_ZIP as error:
        raise DataError(f"'{info.filename[:200]}' cannot be unpacked ({error}): pack the ZIP again.") from None
    path.write_bytes(content)


def _describe(folder: Path) -> None:
    """Refuse what is no data set, in the words of the ZIP."""
    try:
        describe(str(folder))
    except EDCError as error:
        raise DataError(str(error).replace(str(folder), "the ZIP")) from None
