"""1, nobody looks at the pictures: numbers from 0 to 1 that are taken for pixels."""

import numpy as np
from helpers.command_line import verdict
from helpers.condensed_sets import IMAGES, LABELS, npz, taken

found = {
    "whole numbers 0 and 1": taken(npz(images=(IMAGES > 127).astype(np.uint8), labels=LABELS)),
    "0-1 as 0-255": taken(npz(images=(IMAGES / 255).astype("f4"), labels=LABELS), normalisation="0-255"),
}
said = {name: one if isinstance(one, str) else "taken without a word" for name, one in found.items()}
verdict(all(isinstance(one, str) for one in found.values()), said)
