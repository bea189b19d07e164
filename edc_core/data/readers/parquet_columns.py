"""Which columns of a parquet file hold images and labels, and what is said where several could."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.data.description import shown
from edc_core.data.readers.parquet_labels import holds_labels
from edc_core.errors import DataError, SettingsError

LABEL_COLUMNS = ("label", "labels", "fine_label", "class", "target", "category", "class_name", "label_name")


@dataclass(frozen=True)
class Columns:
    """The columns to read; `unusual` tells a reading from what was read in their place before there was a choice."""

    image: str
    label: str
    classes: tuple[str, ...]
    readings: tuple[str, ...] = ()
    unusual: tuple[str, ...] = ()


def choose_columns(schema: Any, path: Path, image: str | None = None, label: str | None = None) -> Columns:
    """The image and label columns of a file, by themselves or as an address names them.

    Raises:
        DataError: there is none.
        SettingsError: the one that is named holds no images, or no labels.
    """
    images = image_columns(schema)
    if not images:
        raise DataError(
            f"{path.name} has no image column of {{bytes, path}}", f"its columns are {', '.join(schema.names)}"
        )
    named = class_names(schema)
    plain = [name for name in schema.names if name not in images and holds_labels(schema.field(name).type)]
    labels = [*named, *(name for name in LABEL_COLUMNS if name in plain and name not in named)]
    if not labels and label is None:
        raise DataError(
            f"{path.name} has no label column, its columns are {', '.join(schema.names)}",
            "add a column 'label' with each image's class" + (", or choose one with '?label='" if plain else ""),
        )
    _check_named("image", image, images, path)
    _check_named("label", label, [*named, *plain], path)
    finest = max(named, key=lambda name: len(named[name])) if named else (labels or [""])[0]
    usual = next((name for name in LABEL_COLUMNS if name in named), finest)
    found, classes = label or usual, named.get(label or usual, ())
    unusual = [f"label {found}"] if found != finest else []
    unusual += [f"image {image}"] if image not in (None, images[0]) else []
    unusual += ["names as a table"] if _is_table(schema, found) else []
    readings = [*_said("image", image, images), *_said("label", label, [found, *(n for n in labels if n != found)])]
    return Columns(image or images[0], found, classes, tuple(readings), tuple(unusual))


def _said(what: str, chosen: str | None, found: list[str]) -> list[str]:
    if chosen is not None or len(found) < 2:
        return []
    others = ", ".join(f"'{shown(name)}'" for name in found[1:6])
    return [f"the {what} column is '{shown(found[0])}' ('?{what}=' chooses another: {others})"]


def _check_named(what: str, chosen: str | None, found: list[str], path: Path) -> None:
    if chosen is not None and chosen not in found:
        raise SettingsError(
            f"{what} is '{chosen[:100]}', but {path.name} has no {what} column of that name: choose"
            f" {', '.join(map(shown, found)) or 'none'}."
        )


def image_columns(schema: Any) -> list[str]:
    """Columns of {bytes, path}, as the hub writes images."""
    import pyarrow.types as types

    found = []
    for column in schema:
        kind = column.type
        fields = [kind.field(i) for i in range(kind.num_fields)] if types.is_struct(kind) else []
        if any(field.name == "bytes" and _is_binary(field.type) for field in fields):
            found.append(column.name)
    return found


def _is_binary(kind: Any) -> bool:
    import pyarrow.types as types

    return types.is_binary(kind) or types.is_large_binary(kind)


def class_names(schema: Any) -> dict[str, tuple[str, ...]]:
    """Columns that Hugging Face's description calls class labels, with their classes' names."""
    found = {}
    for name, feature in _features(schema).items():
        names = feature.get("names") if isinstance(feature, dict) and feature.get("_type") == "ClassLabel" else None
        if isinstance(names, dict):  # a table of numbers and names
            try:
                names = [names[key] for key in sorted(names, key=int)]
            except (TypeError, ValueError):
                continue
        if isinstance(names, list) and name in schema.names:
            found[name] = tuple(map(str, names))
    return found


def _is_table(schema: Any, name: str) -> bool:
    feature = _features(schema).get(name)
    return isinstance(feature, dict) and isinstance(feature.get("names"), dict)


def _features(schema: Any) -> dict[str, Any]:
    raw = (schema.metadata or {}).get(b"huggingface")
    try:
        features = json.loads(raw)["info"]["features"] if raw else {}
        return features if isinstance(features, dict) else {}
    except (KeyError, TypeError, ValueError):
        return {}  # a description of another kind: as if there were none
