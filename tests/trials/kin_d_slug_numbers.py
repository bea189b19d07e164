"""1, names are matched loosely: names of other alphabets shrink to a number, and folders 0, 1, 2 get mixed up."""

from helpers.command_line import verdict
from helpers.condensed_sets import IMAGES, same, taken, zipped
from helpers.images import encoded

classes = ("第1类", "第2类", "第3类")
images = [encoded(IMAGES[number, 0]) for number in range(3)]
named = taken(zipped({f"{name}/x.png": image for name, image in zip(classes, images, strict=True)}), classes=classes)
found = same(taken(zipped({f"{number}/x.png": image for number, image in enumerate(images)}), classes=classes), named)
verdict(found is True, f"folders 0/, 1/, 2/ for the classes {classes}, taken as meant: {found}")
