"""17, nobody looks at the pictures: distilled tensors with extreme values."""

import numpy as np
from helpers.command_line import verdict
from helpers.condensed_sets import LABELS, npz, taken

found = {}
for spread in (1, 1.5, 2, 3):
    numbers = np.random.default_rng(0).normal(0, spread, (6, 1, 8, 8)).astype("f4")
    one = taken(npz(images=numbers, labels=LABELS), normalisation="0.286/0.353")
    found[spread] = one if isinstance(one, str) else f"taken, {one.clipped:.0%} of the values cut"
said = " ".join(found.values())
verdict(any(word in said for word in ("whiten", "extreme", "ZCA")), found)
