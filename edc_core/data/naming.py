"""Which class a file of somebody else's set belongs to, by the names that published code gives.

SRe2L, CDA, G-VBSM and EDC write `new003/class003_id007.jpg`, RDED writes `00003/class00003_id00007.jpg`;
others name a folder by the class itself, or by its number.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath

from edc_core.errors import DataError

NUMBERED_FOLDER = re.compile(r"(?:new|class)?[ _-]?0*(\d{1,7})", re.IGNORECASE)
NAME_ONE = "name one of them"
NUMBERED_NAME = re.compile(r"0*(\d{1,7})[ _-]+(.+)")  # "8 Bag"
NUMBERED_FILE = re.compile(r"class[ _-]?0*(\d{1,7})(?!\d)", re.IGNORECASE)


def slug(name: str) -> str:
    """A class's name as folders can carry it: "T-shirt/top" is "t-shirt-top"."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def class_number(value: str | int, classes: Sequence[str], where: str) -> int:
    """The class that a label names, by its name or its number.

    Raises:
        DataError: it names none.
    """
    if isinstance(value, str):
        value = value.strip()
        if (found := _named(value, classes)) is not None:
            return found
        if re.fullmatch(r"\d{1,7}", value):
            value = int(value)
    if isinstance(value, int) and 0 <= value < len(classes):
        return value
    raise DataError(f"{where} is labelled {str(value)[:100]!r}, but {_known(classes)}", NAME_ONE)


def class_of_path(name: str, classes: Sequence[str]) -> int:
    """The class of an image by its innermost telling folder, and by its file's name where that tells, too.

    Raises:
        DataError: neither tells, or they disagree.
    """
    path = PurePosixPath(name)
    by_folder = next(
        (n for part in reversed(path.parts[:-1]) if (n := class_of_folder(part, classes)) is not None), None
    )
    match = NUMBERED_FILE.match(path.stem)
    by_file = int(match[1]) if match else None
    found = by_file if by_folder is None else by_folder
    if found is None:
        raise DataError(
            f"'{name[:200]}' tells no class",
            f"name each folder by a class (such as '{classes[-1]}') or its number (0 to {len(classes) - 1}), or"
            " files like class003_id007.png, or give the labels in a file",
        )
    if not 0 <= found < len(classes):
        raise DataError(f"'{name[:200]}' is of class {found}, but {_known(classes)}", NAME_ONE)
    if by_file not in (None, found):
        raise DataError(
            f"'{name[:200]}' lies in the folder of class {found} ('{classes[found]}') and is called class {by_file}",
            "is the order of the classes another one there? Rename one of the two",
        )
    return found


def class_of_folder(part: str, classes: Sequence[str]) -> int | None:
    """The class that a folder's name tells, by name or number; None where it tells none."""
    if (found := _named(part, classes)) is not None:
        return found
    if match := NUMBERED_FOLDER.fullmatch(part):
        return int(match[1])
    match = NUMBERED_NAME.fullmatch(part)
    if match and _named(match[2], classes) == int(match[1]):
        return int(match[1])
    return None


def _named(text: str, classes: Sequence[str]) -> int | None:
    """The class of exactly this name, else of the only one that a folder would call so."""
    if text in classes:
        return list(classes).index(text)
    alike = _by_slug(tuple(classes)).get(slug(text), [])
    return alike[0] if len(alike) == 1 else None


@lru_cache(8)
def _by_slug(classes: tuple[str, ...]) -> dict[str, list[int]]:
    """The classes that folders call alike; a name of which nothing is left is none of them."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(classes):
        if plain := slug(name):
            found.setdefault(plain, []).append(number)
    return found


def _known(classes: Sequence[str]) -> str:
    some = ", ".join(f"{number} {name}" for number, name in enumerate(classes[:10]))
    more = f" and so on to {len(classes) - 1} {classes[-1]}" if len(classes) > 10 else ""
    return f"the data set's classes are {some}{more}"
