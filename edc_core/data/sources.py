"""Where data sets come from: the embedded one, or a folder of Hugging Face style parquet.

A source is described from labels and one image header; nothing is decoded or written here.
"""

import hashlib
import io
import json
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from edc_core.data.shards import Shards, readable, reason
from edc_core.environment import ASSETS
from edc_core.errors import DataError, SettingsError

EMBEDDED = {"fashion-mnist-mini": ASSETS / "datasets" / "fashion-mnist-mini"}

CONTENT_DIGEST_LIMIT = 256 * 2**20  # bytes; larger sets are digested by path, size and time
GREY_MODES = {"1", "L", "LA"}
WIDE_MODES = {"I", "I;16", "I;16B", "I;16L", "F"}  # more than 8 bits: cutting them would lose the picture


@dataclass(frozen=True)
class Description:
    """A data set before its pixels are read; what settings are checked against."""

    name: str
    digest: str
    classes: tuple[str, ...]
    size: int  # pixels a side
    channels: int
    train_counts: tuple[int, ...]  # images of each class
    test_count: int


def locate(name: str) -> Path:
    """The folder of an embedded data set or of a path.

    Raises:
        SettingsError: there is no such data set.
    """
    if name in EMBEDDED:
        return EMBEDDED[name]
    try:
        folder = Path(name).expanduser()
        if name and folder.is_dir():
            return folder.resolve()
    except (OSError, RuntimeError, ValueError):
        pass  # no such path can be
    raise SettingsError(
        f"dataset '{name[:200]}' is unknown: choose {', '.join(EMBEDDED)}, or give the path of a folder that holds"
        " train*.parquet and test*.parquet."
    )


def open_shards(folder: Path) -> Shards:
    """Find a folder's parquet files and read their schema.

    Raises:
        DataError: files or columns are missing.
    """
    import pyarrow.parquet as parquet

    places = [place for place in (folder, folder / "data") if any(place.glob("train*.parquet"))]
    if not places:
        raise DataError(f"{folder} holds no train*.parquet: give a folder with train*.parquet and test*.parquet.")
    train = tuple(sorted(places[0].glob("train*.parquet")))
    test = tuple(sorted(places[0].glob("test*.parquet"))) or tuple(sorted(places[0].glob("validation*.parquet")))
    if not test:
        raise DataError(
            f"{places[0]} holds no test*.parquet or validation*.parquet: add one, students are scored on it."
        )
    schemas = {}
    for path in (*train, *test):
        with readable(path):
            schemas[path] = parquet.read_schema(path)
    schema = schemas[train[0]]
    image = _image_column(schema, train[0])
    label, classes = _label_column(schema, train[0])
    for path, other in schemas.items():
        for column in (image, label):
            if column in other.names and other.field(column).type != schema.field(column).type:
                raise DataError(
                    f"column '{column}' of {path.name} has another type than {train[0].name}'s: write it alike."
                )
            if column not in other.names:
                raise DataError(
                    f"{path.name} has no column '{column}', which {train[0].name} has: write it with the same."
                )
        if (found := _class_names(other).get(label, ())) != classes:
            raise DataError(
                f"{path.name} names its classes {', '.join(found) or 'not at all'}, but {train[0].name}"
                f" {', '.join(classes) or 'not at all'}: give all files the same names in the same order."
            )
    return Shards(train, test, image, label, classes)


def describe(name: str) -> Description:
    """What a data set is, from its labels and first image.

    Raises:
        SettingsError: there is no such data set.
        DataError: it cannot be read as it is.
    """
    folder = locate(name)
    files = [path for place in (folder, folder / "data") for path in sorted(place.glob("*.parquet"))]
    return _described(name, folder, tuple(map(_state, files)))


def _state(path: Path) -> tuple:
    try:
        stat = path.stat()
    except OSError:  # said in a sentence by whoever reads it
        return (str(path),)
    return str(path), stat.st_size, stat.st_mtime_ns


@lru_cache(32)
def _described(name: str, folder: Path, state: tuple) -> Description:
    """`describe`, read anew only when the folder's files have another state."""
    shards = open_shards(folder)
    labels = {split: shards.labels(split) for split in ("train", "test")}
    # Without names, classes are numbered; more of them than images are no classes (an empty one is named below).
    highest = min(max(_valid(labels["train"]), default=-1), len(labels["train"]))
    classes = shards.classes or tuple(str(index) for index in range(1 + highest))
    for split, values in labels.items():
        _check_labels(values, len(classes), split, shards.label, folder)
    encoded, _, where = next(shards.rows("train"))
    try:
        with Image.open(io.BytesIO(encoded or b"")) as image:
            check_depth(image.mode, where)
            width, height, channels = *image.size, 1 if image.mode in GREY_MODES else 3
    except UNREADABLE as error:
        raise damaged(where, error) from None
    if width != height:
        raise DataError(f"{where} is {width} x {height} px: images must be square, so crop or pad them.")
    counts = [0] * len(classes)
    for value in labels["train"]:
        counts[value] += 1
    for label, count in zip(classes, counts, strict=True):
        if count == 0:
            raise DataError(f"class '{label}' has no training image in {folder}: add some, or drop the class.")
    return Description(
        name=name if name in EMBEDDED else folder.name,
        digest=_digest((*shards.train, *shards.test)),
        classes=classes,
        size=width,
        channels=channels,
        train_counts=tuple(counts),
        test_count=len(labels["test"]),
    )


# What Pillow raises for a file that is no picture, or not a whole one.
UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning)
warnings.simplefilter("error", Image.DecompressionBombWarning)


def check_depth(mode: str, where: str) -> None:
    """Refuse pictures of more than eight bits a channel."""
    if mode in WIDE_MODES:
        raise DataError(f"{where} has more than 8 bits a channel (mode {mode}): convert it to 8-bit grey or RGB.")


def damaged(where: str, error: Exception) -> DataError:
    return DataError(f"{where} is damaged ({reason(error)}): replace or remove that row.")


def _valid(labels: list[int | None]) -> list[int]:
    return [label for label in labels if isinstance(label, int)]


def _check_labels(labels: list[int | None], classes: int, split: str, column: str, folder: Path) -> None:
    if not labels:
        raise DataError(f"the {split} split of {folder} is empty: add rows.")
    for row, label in enumerate(labels):
        if not isinstance(label, int) or not 0 <= label < classes:
            raise DataError(
                f"label {label!r} in row {row} of the {split} split's column '{column}' is not one of"
                f" 0 to {classes - 1}: give every image its class."
            )


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
    raise DataError(f"{path.name} has no image column of {{bytes, path}}: its columns are {', '.join(schema.names)}.")


def _is_binary(kind) -> bool:
    import pyarrow.types as types

    return types.is_binary(kind) or types.is_large_binary(kind)


def _label_column(schema, path: Path) -> tuple[str, tuple[str, ...]]:
    """The label's column and class names; of several labels, the finest."""
    import pyarrow.types as types

    if labelled := _class_names(schema):
        return max(labelled.items(), key=lambda entry: len(entry[1]))
    for name in ("label", "labels", "fine_label", "class"):
        if name in schema.names and types.is_integer(schema.field(name).type):
            return name, ()
    raise DataError(
        f"{path.name} has no label column, its columns are {', '.join(schema.names)}:"
        " add an integer column 'label' with each image's class."
    )


def _digest(paths: tuple[Path, ...]) -> str:
    by_content = sum(path.stat().st_size for path in paths) <= CONTENT_DIGEST_LIMIT
    total = hashlib.sha256()
    for path in paths:
        if by_content:
            with path.open("rb") as file:
                total.update(hashlib.file_digest(file, "sha256").digest())
        else:
            stat = path.stat()
            total.update(json.dumps([str(path), stat.st_size, stat.st_mtime_ns]).encode())
    return total.hexdigest()[:32]
