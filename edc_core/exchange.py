"""What an exported run looks like on disk, and which file names may stand in one; no torch.

A bundle is a folder: `manifest.json` names every other file with its SHA-256, and `manifest.sha256`
holds the manifest's own (`sha256sum -c manifest.sha256` checks it anywhere).
"""

import hashlib
import re
import zipfile
from pathlib import Path

from edc_core.errors import StoreError

FORMAT = 1  # raised when a reader would no longer understand what is written here
KIND = "EDC Lab run"
MANIFEST, SEAL = "manifest.json", "manifest.sha256"
RESULTS = "results"  # finished stages, in folders named by key, as a store holds them
PART = re.compile(r"[^\x00-\x1f/\\:]{1,255}")
LONGEST_MANIFEST = 2**28  # bytes
BLOCK = 2**20


def safe_name(name: object) -> str:
    """A file's place inside a bundle, parts joined by '/'; anything that could lead out of it is refused.

    Raises:
        StoreError: it is absolute, has '..' or is no text.
    """
    parts = name.split("/") if isinstance(name, str) else [""]
    if not all(PART.fullmatch(part) and part not in (".", "..") for part in parts):
        raise StoreError(
            f"the bundle's manifest names {str(name)[:200]!r}, which is no place inside the bundle: nothing of it was"
            " taken; get it anew from where it was exported."
        )
    return name


def seal_of(manifest: bytes) -> bytes:
    """The line that `sha256sum manifest.json` prints."""
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n".encode()


def digest_of(path: Path) -> str:
    """A file's SHA-256, read in blocks."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def is_bundle(source: Path) -> bool:
    """Whether a folder is an exported run, and not a set of images alone.

    Raises:
        StoreError: it is one in a ZIP.
    """
    if source.is_file() and zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as archive:
            if any(name == SEAL or name.endswith(f"/{SEAL}") for name in archive.namelist()):
                raise StoreError(f"'{source}' is an exported run in a ZIP: unpack it, and import the folder.")
    return (source / SEAL).is_file() or (source / RESULTS).is_dir()


def refused(why: str) -> StoreError:
    """Why a bundle is not taken, with the cure."""
    return StoreError(f"the bundle is refused, {why}: nothing of it was taken; export it again and copy it whole.")
