"""Files that cannot be read, pixels that are odd, classes of uneven size, and images on both sides of the split."""

import numpy as np

from edc_core.data import Dataset, Description
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding, listed_names
from edc_core.doctor.similarity import hash_pixels
from edc_core.errors import DataError
from edc_core.events import EventHandler, Progress, no_op
from edc_core.wording.grammar import plural

UNEVEN = 3  # times as many images in the largest class as in the smallest
FAINT = 0.02  # a channel's standard deviation, in [0, 1] units, below which images are nearly blank
SAMPLE = 500  # images


def unreadable(name: str, about: Description, observe: EventHandler = no_op) -> tuple[Finding, ...]:
    """All images that cannot be decoded, not the first alone."""
    source, faults, looked = open_source(name), [], 0
    total = sum(about.train_counts) + about.test_count
    for split in ("train", "test"):
        for image, _, where in source.rows(split):
            try:
                source.decode(image, where, about)
            except DataError as error:
                faults.append(error)
            looked += 1
            observe(Progress(looked, total, "image"))
    if not faults:
        return ()
    message = f"{len(faults)} of {total} images cannot be read; the first: {faults[0].problem}."
    return (Finding("files", "fatal", message, "replace or remove each of them.", tuple(map(str, faults[:MAX_SHOWN]))),)


def check_balance(about: Description) -> tuple[Finding, ...]:
    """Whether classes have alike many training images, and enough."""
    names, counts = about.classes, about.train_counts  # by number: two classes may have one name
    if lone := [name for name, count in zip(names, counts, strict=True) if count < 2]:
        message = f"{listed_names(lone)} {'has' if len(lone) == 1 else 'have'} one training image, and one is held out."
        return (Finding("balance", "fatal", message, "give every class at least two training images."),)
    least, most = counts.index(min(counts)), counts.index(max(counts))
    message = f"'{names[least]}' has {counts[least]} training images and '{names[most]}' {counts[most]}"
    if counts[most] >= UNEVEN * counts[least]:
        cure = f"--set data.train_per_class={counts[least]} takes equally many of each, or add images of"
        return (Finding("balance", "warning", f"classes are uneven: {message}.", f"{cure} '{names[least]}'."),)
    if counts[most] == counts[least]:
        message = f"every class has {counts[least]} training images"
    return (Finding("balance", "note", f"{message}; {about.test_count} images are for testing."),)


def check_pixels(dataset: Dataset) -> tuple[Finding, ...]:
    """What images are normalised by, and whether that is what images look like."""
    mean, std = dataset.normalisation
    told = " / ".join(", ".join(f"{value:.3f}" for value in values) for values in (mean, std))
    found = [Finding("normalisation", "note", f"images are normalised by mean / standard deviation {told}.")]
    part = dataset.part("train")
    seen = part.take(np.linspace(0, len(part) - 1, min(SAMPLE, len(part))).astype(int))
    if min(std) < FAINT:
        cure = "save the images again with values from 0 to 255." if seen.max() <= 1 else "look at a few of them."
        message = f"images are nearly blank: a channel's standard deviation is {min(std):.4f}, values reach"
        found.append(Finding("normalisation", "warning", f"{message} {seen.max()} of 255.", cure))
    if seen.shape[1] == 3 and (seen == seen[:, :1]).all():
        message = "images are grey, but stored in three equal channels: networks compute three times the first layer."
        found.append(Finding("normalisation", "note", message, "convert them to grey to save time."))
    return tuple(found)


def check_duplicates(name: str, dataset: Dataset) -> tuple[Finding, ...]:
    """Test images that are training images too, and training images under two classes, pixel by pixel."""
    train, test = dataset.part("train"), dataset.part("test")
    of_train, of_test = hash_pixels(train.pixels), hash_pixels(test.pixels)
    shared = np.flatnonzero(np.isin(of_test, of_train))
    found = []
    if len(shared):
        message = f"{len(shared)} of {len(of_test)} test images are training images too, pixel by pixel."
        cure = "remove them from one side: accuracy on them is remembered, not learned."
        examples = tuple(where for _, where in open_source(name).take("test", shared[:MAX_SHOWN].tolist()))
        found.append(Finding("duplicates", "warning", message, cure, examples))
    if len(double := _under_two_classes(of_train, train.all_labels)):
        message = (
            f"{len(double)} training {plural(len(double), 'image is', 'images are')} in two classes, pixel by pixel."
        )
        examples = tuple(where for _, where in open_source(name).take("train", np.sort(double[:MAX_SHOWN]).tolist()))
        found.append(Finding("duplicates", "warning", message, "keep each image under its right class.", examples))
    return tuple(found) or (Finding("duplicates", "note", "no test image is a training image, pixel by pixel."),)


def _under_two_classes(hashed: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Rows of images whose twin has another label; one row for each such image."""
    order = np.lexsort((labels, hashed))
    same = hashed[order][1:] == hashed[order][:-1]
    return order[1:][same & (labels[order][1:] != labels[order][:-1])]
