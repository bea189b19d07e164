"""Somebody else's condensed set, read and checked: a folder or ZIP of images, or an NPZ; with labels, if apart.

Nothing is resized, and nothing is guessed: what does not fit the data set is refused with the cure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edc_core.data.description import Description, shown
from edc_core.data.external_sets.arrays import as_pixels, check_weight, images_and_labels, read_array
from edc_core.data.external_sets.condensed_images import decode_members, image_members
from edc_core.data.external_sets.condensed_parts import check_parts
from edc_core.data.external_sets.foreign_files import HEAD, refuse_foreign
from edc_core.data.external_sets.label_columns import labels_of
from edc_core.data.external_sets.label_lists import Table, read_table
from edc_core.data.external_sets.label_values import classes_of_paths, hard_labels
from edc_core.data.external_sets.members import MAX_BYTES, Member, Source, list_members
from edc_core.errors import DataError, SettingsError

FOREIGN_BYTES = 2**28  # of a file that is looked at for what it is


@dataclass(frozen=True)
class ImportedSet:
    """Images as they will be judged: `images` (N, C, H, W) uint8, `labels` (N,) int64, in the engine's own order."""

    images: np.ndarray
    labels: np.ndarray
    clipped: float = 0.0  # share of values outside the range of pixels, cut to it
    remarks: tuple[str, ...] = ()  # what was read as what, a sentence each

    def in_order(self, ipc: int | None = None) -> "ImportedSet":
        """One image of every class before the second of any, as the engine's own sets are; at most `ipc` of each."""
        places = np.zeros(len(self.labels), np.int64)
        for label in np.unique(self.labels):
            rows = self.labels == label
            places[rows] = np.arange(rows.sum())
        order = np.lexsort((self.labels, places))
        order = order[places[order] < (ipc or len(order))]
        return ImportedSet(self.images[order], self.labels[order], self.clipped, self.remarks)


def read_set(
    source: Source,
    about: Description,
    labels: Source | None = None,
    normalisation: str | None = None,
    ipc: int | None = None,
    most: int = MAX_BYTES,
) -> ImportedSet:
    """Read a set and check it against the data set it was made from.

    `source` is a folder, or a ZIP or NPZ as a path, bytes or an open file; `labels` a JSON, CSV, NPZ or NPY of class
    names or numbers, in the order of the images (files: sorted by name), or by file name. `ipc` takes only the first
    so many images of each class. `most` bounds the set's bytes, unpacked and as pixels.

    Raises:
        DataError: it cannot be read, is too large, or does not fit the data set.
        SettingsError: `normalisation` is missing where numbers need it, or wrong.
    """
    members = list_members(source, most, about.classes)
    arrays = [member for member in members if member.name.lower().endswith(".npy")]
    files, said = image_members(members, about.classes)
    check_parts([member.name for member in files], about.classes)
    if ipc is not None and ipc < 1:
        raise SettingsError(f"ipc is {ipc}: give a whole number from 1 on.")
    named = read_table(labels, about.classes) if labels is not None else None
    if files:
        found = _from_images(files, about, named, normalisation, most)
        return replace(found, remarks=(*said, *found.remarks)).in_order(ipc)
    if arrays:
        return _from_arrays(arrays, about, named, normalisation, most).in_order(ipc)
    _refuse_foreign(members)
    raise DataError(
        "the set holds no image (such as .png, .jpg or .tif) and no array",
        "give a folder or ZIP of images, or an NPZ with the arrays images and labels",
    )


def _from_arrays(
    arrays: list[Member], about: Description, named: Table | None, normalisation: str | None, most: int
) -> ImportedSet:
    images, labels, said = images_and_labels(arrays)
    pixels, clipped = as_pixels(read_array(images), about, normalisation, most)
    if named is None:
        if labels is None:
            raise DataError(
                "the NPZ has no array 'labels'", "add one with each image's class, or give labels in a file"
            )
        named = Table((hard_labels(read_array(labels), labels.name),))
    names = [f"image {row}" for row in range(len(pixels))]
    found = labels_of(named, names, about.classes, files=False)
    return ImportedSet(pixels, found.numbers, clipped, (*said, *found.readings))


def _from_images(
    files: list[Member], about: Description, named: Table | None, normalisation: str | None, most: int
) -> ImportedSet:
    if normalisation is not None:
        raise DataError("images in files are pixels already", f"leave normalisation '{normalisation}' away")
    check_weight(len(files) * about.channels * about.size**2, most)
    names = [member.name for member in files]
    if named is None:
        numbers, said = classes_of_paths(names, about.classes)
        order = np.arange(len(names))
    else:
        found = labels_of(named, names, about.classes, files=True)
        numbers, order, said = found.numbers, found.order, found.readings
        said += _folders_differ([names[row] for row in order], numbers, about.classes)
    images, remarks = decode_members([files[row] for row in order], about)
    return ImportedSet(images, numbers, remarks=(*said, *remarks))


def _folders_differ(names: list[str], numbers: np.ndarray, classes: Sequence[str]) -> tuple[str, ...]:
    """Said where images lie in folders of other classes than a list gives them."""
    try:
        by_path, _ = classes_of_paths(names, classes)
    except DataError:  # paths tell nothing
        return ()
    other = np.flatnonzero(by_path != numbers)
    if not len(other):
        return ()
    first = int(other[0])
    return (
        f"the list gives {len(other)} of {len(names)} images another class than their folder's or file's name, such as"
        f" '{classes[numbers[first]]}' to '{shown(names[first][:200])}': the list is read",
    )


def _refuse_foreign(members: list[Member]) -> None:
    """Refuse a set without images, by the first of its files that is of another program; torch's first.

    Raises:
        DataError: naming that file.
    """
    for member in sorted(members, key=lambda one: (not one.name.lower().endswith((".pt", ".pth")), one.name))[:100]:
        if member.size < FOREIGN_BYTES:
            content = member.read()
            refuse_foreign(content[:HEAD], f"'{shown(member.name[:200])}'", content, member.name)
