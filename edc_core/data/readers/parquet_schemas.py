"""The parquet files of a data set: its parts, their schemas compared, and what is said of the reading."""

from itertools import chain
from pathlib import Path
from typing import Any

from edc_core.data.address import BACKGROUNDS, Address
from edc_core.data.readers.parquet_columns import Columns, choose_columns, class_names, image_columns
from edc_core.data.readers.parquet_files import (
    Configuration,
    beside_parquet,
    choose_configuration,
    chosen_parts,
    configurations,
)
from edc_core.data.readers.parquet_images import readable
from edc_core.data.readers.parquet_labels import is_label
from edc_core.data.readers.parquet_source import Shards
from edc_core.data.readers.trees import tree_of
from edc_core.errors import DataError


def holds_images(found: list[Configuration]) -> bool:
    """Whether one of some configurations has a column of images; an unreadable file may have."""
    for one in found:
        try:
            if image_columns(_schema(one.files(one.of_kind("train"))[0])):
                return True
        except DataError:
            return True
    return False


def open_shards(folder: Path, address: Address | None = None) -> Shards:
    """Find a folder's parquet files and read their schema.

    Raises:
        DataError: files or columns are missing.
        SettingsError: the address names a part, configuration or column that is not there.
    """
    address, root = address or Address(str(folder)), tree_of(folder)
    found = configurations(root)
    if not found:
        raise DataError(f"{folder} holds no train*.parquet", "give a folder with train*.parquet and test*.parquet")
    with_images = [one for one in found if len(found) == 1 or holds_images([one])] or found
    one, readings = choose_configuration(root, with_images, address.config)
    names, tests = chosen_parts(root, one, address.split)
    train = one.files(names)
    columns = choose_columns(_schema(train[0]), train[0], address.image, address.label)
    best = tests[0]
    if len(tests) > 1:  # an unlabelled test part gives way to a labelled validation part
        best = next((part for part in tests if _is_labelled(one.files(part)[0], columns.label)), best)
    test = one.files(best)
    _check_alike(train, test, columns)
    readings += columns.readings
    other = [part for part in tests if part is not best]
    choice = f" ('?split={other[0][0]}' takes that)" if other else ""
    readings.append(f"training images are those of {', '.join(names)}, test images those of {', '.join(best)}{choice}")
    spare = chain.from_iterable(chain.from_iterable(each.parts.values()) for each in found)
    left = beside_parquet(root, (*train, *test), spare)
    paper = address.background or BACKGROUNDS[0]
    said = tuple(readings)
    chosen = columns.image, columns.label, columns.classes, address.size
    return Shards(train, test, *chosen, said, left, paper, columns.unusual)


def _schema(path: Path) -> Any:
    import pyarrow.parquet as parquet

    with readable(path):
        return parquet.read_schema(path)


def _check_alike(train: tuple[Path, ...], test: tuple[Path, ...], columns: Columns) -> None:
    """Refuse files whose columns or class names differ from the first one's."""
    first = train[0]
    schema = _schema(first)
    for path in (*train, *test):
        other = _schema(path)
        for column in (columns.image, columns.label):
            if column in other.names and other.field(column).type != schema.field(column).type:
                raise DataError(
                    f"column '{column}' of {path.name} has another type than {first.name}'s", "write it alike"
                )
            if column not in other.names:
                raise DataError(
                    f"{path.name} has no column '{column}', which {first.name} has", "write it with the same"
                )
        if (found := class_names(other).get(columns.label, ())) != columns.classes:
            raise DataError(
                f"{path.name} names its classes {', '.join(found) or 'not at all'}, but {first.name}"
                f" {', '.join(columns.classes) or 'not at all'}",
                "give all files the same names in the same order",
            )


def _is_labelled(path: Path, column: str) -> bool:
    """Whether a file tells the class of any image: where it is a secret (ImageNet-1k), the hub has -1 or nothing."""
    import pyarrow.parquet as parquet

    with readable(path):
        file = parquet.ParquetFile(path)
        if column not in file.schema_arrow.names:
            return False
        labels = file.read(columns=[column]).column(column).to_pylist()
    return any(map(is_label, labels))
