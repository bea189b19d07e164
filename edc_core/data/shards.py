"""The parquet files of a data set: encoded images and labels, row by row or a few rows only."""

import hashlib
import io
import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from edc_core.data.census import Census, of_splits
from edc_core.data.decoding import GREY_MODES, UNREADABLE, check_depth, damaged, decode_image, fit_image, header, reason
from edc_core.data.description import Description, counted
from edc_core.errors import DataError

CONTENT_DIGEST_LIMIT = 256 * 2**20  # bytes; larger sets are digested by path, size and time


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What Arrow cannot read inside the block is said in one sentence that names the file."""
    import pyarrow as arrow

    try:
        yield
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path} is not readable parquet ({reason(error)})", "download or write it again") from None


@dataclass(frozen=True)
class Shards:
    """The parquet files of a data set and the columns to read."""

    train: tuple[Path, ...]
    test: tuple[Path, ...]
    image: str
    label: str
    classes: tuple[str, ...]
    size: int | None = None  # pixels a side that every image is brought to; None: as they are, all alike

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
                        yield image, label, f"image {row} of {path.name}"
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
        import pyarrow.parquet as parquet

        found: list[int | None] = []
        for path in getattr(self, split):
            with readable(path):
                found += parquet.read_table(path, columns=[self.label]).column(self.label).to_pylist()
        return found

    def decode(self, image: bytes | None, where: str, about: Description) -> np.ndarray:
        """(C, H, W) uint8 pixels of one image."""
        if self.size is None:
            return decode_image(image, where, about)
        return fit_image(image, where, about.size, about.channels)

    def describe(self, name: str) -> Description:
        """What the data set is, from its labels and first image.

        Raises:
            DataError: it cannot be read as it is.
        """
        folder = self.train[0].parent
        labels = {split: self.labels(split) for split in ("train", "test")}
        # Without names, classes are numbered; more of them than images are no classes (an empty one is named below).
        highest = min(max(filter(_is_number, labels["train"]), default=-1), len(labels["train"]))
        classes = self.classes or tuple(str(index) for index in range(1 + highest))
        for split, values in labels.items():
            _check_labels(values, len(classes), split, self.label, folder)
        size, channels = self._first_image()
        return Description(
            name=name,
            digest=digest_of((*self.train, *self.test), self.size, len(self.test)),
            classes=classes,
            size=size,
            channels=channels,
            train_counts=counted(labels["train"], classes, str(folder)),
            test_count=len(labels["test"]),
            census=Census(of_splits(len(classes), len(labels["train"]), len(labels["test"]))),
        )

    def _first_image(self) -> tuple[int, int]:
        """The side in pixels and the channels that all images are taken to have."""
        encoded, _, where = next(self.rows("train"))
        if self.size is not None:
            return self.size, 1 if header(encoded or b"", where)[1] else 3
        try:
            with Image.open(io.BytesIO(encoded or b"")) as image:
                check_depth(image.mode, where)
                width, height, channels = *image.size, 1 if image.mode in GREY_MODES else 3
        except UNREADABLE as error:
            raise damaged(where, error) from None
        if width != height:
            raise DataError(
                f"{where} is {width} x {height} px",
                f"images must be square, so crop or pad them, or add '?size={min(width, height)}' to the path",
            )
        return width, channels


def _is_number(label: int | None) -> bool:
    return isinstance(label, int)


def _check_labels(labels: list[int | None], classes: int, split: str, column: str, folder: Path) -> None:
    if not labels:
        raise DataError(f"the {split} split of {folder} is empty", "add rows")
    for row, label in enumerate(labels):
        if not isinstance(label, int) or not 0 <= label < classes:
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
