"""Classes that make a data set of their own within a larger one, by name."""

from pathlib import Path

from edc_core.errors import DataError, SettingsError

# ImageNet-10: the first ten of ImageNet-100 (Tian et al. 2020), as data set condensation has used them since Kim et
# al. 2022. Imagenette: Howard's ten easy ones.
CLASS_LISTS: dict[str, tuple[str, ...]] = {
    "imagenet-10": (
        "n01749939",  # green mamba
        "n01773797",  # garden spider
        "n02091831",  # Saluki
        "n02107142",  # Doberman
        "n02488291",  # langur
        "n02869837",  # bonnet
        "n03062245",  # cocktail shaker
        "n04517823",  # vacuum cleaner
        "n04589890",  # window screen
        "n13037406",  # gyromitra
    ),
    "imagenette": (
        "n01440764",  # tench
        "n02102040",  # English springer
        "n02979186",  # cassette player
        "n03000684",  # chain saw
        "n03028079",  # church
        "n03394916",  # French horn
        "n03417042",  # garbage truck
        "n03425413",  # gas pump
        "n03445777",  # golf ball
        "n03888257",  # parachute
    ),
}


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
        lines = Path(chosen).expanduser().read_text().splitlines()
    except (OSError, ValueError, RuntimeError):
        known = ", ".join(CLASS_LISTS)
        raise SettingsError(
            f"class list '{chosen[:200]}' is unknown: choose {known}, or give a file of class names, a line each."
        ) from None
    names = [line.split("\t")[0].split(" #")[0].strip() for line in lines]
    return tuple(name for name in names if name and not name.startswith("#"))
