"""Somebody else's condensed set, read and checked: a folder or ZIP of images, or an NPZ; with labels, if apart.

Nothing is resized, and nothing is guessed: what does not fit the data set is refused with the cure.
"""

import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from edc_core.data.arrays import LABELS, as_pixels, check_weight, choose, images_of, read_array
from edc_core.data.condensed_images import decode_members, image_members
from edc_core.data.condensed_parts import check_parts
from edc_core.data.description import Description
from edc_core.data.members import MAX_BYTES, Member, Source, list_members
from edc_core.data.naming import class_number, class_of_path
from edc_core.errors import DataError, SettingsError


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
    members = list_members(source, most)
    arrays = [member for member in members if member.name.lower().endswith(".npy")]
    files = image_members(members)
    check_parts([member.name for member in files], about.classes)
    if ipc is not None and ipc < 1:
        raise SettingsError(f"ipc is {ipc}: give a whole number from 1 on.")
    named = read_labels(labels) if labels is not None else None
    if files:
        return _from_images(files, about, named, normalisation, most).in_order(ipc)
    if arrays:
        return _from_arrays(arrays, about, named, normalisation, most).in_order(ipc)
    raise DataError(
        "the set holds no image (such as .png, .jpg or .tif) and no array",
        "give a folder or ZIP of images, or an NPZ with the arrays images and labels",
    )


def _from_arrays(
    arrays: list[Member], about: Description, named: list | dict | None, normalisation: str | None, most: int
) -> ImportedSet:
    images, clipped = as_pixels(images_of(arrays), about, normalisation, most)
    if named is None:
        if (member := choose(arrays, LABELS, "labels")) is None:
            raise DataError(
                "the NPZ has no array 'labels'", "add one with each image's class, or give labels in a file"
            )
        named = _plain_labels(read_array(member), member.name)
    return ImportedSet(images, _numbers(named, [f"image {row}" for row in range(len(images))], about), clipped)


def _from_images(
    files: list[Member], about: Description, named: list | dict | None, normalisation: str | None, most: int
) -> ImportedSet:
    if normalisation is not None:
        raise DataError("images in files are pixels already", f"leave normalisation '{normalisation}' away")
    check_weight(len(files) * about.channels * about.size**2, most)
    names = [member.name for member in files]
    if named is None:
        labels = np.array([class_of_path(name, about.classes) for name in names], np.int64)
    else:
        labels = _numbers(named, names, about)
    images, remarks = decode_members(files, about)
    return ImportedSet(images, labels, remarks=remarks)


def read_labels(source: Source) -> list | dict:
    """Labels from a file: a list in the images' order, or a mapping of file names.

    Raises:
        DataError: it is none of JSON, CSV, NPZ and NPY.
    """
    try:
        content = (
            source if isinstance(source, bytes) else source.read_bytes() if isinstance(source, Path) else source.read()
        )
    except OSError as error:
        raise DataError(f"the labels '{source}' cannot be read ({error.strerror})", "give a JSON, CSV or NPZ") from None
    if content.startswith(b"PK"):
        arrays = [member for member in list_members(content) if member.name.endswith(".npy")]
        member = choose(arrays, LABELS, "labels") or (arrays[0] if len(arrays) == 1 else None)
        if member is None:
            raise DataError("the labels' NPZ has no array 'labels'", "save it as labels=...")
        return _plain_labels(read_array(member), member.name)
    if content.startswith(b"\x93NUMPY"):
        return _plain_labels(read_array(Member("labels", len(content), lambda: content)), "labels")
    try:
        text = content.decode("utf-8-sig")
        return _from_json(text) if text.lstrip()[:1] in ("[", "{") else _from_csv(text)
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"the labels are no JSON, CSV, NPZ or NPY ({str(error)[:100]})", "save them as one") from None


def _from_json(text: str) -> list | dict:
    found = json.loads(text)
    return found.get("labels", found) if isinstance(found, dict) else found


def _from_csv(text: str) -> list | dict:
    """One column of labels, or two of file and label; a first line of column names is left out."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if any(row)]
    if rows and rows[0][-1].lower() in ("label", "labels", "class", "target"):
        rows = rows[1:]
    if all(len(row) == 1 for row in rows):
        return [row[0] for row in rows]
    if all(len(row) == 2 for row in rows):
        return dict(rows)
    raise DataError("the labels' CSV has neither one column (label) nor two (file,label)", "write it so")


def _plain_labels(labels: np.ndarray, name: str) -> list:
    if labels.ndim != 1 or labels.dtype.kind not in "iuU":
        raise DataError(
            f"array '{name}' has the shape {labels.shape} and type {labels.dtype}",
            "give one class number or name for each image; soft labels are made anew by the protocol's own committee",
        )
    return labels.tolist()


def _numbers(named: list | dict, names: list[str], about: Description) -> np.ndarray:
    """(N,) class numbers of the images called so."""
    if isinstance(named, dict):
        by_file = {PurePosixPath(name).name: value for name, value in named.items()} | named
        named = [by_file.get(name, by_file.get(PurePosixPath(name).name)) for name in names]
        if None in named:
            raise DataError(f"the labels name no class for '{names[named.index(None)][:200]}'", "add it")
    if not isinstance(named, list) or len(named) != len(names):
        count = len(named) if isinstance(named, list) else "no"
        raise DataError(f"there are {len(names)} images and {count} labels", "give one for each")
    return np.array([class_number(value, about.classes, where) for value, where in zip(named, names, strict=True)])
