"""35, formats of others are refused in words about one's own: SRe2L's folder with its labels, and of another size."""

import numpy as np
from helpers.command_line import T, verdict
from helpers.condensed_sets import IMAGES, LABELS, by_number, folder, same, taken, zipped
from helpers.images import encoded

name = "new{0:03d}/class{0:03d}_id{1:03d}.png"
files = {name.format(label, number): encoded(IMAGES[number, 0]) for number, label in enumerate(LABELS)}
files["FKD_cutmix_fp16/epoch_0/batch_0.tar"] = b"x" * 100
large = encoded(np.zeros((32, 32), np.uint8), "JPEG")
beside = same(taken(folder(T / "sre2l", files)), taken(zipped(by_number())))
big = taken(folder(T / "big", {name.format(label, i)[:-3] + "jpg": large for i, label in enumerate(LABELS)}))
words = taken(folder(T / "wnid", {f"n0186{label}/x{i}.jpg": large for i, label in enumerate(LABELS)}))
verdict(
    beside is True and "size=" in str(big),
    f"with FKD's tar beside: {beside}; 32 px for a set of 8 px: {big}; folders by WordNet id: {words}",
)
