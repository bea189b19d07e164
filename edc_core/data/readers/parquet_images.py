"""Encoded images in parquet files: all of them, or some spread over very large ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from edc_core.data.images.image_faults import reason
from edc_core.errors import DataError

SPOTS, ROWS = 16, 64  # of a spread, so many rows at so many places


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What Arrow cannot read inside the block is said in one sentence that names the file."""
    import pyarrow as arrow

    try:
        yield
    except (arrow.ArrowException, OSError) as error:
        raise DataError(f"{path} is not readable parquet ({reason(error)})", "download or write it again") from None


def every_image(files: Sequence[Path], column: str) -> Iterator[tuple[bytes | None, str]]:
    """Each encoded image with a name for error messages, in order."""
    import pyarrow.parquet as parquet

    for path in files:
        with readable(path):
            yield from _encoded(parquet.ParquetFile(path), path, column)


def spread_images(files: Sequence[Path], column: str) -> Iterator[tuple[bytes | None, str]]:
    """Some rows at places that are spread over the files; other row groups stay shut."""
    import pyarrow.parquet as parquet

    places = [(path, group) for path in files for group in range(_groups(path))]
    for number in sorted({len(places) * spot // SPOTS for spot in range(SPOTS)}):
        path, group = places[number]
        with readable(path):
            yield from islice(_encoded(parquet.ParquetFile(path), path, column, group), ROWS)


def _groups(path: Path) -> int:
    import pyarrow.parquet as parquet

    with readable(path):
        return parquet.ParquetFile(path).num_row_groups


def _encoded(file: Any, path: Path, column: str, group: int | None = None) -> Iterator[tuple[bytes | None, str]]:
    """A parquet file's encoded images; of one row group only, where it is given."""
    import pyarrow.compute as pc

    row = sum(file.metadata.row_group(before).num_rows for before in range(group or 0))
    groups = None if group is None else [group]
    for batch in file.iter_batches(ROWS, columns=[column], row_groups=groups):
        for encoded in pc.struct_field(batch.column(column), "bytes").to_pylist():
            yield encoded, f"image {row} of {path.name}"
            row += 1
