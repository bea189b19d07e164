"""A parquet column of labels: which classes its values are, where they are no class numbers from 0 on."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edc_core.data.description import shown
from edc_core.errors import DataError

FEW = 20  # classes that any number of images may have; more of them than half the images are no classes


@dataclass(frozen=True)
class Labelling:
    """The classes of a label column; `numbers` maps its values to class numbers, None: they are the numbers."""

    classes: tuple[str, ...]
    numbers: dict[Any, int] | None = None
    readings: tuple[str, ...] = ()

    def number(self, value: Any) -> Any:
        """The class number of a value; the value itself where it is of no class."""
        value = plain_value(value)
        return value if self.numbers is None else self.numbers.get(value, value)


def holds_labels(kind: Any) -> bool:
    """Whether an Arrow type can hold labels: whole numbers, floats, bool or text, as they are or as a dictionary."""
    import pyarrow.types as types

    if types.is_dictionary(kind):
        kind = kind.value_type
    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_string, types.is_large_string)
    return any(test(kind) for test in tests)


def is_label(value: Any) -> bool:
    """Whether a value tells a class: where it is a secret (ImageNet-1k), the hub has -1 or nothing."""
    value = plain_value(value)
    return value not in (None, "") and not (isinstance(value, int) and value < 0)


def plain_value(value: Any) -> Any:
    """A label as it is compared: whole floats as whole numbers, text in composed letters."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def labelling_of(values: Sequence[Any], named: tuple[str, ...], column: str, where: str) -> Labelling:
    """What a column's training labels are read as; `named` are the classes in the file's own description.

    Raises:
        DataError: the values are no classes.
    """
    found = {value for value in map(plain_value, set(values)) if is_label(value)}
    text = {value for value in found if isinstance(value, str)}
    if named:
        by_name = {unicodedata.normalize("NFC", name): number for number, name in enumerate(named)}
        return Labelling(named, by_name if text else None)
    odd = next((value for value in found if isinstance(value, float)), None)
    if odd is not None or (text and text != found):
        which = f"{odd!r}, which is no class" if odd is not None else "both numbers and text"
        raise DataError(
            f"column '{column}' of {where} holds {which}", "give each image the number or the name of its class"
        )
    if text:
        return _of_text(text, len(values), column, where)
    if any(isinstance(value, bool) for value in found):
        return Labelling(("False", "True"), {False: 0, True: 1}, (f"'{column}' holds False and True: two classes",))
    return _of_numbers(found, len(values), column)


def _of_text(found: set[str], images: int, column: str, where: str) -> Labelling:
    """Names of classes, in alphabetical order as folders have them."""
    if len(found) > max(FEW, images // 2):
        raise DataError(
            f"column '{column}' of {where} holds {len(found):,} different texts for {images:,} images, such as"
            f" '{shown(min(found)[:50])}'",
            "choose a column of class names, or give each image its class",
        )
    classes = tuple(sorted(found))
    readings = [f"'{column}' holds text: its {len(classes)} values are the classes, in alphabetical order"]
    if (said := order_remark(classes)) is not None:
        readings.append(said)
    return Labelling(classes, {name: number for number, name in enumerate(classes)}, tuple(readings))


def _of_numbers(found: set[int], images: int, column: str) -> Labelling:
    """Class numbers from 0 on; others are names of classes, in the order of numbers."""
    highest = min(max(found, default=-1), images)  # more classes than images are none (an empty one is named later)
    usual = tuple(str(number) for number in range(1 + highest))
    if len(found) == len(usual) or len(found) > images // 2 or not found:
        return Labelling(usual)
    values = sorted(found)
    how = "begin at 1" if values == list(range(1, 1 + len(values))) else "are not the numbers from 0 on"
    some = ", ".join(map(str, values[:5])) + (f" ... {values[-1]}" if len(values) > 5 else "")
    said = f"the numbers in '{column}' {how} ({some}): read as the names of {len(values)} classes"
    return Labelling(tuple(map(str, values)), {value: number for number, value in enumerate(values)}, (said,))


def order_remark(classes: Sequence[str]) -> str | None:
    """What is said of classes that are called by numbers and stand in another order than these; None: nothing."""
    if not all(name.isascii() and name.isdigit() for name in classes):
        return None
    by_number = sorted(classes, key=int)
    if list(classes) == by_number:
        return None
    place = next(number for number, (name, other) in enumerate(zip(classes, by_number, strict=True)) if name != other)
    return (
        "classes are called by numbers and stand in alphabetical order, as torchvision has them: class number"
        f" {place} is '{classes[place]}', not '{by_number[place]}'"
    )
