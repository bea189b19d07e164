"""A ZIP from somebody else: plain files that stay inside it and are no larger than they say, or one sentence."""

import lzma
import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from edc_core.data.readers.file_kinds import is_system
from edc_core.data.readers.zip_names import name_members
from edc_core.errors import DataError, StoreError

MAX_NAME_BYTES = 200  # bytes of one part of a path
BLOCK = 2**20
SPARE = 2**26  # bytes of a disk that are left free
MEMBER = b"PK\x01\x02"  # every entry of a ZIP's list of members begins so
BESIDE = 3  # entries for each file: folders, and what macOS puts beside every one
UNREADABLE_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    OSError,
    RuntimeError,
    ValueError,
    NotImplementedError,
    EOFError,
)


class Counted:
    """A ZIP's file as `zipfile` reads it: a list of members that is too long is refused before it is taken apart.

    The entries themselves are counted, in the bytes that `zipfile` goes by: the number that a ZIP gives of them
    may be any.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self.file, self.most = file, most

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        if (count := block.count(MEMBER)) > self.most * BESIDE:
            raise DataError(
                f"the ZIP lists {count:,} files and folders, and at most {self.most * BESIDE:,} are looked at",
                "pack fewer into it",
            )
        return block


@contextmanager
def opened(source: Path | BinaryIO, what: str, most: int) -> Iterator[zipfile.ZipFile]:
    """A ZIP with its list of members; `what` is how a person calls it, `most` the files that are taken from one.

    Raises:
        DataError: it is no ZIP, cut short, or lists far more than `most`.
    """
    with ExitStack() as held:
        try:
            file = held.enter_context(source.open("rb")) if isinstance(source, Path) else source
            archive = zipfile.ZipFile(Counted(file, most))
        except UNREADABLE_ZIP as error:
            raise DataError(f"{what} is no whole ZIP ({error})", "pack its folder into a ZIP again") from None
        yield archive


def plain_files(archive: zipfile.ZipFile, known: Sequence[str] = ()) -> Iterator[tuple[PurePosixPath, zipfile.ZipInfo]]:
    """Every file with its path; folders, hidden files and a system's own are left out.

    `known` are names that folders may have.

    Raises:
        DataError: a member leads out, is a link, is encrypted, stands there twice, or has an impossible name or one of
            an unsure encoding.
    """
    name_members(archive, known)
    seen = set()
    for info in archive.infolist():
        path = safe_member_path(info)
        if info.is_dir() or any(map(is_system, path.parts)):
            continue
        if path in seen:
            raise DataError(f"the ZIP holds '{path}' twice", "pack it again with each file once")
        seen.add(path)
        yield path, info


def safe_member_path(info: zipfile.ZipInfo) -> PurePosixPath:
    """A member's path, if it is a plain file that stays inside.

    Raises:
        DataError: it leads out, is a link, is encrypted or has an impossible name.
    """
    told = info.filename[:200]
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if any(len(os.fsencode(part)) > MAX_NAME_BYTES for part in path.parts) or not info.filename.isprintable():
        raise DataError(f"the name '{told!a}' in the ZIP cannot be a file here", "give it a shorter, plain name")
    if path.is_absolute() or ".." in path.parts or ":" in (path.parts or [""])[0]:
        raise DataError(f"'{told}' leads out of the ZIP", "pack it again from inside its folder")
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DataError(f"'{told}' in the ZIP is a link or a device", "pack the files themselves")
    if info.flag_bits & 1:
        raise DataError(f"'{told}' in the ZIP is encrypted", "pack it without a password")
    return path


def check_room(folder: Path, members: Iterable[zipfile.ZipInfo], home: Path) -> None:
    """Refuse what the disk of `folder` cannot hold, by what the members declare.

    Raises:
        StoreError: naming the store `home`.
    """
    if shutil.disk_usage(folder).free - sum(info.file_size for info in members) < SPARE:
        raise StoreError(f"the disk of '{home}' is too full for the ZIP: free some space.")


def write(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    """One member, never more of it than it declares.

    Raises:
        DataError: it is damaged, or longer or shorter than it says.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    left = info.file_size
    try:
        member = archive.open(info)
    except UNREADABLE_ZIP as error:
        raise _damaged(info, error) from None
    with member, path.open("wb") as file:
        while block := _block(member, info):
            left -= len(block)
            file.write(block)
    if left:
        raise _damaged(info, ValueError("it is longer or shorter than it says"))


def _block(member: BinaryIO, info: zipfile.ZipInfo) -> bytes:
    try:
        return member.read(BLOCK)
    except UNREADABLE_ZIP as error:
        raise _damaged(info, error) from None


def _damaged(info: zipfile.ZipInfo, error: Exception) -> DataError:
    return DataError(f"'{info.filename[:200]}' cannot be unpacked ({error})", "pack the ZIP again")
