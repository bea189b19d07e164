"""The folder that a data set was decoded from, kept beside its pixels, so that they can go when the folder does."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

PLACE = "place.txt"
READER = "reader.txt"
READER_VERSION = 2  # 1 laid nothing on paper, cut 16-bit values, and counted labels from where they began
DECODING, REMOVING = "decoding-", "removing-"  # before the digest of what is not whole


@dataclass(frozen=True)
class Decoded:
    """The pixels of one data set, whole or not; `place` is the folder that they come from, "" where nobody knows."""

    folder: Path
    place: str

    @property
    def digest(self) -> str:
        return self.folder.name.removeprefix(DECODING).removeprefix(REMOVING).partition("-")[0]

    @property
    def bytes(self) -> int:
        total = 0
        with suppress(OSError):  # it goes just now
            total = sum(path.stat().st_size for path in self.folder.iterdir())
        return total

    @property
    def is_removed(self) -> bool:
        """Whether a process that was killed meanwhile had begun to remove it."""
        return self.folder.name.startswith(REMOVING)

    def set_aside(self) -> Path | None:
        """Its folder under another name, to be deleted; None where some process decodes that data set just now."""
        try:
            with lock_of(self.folder.with_name(self.digest)).acquire(timeout=0):
                return self.folder.rename(self.folder.with_name(f"{REMOVING}{self.digest}-{secrets.token_hex(4)}"))
        except (Timeout, FileNotFoundError):
            return None


def decoded(home: Path) -> list[Decoded]:
    """All decoded pixels of a store."""
    return [Decoded(folder, _place(folder)) for folder in (home / "datasets").glob("*") if folder.is_dir()]


def note_place(folder: Path, place: str) -> None:
    """Write down what is decoded into a folder, before the first of its pixels."""
    (folder / PLACE).write_bytes(os.fsencode(place))


def is_of_this_reader(folder: Path) -> bool:
    """Whether pixels were decoded, or looked through, by the reader as it is now."""
    try:
        return (folder / READER).read_text(encoding="ascii") == str(READER_VERSION)
    except (OSError, ValueError):
        return False


def note_reader(folder: Path) -> None:
    """Write down that the pixels are as the reader of now decodes them; where nothing can be written, they stay so."""
    with suppress(OSError):
        (folder / READER).write_text(str(READER_VERSION), encoding="ascii")


def lock_of(cache: Path) -> FileLock:
    """Held by the one process that decodes a data set, or takes its pixels away."""
    return FileLock(cache.with_suffix(".lock"))


def _place(folder: Path) -> str:
    try:
        return os.fsdecode((folder / PLACE).read_bytes())
    except OSError:
        return ""
