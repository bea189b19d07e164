"""21, formats of others are refused in words about one's own: NPZ files as MedMNIST and Keras have them."""

import numpy as np
from helpers.command_line import T, doctor, verdict
from helpers.condensed_sets import IMAGES, LABELS, by_number, npz, same, taken, zipped

grey, column, two = IMAGES[:, 0], LABELS[:, None], ("no", "yes")
cases = {
    "(N,1)": npz(images=IMAGES, labels=column),
    "float": npz(images=IMAGES, labels=LABELS.astype("f4")),
    ">i8": npz(images=IMAGES, labels=LABELS.astype(">i8")),
    "one-hot": npz(images=IMAGES, labels=np.eye(3, dtype=int)[LABELS]),
    "Fortran order": npz(images=np.asfortranarray(IMAGES), labels=LABELS),
    "MedMNIST": npz(
        **{
            f"{part}_{what}": grey if what == "images" else column
            for part in ("train", "val", "test")
            for what in ("images", "labels")
        }
    ),
    "Keras": npz(x_train=grey, y_train=LABELS, x_test=grey, y_test=LABELS),
}
plain = taken(zipped(by_number()))
found: dict[str, object] = {name: same(taken(case), plain) for name, case in cases.items()}
of_two = taken(zipped(by_number(labels=(LABELS > 0).astype(int))), classes=two)
found["bool, two classes"] = same(taken(npz(images=IMAGES, labels=LABELS > 0), classes=two), of_two)
(T / "x.npz").write_bytes(cases["MedMNIST"])
looked = doctor(T / "x.npz")
found["doctor x.npz"] = looked.refusal
wrong = {name: one for name, one in found.items() if one is not True}
verdict(found["(N,1)"] is True and found["float"] is True and "NPZ" in looked.refusal, wrong)
