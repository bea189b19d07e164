"""The parquet files of a data set: encoded images and labels, row by row or a few rows only."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edc_core.errors import DataError


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What Arrow cannot read inside the block is said in one sentence that names the file."""
    import pyarrow as arrow

    try:
        yield
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path} is not readable parquet ({reason(error)}): download or write it again.") from None


@dataclass(frozen=True)
class Shards:
    """The parquet files of a data set and the columns to read."""

    train: tuple[Path, ...]
    test: tuple[Path, ...]
    image: str
    label: str
    classes: tuple[str, ...]

    def rows(self, split: str) -> Iterator[tuple[bytes | None, int | None, str]]:
        """Encoded image, label and a name for error messages, row by row."""
        import pyarrow.parquet as parquet

        for path in getattr(self, split):
            row = 0
            with readable(path):
                for batch in parquet.ParquetFile(path).iter_batches(2048, columns=[self.image, self.label]):
                    images, labels = batch.column(self.image), batch.column(self.label)
                    for image, label in zip(images, labels, strict=True):
                        encoded = image.as_py()
                        yield (encoded or {}).get("bytes"), label.as_py(), f"image {row} of {path.name}"
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


def reason(error: Exception) -> str:
    """An error's first line, short enough for a sentence."""
    return str(error).split("\n")[0].split(" <_io")[0][:120] or type(error).__name__
