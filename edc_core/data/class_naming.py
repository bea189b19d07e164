"""Which class a name, a number or a file of somebody else's set belongs to.

SRe2L, CDA, G-VBSM and EDC write `new003/class003_id007.jpg`, RDED writes `00003/class00003_id00007.jpg`;
others name a folder by the class itself, or by its number. Where classes are themselves called by numbers, all names
of a set together tell which is meant.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from edc_core.errors import DataError

NUMBERED_FOLDER = re.compile(r"(?:new|class)?[ _-]?0*(\d{1,7})", re.IGNORECASE | re.ASCII)
NAME_ONE = "name one of them"
NUMBERED_NAME = re.compile(r"0*(\d{1,7})[ _-]+(.+)", re.ASCII)  # "8 Bag"
NUMBERED_FILE = re.compile(r"class[ _-]?0*(\d{1,7})(?!\d)", re.IGNORECASE | re.ASCII)
BETWEEN = re.compile(r"""[\s_.\-/\\:*?"<>|,;]+""")  # what files' names have between words, and cannot have
Mode = Literal["names", "numbers", "both"]


def nfc(text: str) -> str:
    """Text in composed letters (NFC); macOS and some packers write accents apart."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def slug(name: str) -> str:
    """A name in plain letters for a path: "T-shirt/top" is "t-shirt-top". It tells no two names apart."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def folder_key(name: str) -> str:
    """A class's name as folders can carry it, in small letters: "T-shirt/top" is "t-shirt-top", "C++" is "c++"."""
    return BETWEEN.sub("-", unicodedata.normalize("NFKC", name).casefold()).strip("-")


def class_number(value: str | int, classes: Sequence[str], where: str) -> int:
    """The class that a label names, by its name or its number.

    Raises:
        DataError: it names none.
    """
    if isinstance(value, str):
        value = value.strip()
        if (found := named_class(value, classes)) is not None:
            return found
        if re.fullmatch(r"\d{1,7}", value, re.ASCII):
            value = int(value)
    if isinstance(value, int) and 0 <= value < len(classes):
        return value
    raise DataError(f"{where} is labelled {str(value)[:100]!r}, but {known_classes(classes)}", NAME_ONE)


def class_of_path(name: str, classes: Sequence[str], mode: Mode = "both") -> int:
    """The class of an image by its innermost telling folder, and by its file's name where that tells, too.

    Raises:
        DataError: neither tells, or they disagree.
    """
    path = PurePosixPath(name)
    by_folder = next(
        (n for part in reversed(path.parts[:-1]) if (n := class_of_folder(part, classes, mode)) is not None), None
    )
    match = NUMBERED_FILE.match(path.stem)
    by_file = int(match[1]) if match else None
    found = by_file if by_folder is None else by_folder
    if found is None:
        raise DataError(
            f"'{name[:200]}' tells no class{_several(path, classes)}",
            f"name each folder by a class (such as '{classes[-1]}') or its number (0 to {len(classes) - 1}), or"
            " files like class003_id007.png, or give the labels in a file",
        )
    if not 0 <= found < len(classes):
        raise DataError(f"'{name[:200]}' is of class {found}, but {known_classes(classes)}", NAME_ONE)
    if by_file not in (None, found):
        raise DataError(
            f"'{name[:200]}' lies in the folder of class {found} ('{classes[found]}') and is called class {by_file}",
            "is the order of the classes another one there? Rename one of the two",
        )
    return found


def class_of_folder(part: str, classes: Sequence[str], mode: Mode = "both") -> int | None:
    """The class that a folder's name tells, by name or number; None where it tells none."""
    if mode != "numbers" and (found := named_class(part, classes)) is not None:
        return found
    if mode != "names" and (match := NUMBERED_FOLDER.fullmatch(part)):
        return int(match[1])
    match = NUMBERED_NAME.fullmatch(part)
    if match and named_class(match[2], classes) == int(match[1]):
        return int(match[1])
    return None


def named_class(text: str, classes: Sequence[str]) -> int | None:
    """The class of exactly this name, else of the only one that a folder would call so; None: of none, or several."""
    found = _candidates(text, tuple(classes))
    return found[0] if len(found) == 1 else None


def _candidates(text: str, classes: tuple[str, ...]) -> list[int]:
    """The classes that a name may mean: of the strictest comparison in which it means any."""
    if classes.count(text) == 1:
        return [classes.index(text)]
    by_name, by_key, by_words = _keys(classes)
    key = folder_key(text)
    return by_name.get(nfc(text)) or (by_key.get(key) if key else None) or by_words.get(key, [])


@lru_cache(8)
def _keys(classes: tuple[str, ...]) -> tuple[dict[str, list[int]], ...]:
    """Classes by name, by the name that a folder can carry, and by that without any sign ("C++" as "c")."""
    found: tuple[dict[str, list[int]], ...] = ({}, {}, {})
    for number, name in enumerate(classes):
        key = folder_key(name)
        plain = "".join(sign if unicodedata.category(sign)[0] in "LMN" else "-" for sign in key)
        for table, text in zip(found, (nfc(name), key, re.sub("-+", "-", plain).strip("-")), strict=True):
            if text:
                table.setdefault(text, []).append(number)
    return found


def _several(path: PurePosixPath, classes: Sequence[str]) -> str:
    """The classes between which a path's folders do not tell."""
    for part in reversed(path.parts[:-1]):
        if len(several := _candidates(part, tuple(classes))) > 1:
            return f": '{part[:100]}' may be " + " or ".join(f"'{classes[number]}'" for number in several[:5])
    return ""


def known_classes(classes: Sequence[str]) -> str:
    """The end of a sentence that names a data set's classes."""
    some = ", ".join(f"{number} {name}" for number, name in enumerate(classes[:10]))
    more = f" and so on to {len(classes) - 1} {classes[-1]}" if len(classes) > 10 else ""
    return f"the data set's classes are {some}{more}"
