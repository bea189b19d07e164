"""4, what is not read is not counted: a condensed set some of whose files are .tif and .jfif."""

from helpers.command_line import verdict
from helpers.condensed_sets import IMAGES, taken, zipped
from helpers.images import encoded

files = {"0/a.png": "PNG", "1/b.tif": "TIFF", "2/c.jfif": "JPEG"}
content = {name: encoded(IMAGES[number, 0], kind) for number, (name, kind) in enumerate(files.items())}
found = taken(zipped(content))
good = isinstance(found, str) or found.count == 3
verdict(good, found if isinstance(found, str) else f"{found.count} of 3 images are taken; no word of the others")
