"""1, names are matched loosely: a list of labels in the order of numbers, files 0.png to 11.png."""

import json

import numpy as np
from helpers.command_line import verdict
from helpers.condensed_sets import by_number, same, taken, zipped
from helpers.images import encoded

images = np.stack([np.full((1, 8, 8), 10 * number, np.uint8) for number in range(12)])
labels = [number // 4 for number in range(12)]
plain = taken(zipped({name.zfill(8): content for name, content in by_number(images, np.array(labels)).items()}))
files = zipped({f"{number}.png": encoded(image[0]) for number, image in enumerate(images)})
found = same(taken(files, json.dumps(labels).encode()), plain)
good = "order" in found if isinstance(found, str) else found
verdict(good, f"12 images, labels as a JSON list in the order of numbers, taken as meant: {found}")
