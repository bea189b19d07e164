"""A data set's address: a name or folder, and what is chosen from it, as in `photos?size=64&classes=imagenet-10`."""

from dataclasses import dataclass, fields
from pathlib import Path

from edc_core.errors import SettingsError

MIN_SIDE, MAX_SIDE = 8, 1024  # pixels a side
MAX_OPTION_CHARACTERS = 1000  # a path of a class list may be long


@dataclass(frozen=True)
class Address:
    """`place` is a known name or a folder; all else chooses one reading of what lies there.

    None of the options is ever joined to a path: each is compared with what was found.
    """

    place: str
    size: int | None = None  # pixels a side
    classes: str | None = None  # a list by name or a file of class names, a line each; or DEEPEST
    label: str | None = None  # a parquet column
    image: str | None = None  # a parquet column, or FILES
    split: str | None = None  # a part's name, two of them with a comma, or NO_SPLIT
    config: str | None = None  # one of several configurations of a parquet set
    background: str | None = None  # one of BACKGROUNDS, which transparent images are laid on

    @property
    def options(self) -> str:
        """As it stands behind the place: "", or "?size=64"."""
        given = {name: getattr(self, name) for name in OPTIONS}
        text = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return f"?{text}" if text else ""


OPTIONS = tuple(field.name for field in fields(Address) if field.name != "place")
DEEPEST = "deepest"  # classes: every folder that holds images is a class, by its own name
FILES = "files"  # image: the image files of a folder that holds parquet, too
NO_SPLIT = "none"  # split: no folder's name divides the set
HELP = "write size=PIXELS, classes=LIST, label=COLUMN, image=COLUMN, split=PART, config=NAME or background=black"
BACKGROUNDS = ("white", "black")  # the first where none is chosen


def address_of(name: str) -> Address:
    """The parts of a data set's name.

    Raises:
        SettingsError: an option is unknown, or its value is wrong.
    """
    place, mark, text = name.rpartition("?")
    if not mark or _is_folder(name):
        return Address(name)
    options: dict[str, str] = {}
    for option in text.split("&"):
        key, _, value = option.partition("=")
        if key in options:
            raise SettingsError(f"'{key}' stands twice after '?' in dataset '{name[:200]}': write it once.")
        if key not in OPTIONS or not value or len(value) > MAX_OPTION_CHARACTERS or not value.isprintable():
            raise SettingsError(f"'{option[:100]}' after '?' in dataset '{name[:200]}' is unknown: {HELP}.")
        options[key] = value
    if options.get("background", BACKGROUNDS[0]) not in BACKGROUNDS:
        raise SettingsError(
            f"background is '{options['background'][:20]}' in dataset '{name[:200]}': give {' or '.join(BACKGROUNDS)}."
        )
    if (size := options.pop("size", None)) is None:
        return Address(place, **options)
    if not (size.isascii() and size.isdigit() and MIN_SIDE <= int(size) <= MAX_SIDE):
        raise SettingsError(
            f"size is '{size[:20]}' in dataset '{name[:200]}': give whole pixels from {MIN_SIDE} to {MAX_SIDE}."
        )
    return Address(place, int(size), **options)


def stored_address(name: str) -> Address:
    """An address that the store has; one that is none (any longer) is all place, so that it never stops a page."""
    try:
        return address_of(name)
    except SettingsError:
        return Address(name)


def _is_folder(name: str) -> bool:
    try:
        return Path(name).expanduser().is_dir()
    except (OSError, RuntimeError, ValueError):
        return False
