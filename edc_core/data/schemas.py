"""The parquet files of a folder, and which of their columns hold images and labels."""

import json
from pathlib import Path

from edc_core.data.parquet_labels import holds_labels, is_label
from edc_core.data.shards import Shards, readable
from edc_core.errors import DataError

LABEL_COLUMNS = ("label", "labels", "fine_label", "class", "target", "category", "class_name", "label_name")


def open_shards(folder: Path, size: int | None = None) -> Shards:
    """Find a folder's parquet files and read their schema.

    Raises:
        DataError: files or columns are missing.
    """
    import pyarrow.parquet as parquet

    places = [place for place in (folder, folder / "data") if any(place.glob("train*.parquet"))]
    if not places:
        raise DataError(f"{folder} holds no train*.parquet", "give a folder with train*.parquet and test*.parquet")
    train = tuple(sorted(places[0].glob("train*.parquet")))
    with readable(train[0]):
        schema = parquet.read_schema(train[0])
    image = _image_column(schema, train[0])
    label, classes = _label_column(schema, train[0])
    test = _test_files(places[0], label)
    schemas = {}
    for path in (*train, *test):
        with readable(path):
            schemas[path] = parquet.read_schema(path)
    for path, other in schemas.items():
        for column in (image, label):
            if column in other.names and other.field(column).type != schema.field(column).type:
                raise DataError(
                    f"column '{column}' of {path.name} has another type than {train[0].name}'s", "write it alike"
                )
            if column not in other.names:
                raise DataError(
                    f"{path.name} has no column '{column}', which {train[0].name} has", "write it with the same"
                )
        if (found := _class_names(other).get(label, ())) != classes:
            raise DataError(
                f"{path.name} names its classes {', '.join(found) or 'not at all'}, but {train[0].name}"
                f" {', '.join(classes) or 'not at all'}",
                "give all files the same names in the same order",
            )
    return Shards(train, test, image, label, classes, size)


def _test_files(place: Path, label: str) -> tuple[Path, ...]:
    """The files of the test split; those of the validation split where there is none, or its classes are kept secret.

    Raises:
        DataError: there is neither.
    """
    found = [tuple(sorted(place.glob(f"{split}*.parquet"))) for split in ("test", "val")]
    splits = [files for files in found if files]
    if not splits:
        raise DataError(f"{place} holds no test*.parquet or val*.parquet", "add one, students are scored on it")
    if len(splits) == 1:
        return splits[0]
    return next((files for files in splits if _is_labelled(files[0], label)), splits[0])


def _is_labelled(path: Path, column: str) -> bool:
    """Whether a file tells the class of any image: where it is a secret (ImageNet-1k), the hub has -1 or nothing."""
    import pyarrow.parquet as parquet

    with readable(path):
        file = parquet.ParquetFile(path)
        if column not in file.schema_arrow.names:
            return False
        labels = file.read(columns=[column]).column(column).to_pylist()
    return any(map(is_label, labels))


def _class_names(schema) -> dict[str, tuple[str, ...]]:
    """Columns that Hugging Face's description calls class labels, with their classes' names."""
    raw = (schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(raw)["info"]["features"].items() if raw else ()
        return {
            name: tuple(str(label) for label in feature["names"])
            for name, feature in features
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" and name in schema.names
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        return {}  # a description of another kind: as if there were none


def _image_column(schema, path: Path) -> str:
    import pyarrow.types as types

    for column in schema:
        kind = column.type
        fields = [kind.field(i) for i in range(kind.num_fields)] if types.is_struct(kind) else []
        if any(field.name == "bytes" and _is_binary(field.type) for field in fields):
            return column.name
    raise DataError(f"{path.name} has no image column of {{bytes, path}}", f"its columns are {', '.join(schema.names)}")


def _is_binary(kind) -> bool:
    import pyarrow.types as types

    return types.is_binary(kind) or types.is_large_binary(kind)


def _label_column(schema, path: Path) -> tuple[str, tuple[str, ...]]:
    """The label's column and class names; of several labels, the finest."""
    if labelled := _class_names(schema):
        return max(labelled.items(), key=lambda entry: len(entry[1]))
    for name in LABEL_COLUMNS:
        if name in schema.names and holds_labels(schema.field(name).type):
            return name, ()
    raise DataError(
        f"{path.name} has no label column, its columns are {', '.join(schema.names)}",
        "add a column 'label' with each image's class",
    )
