"""A folder of images in a folder for each class: `train/`, and `test/` or `val/`.

Tiny-ImageNet's own layout is read too (`val/images` and `val_annotations.txt`), and class folders without any
split: every fifth image of a class then is a test image. Classes are in alphabetical order, as torchvision has
them. Nothing but one class's file names is held in memory.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from edc_core.data.address import BACKGROUNDS, Address
from edc_core.data.census import Census, LeftOut, of_splits
from edc_core.data.class_naming import nfc
from edc_core.data.description import Description, counted, shown
from edc_core.data.images.decoding import fit_image
from edc_core.data.images.headers import read_header
from edc_core.data.images.survey import Survey, suitable_size
from edc_core.data.readers.annotated import refuse_detection
from edc_core.data.readers.class_folders import Split
from edc_core.data.readers.layouts import Layout, layout_of
from edc_core.data.readers.listed import folders_are_unsure, listed_layout
from edc_core.data.readers.parquet_labels import order_remark
from edc_core.data.readers.parquet_source import CONTENT_DIGEST_LIMIT
from edc_core.data.readers.trees import MAX_FILES_CHECKED, Node, tree_of
from edc_core.data.readers.unread import noted
from edc_core.errors import DataError

SAMPLE = 500  # images whose headers decide about size and channels


@dataclass(frozen=True)
class Folder:
    """Images by class, brought to one size and kind as they are decoded."""

    root: Path
    classes: tuple[str, ...]
    splits: dict[str, Split]
    wanted: int | None = None  # pixels a side; None: what suits the images
    readings: tuple[str, ...] = ()  # how the layout was read
    left_out: tuple[LeftOut, ...] = ()
    paper: str = BACKGROUNDS[0]  # what transparent images are laid on
    doubts: tuple[str, ...] = ()

    def _by_class(self, split: str) -> Iterator[tuple[int, list[str]]]:
        for number, name in enumerate(self.classes):
            yield number, self.splits[split].files(name)

    @cached_property
    def _counts(self) -> dict[str, list[int]]:
        return {split: [len(files) for _, files in self._by_class(split)] for split in self.splits}

    def labels(self, split: str) -> list[int]:
        """Class numbers, in order."""
        return np.repeat(np.arange(len(self.classes)), self._counts[split]).tolist()

    def rows(self, split: str) -> Iterator[tuple[Path, int, str]]:
        """File, label and a name for error messages."""
        for number, files in self._by_class(split):
            for path in files:
                yield Path(path), number, self._named(path)

    def take(self, split: str, rows: Sequence[int]) -> list[tuple[Path, str]]:
        """File and name of some rows, in ascending order; other classes' folders stay shut."""
        starts = np.concatenate([[0], np.cumsum(self._counts[split])])
        rows = np.asarray(rows, np.int64)
        owners = np.searchsorted(starts, rows, "right") - 1
        found = []
        for number in np.unique(owners):
            files = self.splits[split].files(self.classes[number])
            found += [files[row - starts[number]] for row in rows[owners == number]]
        return [(Path(path), self._named(path)) for path in found]

    def decode(self, image: Path, where: str, about: Description) -> np.ndarray:
        """(C, H, W) uint8 pixels of one image."""
        return fit_image(image, where, about.size, about.channels, self._survey.reading)

    def describe(self, name: str) -> Description:
        """What the data set is, from its folders and some hundred headers.

        Raises:
            DataError: a class is empty, or no image can be read.
        """
        train = counted(self.labels("train"), self.classes, str(self.root))
        for label, count in zip(self.classes, self._counts["test"], strict=True):
            if count == 0:
                doubt = f" ({self.doubts[0]})" if self.doubts else ""
                raise DataError(
                    f"class '{label}' has no test image in {self.root}{doubt}", "add some, students are scored on them"
                )
        size, channels = self._size_and_channels()
        try:
            digest = self._digest(size, channels)
        except OSError as error:
            raise DataError(
                f"{self._named(error.filename)} cannot be read ({error.strerror})", "add it, or remove its entry"
            ) from None
        return Description(
            name=name,
            digest=digest,
            classes=self.classes,
            size=size,
            channels=channels,
            train_counts=train,
            test_count=(test := sum(self._counts["test"])),
            census=Census(of_splits(len(self.classes), sum(train), test), self.readings, self.left_out, self.doubts)
            + self._survey.census(size, self._named),
        )

    def _named(self, path: str) -> str:
        return f"'{shown(path.removeprefix(str(self.root)).lstrip('/'))}'"

    @cached_property
    def sizes(self) -> Counter:
        """How many images there are of each (width, height), in a sample of every class.

        Raises:
            DataError: no image can be read.
        """
        return self._sampled[0]

    def _size_and_channels(self) -> tuple[int, int]:
        """The side that suits most images, and whether all are grey; of a sample from every class."""
        return self.wanted or suitable_size(self.sizes), self._survey.channels

    @property
    def is_plain(self) -> bool:
        """See `Survey.is_plain`."""
        return self._survey.is_plain

    @cached_property
    def _survey(self) -> Survey:
        """All headers where there are not too many files to look at each, else a sample of every class."""
        survey = Survey(grey=self._sampled[1], paper=self.paper)
        for path in self._paths(whole=sum(map(sum, self._counts.values())) <= MAX_FILES_CHECKED):
            survey.add(path, path)
        return survey

    def _paths(self, whole: bool) -> Iterator[str]:
        for split in self.splits:
            for _, files in self._by_class(split):
                yield from files if whole else self._some(files)

    def _some(self, files: list[str]) -> list[str]:
        """A few of a class's files, spread over all."""
        each = max(1, SAMPLE // len(self.classes))
        return files[:: max(1, len(files) // each)][:each]

    @cached_property
    def _sampled(self) -> tuple[Counter, bool]:
        """Sizes of a sample, and whether all of it is grey."""
        sizes, greys, fault = Counter(), [], None
        for _, files in self._by_class("train"):
            for path in self._some(files):
                try:
                    header = read_header(path, self._named(path))
                except DataError as error:  # named when it is decoded; the others decide
                    fault = error
                    continue
                sizes[header.width, header.height] += 1
                greys.append(header.grey)
        if not sizes:
            raise fault or DataError(f"{self.root} holds no image", "add some")
        return sizes, all(greys)

    def _digest(self, size: int, channels: int) -> str:
        """By content where the set is small, else by path, size and time; and by what images are brought to."""
        total = hashlib.sha256(json.dumps([self._as_stored(), size, channels]).encode())
        if (bits := self._survey.reading.bits) < 16:  # 16 is the rule, whose results keep their keys
            total.update(f"{bits} bits".encode())
        if self.paper != BACKGROUNDS[0]:
            total.update(f"on {self.paper}".encode())
        by_content = (
            sum(map(sum, self._counts.values())) <= MAX_FILES_CHECKED and self._weight() <= CONTENT_DIGEST_LIMIT
        )
        for split in self.splits:
            for number, files in self._by_class(split):
                total.update(f"{split} {number} {len(files)}".encode())
                for path in files:
                    total.update(_content(path) if by_content else _stamp(path))
        return total.hexdigest()[:32]

    def _as_stored(self) -> list[str]:
        """The classes' names as their folders have them, in whichever Unicode form."""
        found = list(self.classes)
        if all(name.isascii() for name in found):
            return found
        for number, files in self._by_class("train"):
            if not (name := self.classes[number]).isascii() and files:
                found[number] = next((part for part in reversed(files[0].split("/")) if nfc(part) == name), name)
        return found

    def _weight(self) -> int:
        return sum(
            os.stat(path).st_size for split in self.splits for _, files in self._by_class(split) for path in files
        )


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:
        total = hashlib.sha256()
        while block := file.read(2**20):
            total.update(block)
        return total.digest()


def _stamp(path: str) -> bytes:
    stat = os.stat(path)
    return json.dumps([path, stat.st_size, stat.st_mtime_ns]).encode()


def _layout(tree: Node, address: Address) -> Layout:
    """How a tree is read: by its folders, or by lists of labels where folders hardly are classes, or as chosen."""
    if address.label is not None and tree.total and (listed := listed_layout(tree, address)):
        return listed
    layout, fault = None, None
    try:
        layout = layout_of(tree, address)
    except DataError as error:
        fault = error
    if tree.total and (layout is None or folders_are_unsure(layout)) and (listed := listed_layout(tree, address)):
        return listed
    if layout is None or folders_are_unsure(layout):
        refuse_detection(tree, layout.classes if layout else ())
    if layout is None:
        raise fault or DataError(f"{tree.path} cannot be read", "give a folder for each class")
    return layout


def open_folder(root: Path, address: Address) -> Folder:
    """The images of a folder.

    Raises:
        DataError: its folders are no data set, or classes differ between train and test.
        SettingsError: the list of classes is unknown.
    """
    try:
        layout = _layout(tree_of(root), address)
    except OSError as error:
        raise DataError(f"'{error.filename}' cannot be read ({error.strerror})", "give a readable folder") from None
    said = (*layout.readings, *filter(None, [order_remark(layout.classes)]))
    left, paper = (*layout.left_out, *noted(root)), address.background or BACKGROUNDS[0]
    return Folder(root, layout.classes, layout.splits, address.size, said, left, paper, layout.doubts)
