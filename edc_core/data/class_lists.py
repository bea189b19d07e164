"""Classes that make a data set of their own within a larger one, by name."""

from pathlib import Path

from edc_core.errors import DataError, SettingsError
from edc_core.imagenet import CLASS_LISTS


def wanted_classes(found: tuple[str, ...], chosen: str | None, place: Path) -> tuple[str, ...]:
    """The classes of a list that a folder has, in the list's order; all of them where none is chosen.

    Raises:
        SettingsError: the list is unknown or names a class twice.
        DataError: the folder lacks a class of it.
    """
    if not found:
        raise DataError(f"{place} holds no class folders: put each class's pictures in a folder of its name.")
    if chosen is None:
        return found
    names = CLASS_LISTS.get(chosen) or _from_file(chosen)
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise SettingsError(f"the class list '{chosen}' names '{twice}' twice: name each class once.")
    if missing := [name for name in names if name not in set(found)]:
        raise DataError(
            f"{place} has no class '{missing[0]}' of the list '{chosen}' ({len(missing)} of {len(names)} are missing):"
            " add it or choose another list."
        )
    return names


def _from_file(chosen: str) -> tuple[str, ...]:
    """A file of class names, a line each; what follows a tab or # is a remark."""
    try:
        lines = Path(chosen).expanduser().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError, RuntimeError):
        known = ", ".join(CLASS_LISTS)
        raise SettingsError(
            f"class list '{chosen[:200]}' is unknown: choose {known}, or give a file of class names, a line each."
        ) from None
    names = [line.split("\t")[0].split(" #")[0].strip() for line in lines]
    return tuple(name for name in names if name and not name.startswith("#"))
