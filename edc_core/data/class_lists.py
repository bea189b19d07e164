"""Classes that make a data set of their own within a larger one, by name.

A file that is named as a list may be any file: what stands in it is never quoted, its lines are numbered instead.
"""

from pathlib import Path

from edc_core.data.class_naming import nfc
from edc_core.errors import DataError, SettingsError
from edc_core.networks.imagenet import CLASS_LISTS

MAX_LIST_BYTES = 2**20  # bytes of a list


def wanted_classes(found: tuple[str, ...], chosen: str | None, place: Path) -> tuple[str, ...]:
    """The classes of a list that a folder has, in the list's order; all of them where none is chosen.

    Raises:
        SettingsError: the list is unknown or names a class twice.
        DataError: the folder lacks a class of it.
    """
    if not found:
        raise DataError(f"{place} holds no class folders", "put each class's images in a folder of its name")
    if chosen is None:
        return found
    listed = {line: nfc(name) for line, name in _listed(chosen).items()}
    there = set(found)
    if missing := [line for line, name in listed.items() if name not in there]:
        which = f"'{listed[missing[0]]}'" if chosen in CLASS_LISTS else f"of the name in line {missing[0]}"
        raise DataError(
            f"{place} has no class {which} of the list '{chosen}' ({len(missing)} of {len(listed)} are missing)",
            "add it or choose another list",
        )
    lines: dict[str, int] = {}
    for line, name in listed.items():
        if (first := lines.setdefault(name, line)) != line:
            raise SettingsError(
                f"lines {first} and {line} of the class list '{chosen}' name the same class: name each once."
            )
    return tuple(lines)


def _listed(chosen: str) -> dict[int, str]:
    """The names of a list by their lines; in a file, what follows a tab or # is a remark."""
    if chosen in CLASS_LISTS:
        return dict(enumerate(CLASS_LISTS[chosen], 1))
    try:
        path = Path(chosen).expanduser()
        if not path.is_file() or path.stat().st_size > MAX_LIST_BYTES:  # no pipe, no device, nothing without end
            raise ValueError
        content = path.read_bytes()
        utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        lines = content.decode("utf-16" if utf16 else "utf-8-sig").splitlines()
    except (OSError, ValueError, RuntimeError):
        known = ", ".join(CLASS_LISTS)
        raise SettingsError(
            f"class list '{chosen[:200]}' is unknown: choose {known}, or give a file of class names, a line each."
        ) from None
    names = {number: line.split("\t")[0].split(" #")[0].strip() for number, line in enumerate(lines, 1)}
    if not (kept := {number: name for number, name in names.items() if name and not name.startswith("#")}):
        raise SettingsError(f"class list '{chosen[:200]}' names no class: give a file of class names, a line each.")
    return kept
