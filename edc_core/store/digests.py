"""SHA-256 of a finished result's files: written down when it is finished, checked by whoever reads one.

A result's `digests.json` names its files; what comes with the project has one list for all, `digests.json` of its
store. A file that neither names, as all of earlier versions, is written down when it is first read. Nobody reads a
file for it twice in one process while it stays as it is.
"""

import hashlib
import json
import os
import re
import threading
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from edc_core.errors import StoreError

LIST = "digests.json"
BLOCK = 2**20
RESULT = re.compile(r"(?P<place>.*)[/\\]artefacts[/\\][0-9a-f]{24}(?=[/\\])", re.DOTALL)
CHANGED = "its SHA-256 is not the one that was written down, so some of its bytes were changed"

Identity = tuple[int, ...]

_right: dict[str, Identity] = {}  # files that were found to be right by this process, by path
_noted: dict[str, str] = {}  # what this process would have written down where it may not write
_writing = threading.Lock()


def digest_of(path: Path) -> str:
    """A file's SHA-256, read in blocks."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            total.update(block)
    return total.hexdigest()


def digests_in(folder: Path, but: str = "") -> dict[str, str]:
    """Name -> SHA-256 of every file in there but the list itself, and those at its top that begin with `but`."""
    names = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name: digest_of(path) for name, path in names.items() if name != LIST and not (but and name.startswith(but))
    }


def verified(path: Path, folder: Path | None = None) -> Path:
    """The same path, of a file that is about to be read; one that belongs to no finished result is let through.

    `folder` is where the list lies that names it, of files that come with the project and are no stage's.

    Raises:
        StoreError: its bytes are not those that were written.
    """
    owner = RESULT.match(name := str(path))
    if (owner is None and folder is None) or path.name == LIST:
        return path
    try:
        now = identity(path)
        if _right.get(name) == now:
            return path
        found = digest_of(path)
    except OSError:
        return path  # its reader says what is the matter
    own, place = (Path(owner[0]), Path(owner["place"])) if owner else (None, folder)
    known = _known(path, own, place)
    if known is None:
        if not (own and is_home(place) and _write_down(own, place, path.relative_to(own).as_posix(), found)):
            _noted[name] = found
    elif known != found:
        raise damaged(path, CHANGED, folder)
    _right[name] = now
    return path


def listed(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 as a folder's list says; of a list that is damaged nothing, so that it is written again."""
    try:
        state = (folder / LIST).stat()
        return _parsed(str(folder / LIST), state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def is_home(place: Path) -> bool:
    """Whether a store may be written; what comes with the project may not."""
    return (place / "store.sqlite").exists()


def damaged(path: Path, why: object, folder: Path | None = None) -> StoreError:
    """StoreError for a stored result that was changed or corrupted; `folder` as for `verified`."""
    owner = RESULT.match(str(path))
    if folder if owner is None else not is_home(Path(owner["place"])):
        cure = "it comes with the project, so install EDC Lab again"
    else:
        cure = f"delete the folder '{owner[0] if owner else path.parent}' and run again"
    return StoreError(f"'{path}' is missing or damaged ({why}): {cure}.")


def _known(path: Path, own: Path | None, place: Path) -> str | None:
    """What was written down of a file: beside it, in the store's list, or in this process."""
    if own and (digest := listed(own).get(path.relative_to(own).as_posix())):
        return digest
    return listed(place).get(path.relative_to(place).as_posix()) or _noted.get(str(path))


@lru_cache(512)
def _parsed(path: str, changed: int, size: int) -> dict[str, str]:
    found = json.loads(Path(path).read_bytes())
    return {name: digest for name, digest in found.items() if isinstance(digest, str)}


def identity(path: Path) -> Identity:
    """What changes when somebody writes to a file."""
    state = path.stat()
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _write_down(own: Path, place: Path, name: str, digest: str) -> bool:
    """Add a file to its result's list, if it can be; where another process does so at once, a later reader adds it.

    Not flushed to the disk: a store of thousands of old results would be read for minutes. The new list begins in
    partial/, as a killed process would leave it among the result's files else.
    """
    temporary = place / "partial" / f".{LIST}.{os.getpid()}.tmp"
    with _writing, suppress(OSError):
        temporary.parent.mkdir(exist_ok=True)
        try:
            temporary.write_text(json.dumps(listed(own) | {name: digest}, indent=1), encoding="utf-8")
            temporary.replace(own / LIST)
            return True
        finally:
            temporary.unlink(missing_ok=True)
    return False
