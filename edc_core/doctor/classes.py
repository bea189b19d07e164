"""Class names, and their order against the data sets that observers were trained on."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from edc_core.data import EMBEDDED, Description, describe
from edc_core.data.class_naming import folder_key
from edc_core.doctor.finding import MAX_SHOWN, Finding, listed_names
from edc_core.doctor.stored_observers import known_orders


def check_classes(about: Description, home: Path, bundled: tuple[Path, ...]) -> Iterator[Finding]:
    """Whether classes can be told apart by name, and stand in the order of the sets known here."""
    names = about.classes
    yield Finding("classes", "note", f"{len(names)} classes in this order: {listed_names(list(names), 10)}.")
    yield from _of_one_name(names)
    if all(name.isdigit() for name in names) and list(names) != sorted(names, key=int):
        message = f"classes are numbers in alphabetical order: {listed_names(list(names), 4)}."
        yield Finding("classes", "warning", message, "pad the names with zeros, so that class 2 comes before class 10.")
    known = {about.digest: (about.name, about.classes) for about in map(describe, EMBEDDED)}
    known |= known_orders((home, *bundled))
    told = set()
    for digest, (other, order) in sorted(known.items(), key=str):
        if digest != about.digest and (other, order) not in told and (finding := _compared(about, other, order)):
            told.add((other, order))
            yield finding


def _of_one_name(names: tuple[str, ...]) -> Iterator[Finding]:
    """Classes that have one name, or names that differ by case, signs or Unicode form only."""
    groups: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        groups.setdefault(fold_name(name), []).append(number)
    alike = [group for group in groups.values() if len(group) > 1]
    if not alike:
        return
    called = [names[number] for number in alike[0]]
    how = "have one name" if len(set(called)) == 1 else "differ by case, signs or Unicode form only"
    more = f" {len(alike) - 1} more such groups." if len(alike) > 1 else ""
    numbers = " and ".join(map(str, alike[0]))
    message = f"{listed_names(called)} {how} (classes {numbers}): is it one class spelt in several ways?{more}"
    examples = tuple(", ".join(f"{number} '{names[number]}'" for number in group) for group in alike[:MAX_SHOWN])
    yield Finding("classes", "warning", message, "rename or join them: folders of images are told by name.", examples)


def fold_name(name: str) -> str:
    """A class's name without case, signs, spaces and accents' spelling; itself where nothing is left."""
    folded = "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())
    return unicodedata.normalize("NFKC", folded) or name


def _compared(about: Description, other: str, order: tuple[str, ...]) -> Finding | None:
    """The same classes in another order: an observer or set of the one, judged by the other's numbers, is wrong."""
    mine, theirs = [folder_key(name) for name in about.classes], [folder_key(name) for name in order]
    if mine == theirs or sorted(mine) != sorted(theirs):
        return None
    at = next(number for number, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b)
    message = (
        f"'{other}' has the same classes in another order: class {at} is '{about.classes[at]}' here and '{order[at]}'"
        " there, so observers, labels and sets of images numbered by the one are wrong for the other."
    )
    return Finding("classes", "warning", message, "name classes rather than number them, or write both in one order.")
