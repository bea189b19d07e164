"""2, a layout is guessed: a data set's root given as --images makes training images of test pictures."""

from helpers.command_line import verdict
from helpers.condensed_sets import IMAGES, taken, zipped
from helpers.images import encoded

files = {
    f"{split}/{name}/{i}.png": encoded(IMAGES[(i + number) % 6, 0])
    for split in ("train", "test")
    for number, name in enumerate(("Bag", "Trouser", "T-shirt_top"))
    for i in range(2)
}
found = taken(zipped(files))
good = "test" in found if isinstance(found, str) else found.count == 6
verdict(
    good, f"6 training and 6 test pictures: {found if isinstance(found, str) else f'{found.count} images are taken'}"
)
