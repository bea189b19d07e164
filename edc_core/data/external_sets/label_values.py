"""Labels of a whole set as class numbers: all of them together tell whether they are names or numbers, from 0 or 1.

Numbers of a list are read as names where classes are called so, as numbers where they cannot be names, and never as
some of each. Readings are sentences; what stays unsure is refused.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from edc_core.data.class_naming import (
    NUMBERED_FOLDER,
    Mode,
    class_number,
    class_of_folder,
    class_of_path,
    known_classes,
    named_class,
    nfc,
)
from edc_core.errors import DataError

HARD = "give one class number or name for each image"
Numbers = tuple[np.ndarray, tuple[str, ...]]  # (N,) int64, and what was read as what


def class_numbers(values: Sequence[object], classes: Sequence[str], names: Sequence[str]) -> Numbers:
    """The class numbers of labels; `names` say whose label each is.

    Raises:
        DataError: a label names no class, or they may mean two things.
    """
    plain = [_plain(value, name) for value, name in zip(values, names, strict=True)]
    by_name = [named_class(str(value), classes) for value in plain]
    numbers = [_number(value) for value in plain]
    whole = [number for number in numbers if number is not None]
    if len(whole) < len(plain):  # some are text: names, among which single numbers may stand
        return _mixed(plain, by_name, numbers, classes, names)
    inside = all(0 <= number < len(classes) for number in whole)
    if None not in by_name and by_name != whole and (not inside or any(isinstance(value, str) for value in plain)):
        return _array(by_name), (_said_names(classes),)
    if inside:
        clash = None not in by_name and by_name != whole
        return _array(whole), (_said_numbers(classes),) if clash or _clashing(classes) else ()
    if set(whole) == set(range(1, len(classes) + 1)):
        return _array(whole) - 1, (_from_one(len(classes)),)
    return _outside(plain, whole, classes, names)


def classes_of_paths(paths: Sequence[str], classes: Sequence[str]) -> Numbers:
    """The class numbers of images by their paths.

    Raises:
        DataError: a path tells no class, or two.
    """
    if _clashing(classes):
        return _by_mode(paths, classes)
    whole = [_folder_number(path) for path in paths]
    if set(whole) == set(range(1, len(classes) + 1)) and all(_named_by(path, classes) is None for path in paths):
        longer = [*classes, "none"]  # so that number C is within
        return _array([class_of_path(path, longer, "numbers") for path in paths]) - 1, (_from_one(len(classes)),)
    return _array([class_of_path(path, classes) for path in paths]), ()


def hard_labels(labels: np.ndarray, name: str) -> list:
    """Labels of an array as a list: (N,), (N, 1), or (N, C) with a single one in every row.

    Raises:
        DataError: they are of another shape or kind.
    """
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.dtype.kind in "biuf":
        rows = labels.astype(np.float64)
        if (np.isin(rows, (0, 1)).all(1) & (rows.sum(1) == 1)).all():
            return rows.argmax(1).tolist()
        if np.isin(rows, (0, 1)).all():
            raise DataError(f"array '{name}' gives some images several classes, or none", HARD)
        raise DataError(
            f"array '{name}' of shape {labels.shape} holds soft labels, which are made again by the protocol's own"
            " committee",
            f"{HARD}, such as {name.removesuffix('.npy')}.argmax(1)",
        )
    if labels.ndim != 1 or labels.dtype.kind not in "biufUS":
        raise DataError(f"array '{name}' has the shape {labels.shape} and type {labels.dtype}", HARD)
    return (
        [value.decode("utf-8", "replace") for value in labels.tolist()]
        if labels.dtype.kind == "S"
        else (labels.tolist())
    )


def _plain(value: object, where: str) -> str | int:
    """A label as a whole number or text.

    Raises:
        DataError: it is neither, or nothing.
    """
    if isinstance(value, bool | np.bool_):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value.strip():
        return nfc(value).strip()
    what = "nothing" if value is None or value == "" or value != value else repr(value)[:100]
    raise DataError(f"{where} is labelled {what}", HARD)


def _number(value: str | int) -> int | None:
    """The whole number that a label is, also as "3.0"."""
    if isinstance(value, int):
        return value
    plain = value.removesuffix(".0") if value.count(".") == 1 else value
    digits = plain.removeprefix("-")
    return int(plain) if digits.isascii() and digits.isdigit() and len(digits) < 8 else None


def _mixed(
    plain: list[str | int], by_name: list[int | None], numbers: list[int | None], classes: Sequence[str], names
) -> Numbers:
    if None not in by_name:
        return _array(by_name), ()
    found = [class_number(value, classes, name) for value, name in zip(plain, names, strict=True)]
    if _clashing(classes) and any(one is not None for one in numbers):
        raise DataError(
            "some labels are names of classes and others numbers, and classes are called by numbers", "give names only"
        )
    return _array(found), ()


def _outside(plain: list[str | int], whole: list[int], classes: Sequence[str], names: Sequence[str]) -> Numbers:
    """Refuse numbers that are no class numbers, by the first of them."""
    row = next(row for row, number in enumerate(whole) if not 0 <= number < len(classes))
    values = sorted(set(whole))
    listed = ", ".join(map(str, values[:8])) + (" ..." if len(values) > 8 else "")
    raise DataError(
        f"{names[row]} is labelled '{plain[row]}', but {known_classes(classes)} (the labels are {listed})",
        f"give numbers from 0 to {len(classes) - 1}, or the classes' names",
    )


def _by_mode(paths: Sequence[str], classes: Sequence[str]) -> Numbers:
    """Classes of paths where classes are called by numbers: by names alone, by numbers alone, or by either.

    Raises:
        DataError: none of these or several fit.
    """
    found: dict[Mode, list[int]] = {}
    fault: DataError | None = None
    modes: tuple[Mode, ...] = ("names", "numbers", "both")
    for mode in modes:
        try:
            labels = [class_of_path(path, classes, mode) for path in paths]
        except DataError as error:
            fault = fault or error
            continue
        if mode == "names":
            said = any(_folder_number(path) is not None for path in paths)
            return _array(labels), (_said_names(classes),) if said else ()
        told = {(_telling(path, classes, mode), label) for path, label in zip(paths, labels, strict=True)}
        if len({label for _, label in told}) == len({folder for folder, _ in told}):  # no two folders are one class
            found[mode] = labels
    if len({tuple(labels) for labels in found.values()}) == 1:
        mode, labels = next(iter(found.items()))
        return _array(labels), (_said_numbers(classes),) if mode == "numbers" else ()
    raise (
        fault
        if fault and not found
        else DataError(
            f"the folders may be names or numbers of the classes, and {known_classes(classes)}",
            "name all by their names",
        )
    )


def _clashing(classes: Sequence[str]) -> bool:
    """Whether a class is called by the number of another one."""
    matches = [NUMBERED_FOLDER.fullmatch(name) for name in classes]
    return any(match is not None and int(match[1]) != number for number, match in enumerate(matches))


def _telling(path: str, classes: Sequence[str], mode: Mode) -> str | None:
    """The folder that tells a path's class."""
    parts = reversed(PurePosixPath(path).parts[:-1])
    return next((part for part in parts if class_of_folder(part, classes, mode) is not None), None)


def _folder_number(path: str) -> int | None:
    numbers = (NUMBERED_FOLDER.fullmatch(part) for part in reversed(PurePosixPath(path).parts[:-1]))
    return next((int(match[1]) for match in numbers if match), None)


def _named_by(path: str, classes: Sequence[str]) -> int | None:
    return next((n for part in PurePosixPath(path).parts[:-1] if (n := named_class(part, classes)) is not None), None)


def _said_names(classes: Sequence[str]) -> str:
    return f"labels are read as names of classes, not as their numbers ('{classes[0]}' is class 0)"


def _said_numbers(classes: Sequence[str]) -> str:
    return f"labels are read as numbers of classes from 0 on, not as their names (0 is the class '{classes[0]}')"


def _from_one(classes: int) -> str:
    return f"labels are the numbers 1 to {classes}: read as classes 0 to {classes - 1}"


def _array(labels: Sequence[int | None]) -> np.ndarray:
    return np.array(labels, np.int64)
