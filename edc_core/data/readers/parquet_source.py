"""The parquet files of a data set: encoded images and labels, row by row or a few rows only."""

import hashlib
import json
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.data.address import BACKGROUNDS
from edc_core.data.census import Census, LeftOut, of_splits
from edc_core.data.description import Description, counted, shown
from edc_core.data.images.decoding import eight_bits, fit_image, planes
from edc_core.data.images.headers import Header, read_header
from edc_core.data.images.survey import Survey, suitable_size
from edc_core.data.readers.parquet_images import every_image, readable, spread_images
from edc_core.data.readers.parquet_labels import Labelling, labelling_of
from edc_core.data.readers.shard_names import missing_shards
from edc_core.errors import DataError

CONTENT_DIGEST_LIMIT = 256 * 2**20  # bytes; larger sets are digested by path, size and time


@dataclass(frozen=True)
class Shards:
    """The parquet files of a data set and the columns to read."""

    train: tuple[Path, ...]
    test: tuple[Path, ...]
    image: str
    label: str
    classes: tuple[str, ...]
    size: int | None = None  # pixels a side that every image is brought to; None: as they are, all alike
    readings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    paper: str = BACKGROUNDS[0]  # what transparent images are laid on
    unusual: tuple[str, ...] = ()  # choices of columns, which tell the set's digest from the usual reading's

    def rows(self, split: str) -> Iterator[tuple[bytes | None, int | None, str]]:
        """Encoded image, label and a name for error messages, row by row."""
        import pyarrow.compute as pc
        import pyarrow.parquet as parquet

        for path in getattr(self, split):
            row = 0
            with readable(path):
                for batch in parquet.ParquetFile(path).iter_batches(256, columns=[self.image, self.label]):
                    images = pc.struct_field(batch.column(self.image), "bytes").to_pylist()
                    for image, label in zip(images, batch.column(self.label).to_pylist(), strict=True):
                        yield image, self._labelling.number(label), f"image {row} of {path.name}"
                        row += 1

    def take(self, split: str, rows: Sequence[int]) -> list[tuple[bytes | None, str]]:
        """Encoded image and a name for error messages of some rows, in ascending order; other row groups stay shut."""
        import pyarrow.parquet as parquet

        found: list[tuple[bytes | None, str]] = []
        wanted, start = deque(rows), 0
        for path in getattr(self, split):
            with readable(path):
                file, first = parquet.ParquetFile(path), start
                for group in range(file.num_row_groups):
                    end = start + file.metadata.row_group(group).num_rows
                    if wanted and wanted[0] < end:
                        images = file.read_row_group(group, columns=[self.image]).column(0)
                        while wanted and wanted[0] < end:
                            row = wanted.popleft()
                            encoded = images[row - start].as_py() or {}
                            found.append((encoded.get("bytes"), f"image {row - first} of {path.name}"))
                    start = end
        return found

    def labels(self, split: str) -> list[int | None]:
        """Class numbers, in order; what names no class stands there as it is, and is refused by `describe`."""
        return [self._labelling.number(label) for label in self._stored_labels(split)]

    @cached_property
    def _labelling(self) -> Labelling:
        if self.classes and self._is_whole:  # then they are the class numbers
            return Labelling(self.classes)
        return labelling_of(self._stored_labels("train"), self.classes, self.label, self.train[0].name)

    @property
    def _is_whole(self) -> bool:
        import pyarrow.parquet as parquet
        import pyarrow.types as types

        with readable(self.train[0]):
            return types.is_integer(parquet.read_schema(self.train[0]).field(self.label).type)

    def _stored_labels(self, split: str) -> list[Any]:
        import pyarrow.parquet as parquet

        found: list[Any] = []
        for path in getattr(self, split):
            with readable(path):
                found += parquet.read_table(path, columns=[self.label]).column(self.label).to_pylist()
        return found

    def decode(self, image: bytes | None, where: str, about: Description) -> np.ndarray:
        """(C, H, W) uint8 pixels of one image."""
        if self._side is None:
            return fit_image(image, where, about.size, about.channels, self._survey.reading)
        decoded = eight_bits(image, where, about.channels, self._survey.reading)
        check_size(decoded.size, where, self._side)
        return planes(decoded)

    def describe(self, name: str) -> Description:
        """What the data set is, from its labels and first image.

        Raises:
            DataError: it cannot be read as it is.
        """
        folder = self.train[0].parent
        labels = {split: self.labels(split) for split in ("train", "test")}
        classes = self._labelling.classes
        for split, values in labels.items():
            _check_labels(values, len(classes), split, self.label, folder)
        size = self._side or self._fitted
        return Description(
            name=name,
            digest=self._digest(),
            classes=classes,
            size=size,
            channels=self._survey.channels,
            train_counts=counted(labels["train"], classes, str(folder)),
            test_count=len(labels["test"]),
            census=Census(
                of_splits(len(classes), len(labels["train"]), len(labels["test"])),
                (*self.readings, *self._labelling.readings),
                self.left_out,
                missing_shards((*self.train, *self.test)),
            )
            + self._survey.census(size),
        )

    def _digest(self) -> str:
        """By the files, and by what their images are brought to and read as where that is not the rule."""
        plain = digest_of((*self.train, *self.test), self._fitted, len(self.test))
        survey = self._survey
        others = {
            "colour": self._first.grey and not survey.grey,
            f"on {self.paper}": self.paper != BACKGROUNDS[0] or (self._side is not None and survey.transparent),
            f"{survey.reading.bits} bits": survey.reading.bits < 16,
        }
        told = [*(name for name, differs in others.items() if differs), *self.unusual]
        return hashlib.sha256(json.dumps([plain, told]).encode()).hexdigest()[:32] if told else plain

    @cached_property
    def _first(self) -> Header:
        """The header of the first image.

        Raises:
            DataError: it cannot be read.
        """
        encoded, where = next(every_image(self.train, self.image))
        if encoded is None:
            refuse_paths(self.train[0], self.image)
        return read_header(encoded or b"", where)

    @property
    def is_plain(self) -> bool:
        """See `Survey.is_plain`."""
        return self._survey.is_plain

    @cached_property
    def _survey(self) -> Survey:
        """All headers where the files are small enough to be read whole, else some spread over them."""
        survey = Survey(grey=self._first.grey, watch_alpha=self.size is None, paper=self.paper)
        whole = sum(path.stat().st_size for path in (*self.train, *self.test)) <= CONTENT_DIGEST_LIMIT
        for split in ("train", "test"):
            for encoded, where in (every_image if whole else spread_images)(getattr(self, split), self.image):
                survey.add(encoded, where)
        return survey

    @cached_property
    def _side(self) -> int | None:
        """Pixels a side that all images have, and keep; None: they are brought to one size."""
        sizes = self._survey.seen.sizes
        if self.size is not None or len(sizes) != 1:
            return None
        width, height = next(iter(sizes))
        return width if width == height else None

    @property
    def _fitted(self) -> int | None:
        """Pixels a side that images are brought to; None: they keep theirs."""
        if self._side is not None:
            return None
        return self.size or suitable_size(self._survey.seen.sizes)


def refuse_paths(path: Path, column: str) -> None:
    """Refuse a file whose first image is a path without the image's bytes.

    Raises:
        DataError: naming that path.
    """
    import pyarrow.parquet as parquet

    with readable(path):
        batch = next(parquet.ParquetFile(path).iter_batches(1, columns=[column]))
    if place := (batch.column(column)[0].as_py() or {}).get("path"):
        raise DataError(
            f"column '{column}' of {path.name} holds paths ('{shown(str(place)[:100])}') and not the images themselves",
            "write the parquet with each image's bytes, or give the folder of the images",
        )


def check_size(found: tuple[int, int], where: str, side: int) -> None:
    """Refuse an image of another size than the ones that were looked at.

    Raises:
        DataError: naming both sizes.
    """
    if found != (side, side):
        raise DataError(
            f"{where} is {found[0]} x {found[1]} px, but the images that were looked at are {side} x {side}",
            f"resize all images to one size, or add '?size={side}' to the path",
        )


def _check_labels(labels: list[int | None], classes: int, split: str, column: str, folder: Path) -> None:
    if not labels:
        raise DataError(f"the {split} split of {folder} is empty", "add rows")
    for row, label in enumerate(labels):
        if isinstance(label, bool) or not isinstance(label, int) or not 0 <= label < classes:
            raise DataError(
                f"label {label!r} in row {row} of the {split} split's column '{column}' is not one of 0 to"
                f" {classes - 1}",
                "give every image its class",
            )


def digest_of(paths: tuple[Path, ...], size: int | None = None, tested: int = 1) -> str:
    """The identity of a few files, of the size that their images are brought to, and of how many last ones test."""
    by_content = sum(path.stat().st_size for path in paths) <= CONTENT_DIGEST_LIMIT
    total = hashlib.sha256()
    for path in paths:
        if by_content:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        else:
            stat = path.stat()
            total.update(json.dumps([str(path), stat.st_size, stat.st_mtime_ns]).encode())
    if size is not None:
        total.update(f"size {size}".encode())
    if tested > 1:  # one is the rule, whose results keep their keys
        total.update(f"test {tested}".encode())
    return total.hexdigest()[:32]
