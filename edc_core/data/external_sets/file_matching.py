"""Files that a list names, found among a set's files by the longest unique tail of their paths."""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from edc_core.data.class_naming import nfc
from edc_core.data.description import shown
from edc_core.errors import DataError

Parts = tuple[str, ...]


def natural_key(name: str) -> tuple:
    """A key by which numbers in names are in order: "2.png" before "10.png"."""
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"(\d+)", name) if part)


def match_files(listed: Sequence[str], names: Sequence[str]) -> list[int]:
    """The row of the list for each file, by its path as it is, then in small letters, then without its ending.

    Raises:
        DataError: a file is not listed, or may be in several rows.
    """
    fault: DataError | None = None
    for form in (_path, _small, stem_of):
        try:
            return _matched([form(path) for path in listed], [form(name) for name in names], listed, names)
        except DataError as error:
            fault = fault if fault is not None and "several" not in str(error) else error
    assert fault is not None
    raise fault


def match_some(listed: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    """The row of the list for those files that it names without doubt, by the longest unique tail of their paths.

    The first row counts where several name a file in the same words.
    """
    first = {path: row for row, path in reversed(list(enumerate(listed)))}
    best: dict[str, int] = {}
    for form in (_path, _small, stem_of):
        paths, files = {path: form(path) for path in first}, {name: form(name) for name in names}
        found = _sure(paths, files)
        if len(found) > len(best):
            best = {name: first[path] for name, path in found.items()}
    return best


def _sure(listed: dict[str, Parts], files: dict[str, Parts]) -> dict[str, str]:
    """The listed path of each file whose longest shared tail is shared with no other; folders do not contradict it."""
    folders = {path[-2] for path in files.values() if len(path) > 1}
    whole = {parts: path for path, parts in listed.items()}
    found = {name: whole[parts] for name, parts in files.items() if parts in whole}
    told, names = list(listed), list(files)
    doubtful: set[int] = set()
    for length in range(max(map(len, files.values()), default=0), 0, -1):
        by_tail, row_tails = _tails(list(files.values()), length), _tails(list(listed.values()), length)
        for tail, of_files in by_tail.items():
            rows = row_tails.get(tail, [])
            if len(of_files) > 1 or len(rows) > 1:
                doubtful.update(of_files if rows else ())
            elif rows and not (of_files[0] in doubtful or names[of_files[0]] in found):
                name, path = names[of_files[0]], listed[told[rows[0]]]
                above, beside = files[name][-2:-1], path[-2:-1]
                if length > 1 or above == beside or not beside or beside[0] not in folders:
                    found[name] = told[rows[0]]
    return found


def _path(name: str) -> Parts:
    text = re.sub(r"^[A-Za-z]:", "", nfc(name).strip().replace("\\", "/"))
    return tuple(part for part in text.split("/") if part not in ("", "."))


def _small(name: str) -> Parts:
    return tuple(part.casefold() for part in _path(name))


def stem_of(name: str) -> Parts:
    """A path's parts in small letters, without the ending."""
    *above, last = _small(name) or ("",)
    return (*above, os.path.splitext(last)[0] if re.search(r"\.[a-z]\w{1,4}$", last) else last)


def _matched(listed: list[Parts], files: list[Parts], told: Sequence[str], names: Sequence[str]) -> list[int]:
    """The row of each file.

    Raises:
        DataError: a file is not listed, or may be in several rows.
    """
    bases: tuple[Callable[[list[Parts]], int], ...] = (lambda paths: 0, _common)
    for base in bases:
        cut, cut_files = base(listed), base(files)
        rows = {path[cut:]: row for row, path in enumerate(listed)}
        if len(rows) == len(listed) and all(path[cut_files:] in rows for path in files):
            return [rows[path[cut_files:]] for path in files]
    found: dict[int, int] = {}
    doubtful: dict[int, list[int]] = {}
    for length in range(max(map(len, files), default=0), 0, -1):
        by_tail, row_tails = _tails(files, length), _tails(listed, length)
        for tail, of_files in by_tail.items():
            rows_of = row_tails.get(tail, [])
            if len(of_files) == len(rows_of) == 1:
                found.setdefault(of_files[0], rows_of[0])
            elif rows_of:
                for file in of_files:
                    doubtful.setdefault(file, rows_of)
    for file, name in enumerate(names):
        if file in found:
            continue
        if rows_of := doubtful.get(file, []):
            raise DataError(
                f"the labels tell several files and rows apart by too little: '{shown(name[:200])}' may be"
                f" '{shown(str(told[rows_of[0]])[:200])}'"
                + (f" or '{shown(str(told[rows_of[1]])[:200])}'" if len(rows_of) > 1 else ", as others may"),
                "write each file's path in the list, once",
            )
        raise DataError(f"the labels name no class for '{shown(name[:200])}'", "add it")
    if len(set(found.values())) < len(found):
        raise DataError("a row of the labels is of several files", "write each file's path in the list")
    return [found[file] for file in range(len(files))]


def _common(paths: list[Parts]) -> int:
    """How many folders all paths begin with."""
    return len(os.path.commonprefix([path[:-1] for path in paths])) if paths else 0


def _tails(paths: list[Parts], length: int) -> dict[Parts, list[int]]:
    found: dict[Parts, list[int]] = defaultdict(list)
    for place, path in enumerate(paths):
        if len(path) >= length:
            found[path[-length:]].append(place)
    return found
