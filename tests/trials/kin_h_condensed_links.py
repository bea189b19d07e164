"""4, what is not read is not counted: a condensed set whose class folders are links."""

from helpers.command_line import T, verdict
from helpers.condensed_sets import by_number, folder, taken

place = folder(T / "set", by_number())
(place / "1").rename(T / "one")
(place / "1").symlink_to(T / "one")
found = taken(place)
good = isinstance(found, str) or found.count == 6
verdict(good, found if isinstance(found, str) else f"{found.count} of 6 images are taken; no word of the others")
