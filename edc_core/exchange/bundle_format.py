"""Bundle format of an exported run: its files on disk and their permitted names.

A bundle is a folder: `manifest.json` names every other file with its SHA-256, and `manifest.sha256`
holds the manifest's own (`sha256sum -c manifest.sha256` checks it anywhere).
"""

import hashlib
import json
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from edc_core.data.readers.archives import check_room, opened, plain_files, write
from edc_core.errors import StoreError

FORMAT = 1  # raised when a reader would no longer understand what is written here
KIND = "EDC Lab run"
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
RESULTS = "results"  # finished stages, in folders named by key, as a store holds them
PART = re.compile(r"[^\x00-\x1f/\\:]{1,255}")
MAX_MANIFEST_BYTES = 2**28  # bytes
MAX_FILES, MAX_BUNDLE_BYTES = 2**20, 2**38  # in a bundle's ZIP; bytes

Manifest = dict[str, Any]


def safe_name(name: object) -> str:
    """A file's place inside a bundle, parts joined by '/'; anything that could lead out of it is refused.

    Raises:
        StoreError: it is absolute, has '..' or is no text.
    """
    parts = name.split("/") if isinstance(name, str) else [""]
    if not all(PART.fullmatch(part) and part not in (".", "..") for part in parts):
        raise StoreError(
            f"the bundle's manifest names {str(name)[:200]!r}, which is no place inside the bundle: nothing of it was"
            " taken; get it again from where it was exported."
        )
    return name


def seal_of(manifest: bytes) -> bytes:
    """The line that `sha256sum manifest.json` prints."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def is_bundle(source: Path) -> bool:
    """Whether a folder or a ZIP is an exported run, and not a set of images alone."""
    if source.is_file() and zipfile.is_zipfile(source):
        with opened(source, f"'{source}'", MAX_FILES) as archive:
            return any(name == SEAL or name.endswith(f"/{SEAL}") for name in archive.namelist())
    return (source / SEAL).is_file() or (source / RESULTS).is_dir()


def unpack_bundle(source: Path | BinaryIO, place: Path, most: int = MAX_BUNDLE_BYTES) -> Path:
    """An exported run's ZIP as a folder in `place`; at most `most` bytes of it.

    Raises:
        DataError: it is no ZIP, leads out of its folder, or holds what is no plain file.
        StoreError: it holds no run, or more than there is room for.
    """
    with opened(source, "the bundle", MAX_FILES) as archive:
        members = dict(plain_files(archive))
        seals = [path for path in members if path.name == SEAL]
        if not seals:
            raise StoreError(
                f"the ZIP is no exported run (it holds no {SEAL}): give what 'export' or Export on the page Runs made."
            )
        top = min(seals, key=lambda path: len(path.parts)).parent
        if beside := [path for path in members if not path.is_relative_to(top)]:
            raise bundle_error(f"its ZIP holds '{beside[0]}' beside the run's folder")
        if (size := sum(info.file_size for info in members.values())) > most or len(members) > MAX_FILES:
            raise bundle_error(
                f"its ZIP holds {len(members):,} files of {size >> 20:,} MiB, more than may be unpacked here"
            )
        check_room(place, members.values(), place)
        try:
            for path, info in members.items():
                write(archive, info, place / path.relative_to(top))
        except OSError as error:
            raise StoreError(
                f"the ZIP cannot be unpacked in '{place}' ({error.strerror}): free some space, or pack it again."
            ) from None
    return place


def bundle_error(why: str) -> StoreError:
    """StoreError for a refused bundle, with the cure."""
    return StoreError(f"the bundle is refused, {why}: nothing of it was taken; export it again and copy it whole.")


def read_manifest(source: Path) -> Manifest:
    """The manifest, checked against its seal and this version.

    Raises:
        StoreError: it is no bundle, changed, or of a newer version.
    """
    for name in (MANIFEST, SEAL):
        path = source / name
        if path.is_symlink() or not path.is_file():
            raise StoreError(f"'{source}' is no bundle (it has no {name}): name a folder or ZIP that 'export' made.")
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise bundle_error(f"{name} is too large")
    try:
        content, seal = (source / MANIFEST).read_bytes(), (source / SEAL).read_bytes()
    except OSError as error:
        raise bundle_error(f"'{source}' cannot be read ({error.strerror})") from None
    if seal != seal_of(content):
        raise bundle_error(f"{MANIFEST} is not what {SEAL} says: one of the two was changed")
    try:
        manifest = json.loads(content)
        kind, number = manifest["kind"], manifest["format"]
        newer = number > FORMAT
    except (ValueError, TypeError, KeyError, RecursionError):
        raise bundle_error(f"{MANIFEST} is no manifest of a run") from None
    if kind != KIND:
        raise bundle_error(f"{MANIFEST} is no manifest of a run")
    if newer:
        raise StoreError(
            f"the bundle '{source}' has format {number}, newer than this version's {FORMAT}: update EDC Lab, then"
            " import."
        )
    return manifest


@contextmanager
def manifest_errors() -> Iterator[None]:
    """Manifest errors: turn a missing or mistyped entry into one StoreError."""
    try:
        yield
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise bundle_error(f"{MANIFEST} is damaged ({type(error).__name__}: {error})") from None


def listed_files(source: Path, manifest: Manifest) -> dict[str, str]:
    """Name -> SHA-256 of every file; those that are there are exactly those that the manifest names.

    Raises:
        StoreError: one more, one less, a link, or a name that leads out.
    """
    with manifest_errors():
        digests = {safe_name(name): str(digest) for name, digest in manifest["sha256"].items()}
    there = set()
    for path in sorted(source.rglob("*")):
        name, mode = path.relative_to(source).as_posix(), path.lstat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            raise bundle_error(f"'{name}' is a link or no plain file")
        if stat.S_ISREG(mode):
            there.add(name)
    if lacking := sorted(digests.keys() - there):
        raise bundle_error(f"it lacks '{lacking[0]}'")
    if more := sorted(there - digests.keys() - {MANIFEST, SEAL}):
        raise bundle_error(f"it holds '{more[0]}', which its manifest does not name")
    return digests
