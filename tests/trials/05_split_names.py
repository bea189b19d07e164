"""5, a layout is guessed from a few exact names: Training/ and Testing/ and other splits are not two classes."""

from helpers.command_line import T, doctor, verdict
from helpers.images import picture

PAIRS = [("Training", "Testing"), ("Train", "Test"), ("TRAIN", "VAL"), ("seg_train", "seg_test")]
PAIRS += [("train_images", "test_images"), ("images", "annotations"), ("fold1", "fold2"), ("training", "test")]
PAIRS += [("training", "validation")]
NAMES = ("glioma", "notumor", "pituitary")
wrong, found = [], []
for pair in PAIRS:
    root = T / "kaggle" / "-".join(pair)
    for number, split in enumerate(pair):
        for label, name in enumerate(NAMES):
            for index in range(6):
                picture(root / split / name / f"{index}.png", seed=1000 * number + 10 * label + index)
    classes = doctor(root).classes
    found.append(f"{'/'.join(pair)}: {classes}")
    if isinstance(classes, tuple) and classes != NAMES:
        wrong.append("/".join(pair))
verdict(not wrong, f"taken for classes: {wrong}" if wrong else "; ".join(found))
