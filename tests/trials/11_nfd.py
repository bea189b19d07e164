"""11, text is compared by code points: composed and decomposed letters."""

import os
import unicodedata

from helpers.command_line import T, doctor, verdict
from helpers.condensed_sets import IMAGES, LABELS, by_number, npz, same, taken, zipped
from helpers.images import encoded, photos

composed, decomposed = "été", unicodedata.normalize("NFD", "été")
root = photos(T / "nfd")
os.rename(root / "train" / "dog", root / "train" / composed)
os.rename(root / "test" / "dog", root / "test" / decomposed)
classes = (composed, "b", "c")
first = taken(zipped({"0/0.png": encoded(IMAGES[0, 0])}), classes=classes)
names = f'["{decomposed}","b","c","{decomposed}","b","c"]'.encode()
found = {
    "folders": doctor(root).classes,
    "a condensed folder": same(taken(zipped({f"{decomposed}/0.png": encoded(IMAGES[0, 0])}), classes=classes), first),
    "labels": same(
        taken(npz(images=IMAGES, labels=LABELS), names, classes=classes),
        taken(zipped(by_number()), classes=classes),
    ),
}


def fits(one: object) -> bool:
    words = ("code point", "written differently", "decomposed")
    return any(word in one for word in words) if isinstance(one, str) else bool(one)


verdict(all(map(fits, found.values())), found)
