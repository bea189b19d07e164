"""A data set's address: a name or folder, and what is chosen from it, as in `photos?size=64&classes=imagenet-10`."""

from dataclasses import dataclass
from pathlib import Path

from edc_core.errors import SettingsError

MIN_SIDE, MAX_SIDE = 8, 1024  # pixels a side


@dataclass(frozen=True)
class Address:
    """`place` is a known name or a folder; `classes` a list by name or a file of class names, a line each."""

    place: str
    size: int | None = None
    classes: str | None = None

    @property
    def options(self) -> str:
        """As it stands behind the place: "", or "?size=64"."""
        given = {"size": self.size, "classes": self.classes}
        text = "&".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return f"?{text}" if text else ""


def address_of(name: str) -> Address:
    """The parts of a data set's name.

    Raises:
        SettingsError: an option is unknown, or its value is wrong.
    """
    place, mark, text = name.rpartition("?")
    if not mark or _is_folder(name):
        return Address(name)
    options = {}
    for option in text.split("&"):
        key, _, value = option.partition("=")
        if key not in ("size", "classes") or not value or key in options:
            raise SettingsError(
                f"'{option[:100]}' after '?' in dataset '{name[:200]}' is unknown: write size=PIXELS or classes=LIST."
            )
        options[key] = value
    if (size := options.pop("size", None)) is not None:
        if not (size.isascii() and size.isdigit() and MIN_SIDE <= int(size) <= MAX_SIDE):
            raise SettingsError(
                f"size is '{size[:20]}' in dataset '{name[:200]}': give whole pixels from {MIN_SIDE} to {MAX_SIDE}."
            )
        options["size"] = int(size)
    return Address(place, **options)


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
