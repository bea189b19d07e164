"""2, a layout is guessed from a few exact names: class folders alone, one of them called train (a vehicle)."""

from helpers.command_line import T, doctor, verdict
from helpers.images import picture

for label, name in enumerate(("bus", "car", "train")):
    for index in range(10):
        picture(T / "voc" / name / f"{index}.png", seed=10 * label + index)
found = doctor(T / "voc").classes
verdict(isinstance(found, tuple) or ("class" in found and "called train" in found), found)
