"""What the columns of a list of labels mean: which holds files, which labels; and which image each row is of.

Columns are told by what stands above them, and by whether their values are files or classes of the set.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edc_core.data.external_sets.file_matching import match_files, natural_key, stem_of
from edc_core.data.external_sets.label_lists import Table
from edc_core.data.external_sets.label_values import class_numbers
from edc_core.errors import DataError

FILES = frozenset(
    [
        "file",
        "files",
        "filename",
        "filenames",
        "file_name",
        "filepath",
        "file_path",
        "path",
        "paths",
        "image",
        "images",
        "image_path",
        "image_name",
        "imagename",
        "image_id",
        "image_file",
        "img",
        "imgs",
        "img_path",
        "img_name",
        "id",
        "name",
        "fname",
        "picture",
        "photo",
    ]
)
LABELS = frozenset(
    [
        "label",
        "labels",
        "class",
        "classes",
        "target",
        "targets",
        "category",
        "categories",
        "y",
        "class_name",
        "classname",
        "class_id",
        "classid",
        "class_idx",
        "class_index",
        "class_label",
        "label_id",
        "label_name",
        "label_idx",
        "category_id",
        "category_name",
        "ground_truth",
        "gt",
        "annotation",
    ]
)
INDEX = re.compile(r"|index|idx|row|#|unnamed: ?\d+")


@dataclass(frozen=True)
class Labelled:
    """(N,) class numbers of the images in `order` (rows of the images as they were given)."""

    numbers: np.ndarray
    order: np.ndarray
    readings: tuple[str, ...] = ()


def labels_of(table: Table, names: Sequence[str], classes: Sequence[str], files: bool) -> Labelled:
    """The labels of images called so; `files`: they are files, and the list may name them.

    Raises:
        DataError: the list does not fit the images, or may be read in two ways.
    """
    if table.names:
        return _read(table, names, classes, files)
    heads = tuple(_head(column[0]) if column else "" for column in table.columns)
    known = any(head in FILES | LABELS for head in heads)
    if not table.rows or not all(isinstance(column[0], str) for column in table.columns):
        return _read(table, names, classes, files)
    below = Table(tuple(column[1:] for column in table.columns), tuple(column[0] for column in table.columns))
    tries: tuple[Table, ...] = (table, below)
    heading = all(head in FILES | LABELS or INDEX.fullmatch(head) for head in heads)
    if files and not heading and _names_a_file(table, names):
        tries = (table,)
    elif known and table.rows > len(names):  # a heading, as it is the row of no image
        tries = (below,)
    elif known and len(heads) > 1:
        tries = (below, table)
    fault: DataError | None = None
    for one in tries:
        try:
            return _read(one, names, classes, files)
        except DataError as error:
            fault = fault or error
    assert fault is not None
    raise fault


def _names_a_file(table: Table, names: Sequence[str]) -> bool:
    """Whether a list's first row is called like one of the images."""
    return len(table.columns) > 1 and any(_share_of_files(column[:1], names) for column in table.columns)


def _share_of_files(column: Sequence[object], names: Sequence[str]) -> float:
    """How many of a column's cells are called like an image, without its ending."""
    stems = {stem_of(name)[-1] for name in names}
    return sum(stem_of(str(cell))[-1] in stems for cell in column) / max(1, len(column))


def _head(cell: object) -> str:
    """What stands above a column, in the form that it is compared in."""
    return re.sub(r"[\s-]+", "_", str(cell).strip(" #\ufeff").casefold())


def _read(table: Table, names: Sequence[str], classes: Sequence[str], files: bool) -> Labelled:
    heads = [_head(name) for name in table.names] or [""] * len(table.columns)
    row_of = _rows_by_file(table, heads, names, files)
    if row_of is None:
        if table.rows != len(names):
            raise DataError(f"there are {len(names)} images and {table.rows} labels", "give one for each")
        place, rows = -1, list(range(table.rows))
    else:
        place, rows = row_of
    others = [number for number in range(len(table.columns)) if number != place]
    if place < 0 and len(others) > 1:
        others = [number for number in others if not is_row_number(table.columns[number], heads[number])] or others
    column, numbers, said = _labels(table, heads, others, rows, classes, names)
    readings = list(said)
    if len(others) > 1:
        readings.append(f"labels are read from the column '{_title(table, column)}'")
    if place >= 0 and table.rows > len(names):
        readings.append(f"{table.rows - len(names)} of {table.rows} rows of the list are of no image here")
    order = np.arange(len(names))
    if place < 0 and files:
        order, more = _in_order(numbers, names)
        readings += more
    return Labelled(numbers, order, tuple(readings))


def _rows_by_file(table: Table, heads: list[str], names: Sequence[str], files: bool) -> tuple[int, list[int]] | None:
    """The column that names files, and the row of each image; None where rows are in the images' order.

    Raises:
        DataError: a column holds files, and does not name every image; or rows are numbered in another order.
    """
    if len(table.columns) < 2:
        return None
    places = [place for place, head in enumerate(heads) if head not in LABELS]
    indices = [place for place in places if is_row_number(table.columns[place], heads[place])]
    dotted = [place for place in places if all("." in str(cell).strip(".0") for cell in table.columns[place])]
    sure = [place for place in places if (heads[place] in FILES or place in dotted) and place not in indices]
    if not files:
        if sure:
            raise DataError("the labels name files, but the images are an array", "give them in the images' order")
        return None
    fault: DataError | None = None
    others = [place for place in places if not sure or place not in indices]  # a row's number is no file's, then
    for place in dict.fromkeys((*sure, *others)):
        try:
            return place, match_files([str(cell) for cell in table.columns[place]], names)
        except DataError as error:
            some = place in sure or (place not in indices and _share_of_files(table.columns[place], names) >= 0.5)
            fault = fault or (error if some else None)
    for place in places:
        if INDEX.fullmatch(heads[place]) and any(heads) and place not in indices:
            fault = fault or DataError("the list numbers its rows, and not from 0 or 1 on", "name the files in it")
    if fault is not None:
        raise fault
    return None


def is_row_number(column: list, head: str) -> bool:
    """Whether a column only numbers the rows, from 0 or 1 on."""
    if not INDEX.fullmatch(head) and head not in FILES:
        return False
    text = [str(cell) for cell in column]
    return text in ([str(row) for row in range(len(text))], [str(row + 1) for row in range(len(text))])


def _labels(
    table: Table, heads: list[str], places: list[int], rows: list[int], classes: Sequence[str], names: Sequence[str]
) -> tuple[int, np.ndarray, tuple[str, ...]]:
    """The column of labels, and each image's class number.

    Raises:
        DataError: none holds classes, or two hold different ones.
    """
    called = [place for place in places if heads[place] in LABELS] or places
    found: list[tuple[int, np.ndarray, tuple[str, ...]]] = []
    fault: DataError | None = None
    for place in called:
        try:
            values = [table.columns[place][row] for row in rows]
            found.append((place, *class_numbers(values, classes, names)))
        except DataError as error:
            fault = fault or error
    if not found:
        raise fault or DataError("the list holds no labels", "give a column 'label'")
    first = found[0]
    for other in found[1:]:
        if (other[1] != first[1]).any():
            row = int(np.flatnonzero(other[1] != first[1])[0])
            raise DataError(
                f"the columns '{_title(table, first[0])}' and '{_title(table, other[0])}' tell different classes of"
                f" '{names[row][:200]}'",
                "leave one of them away",
            )
    return first


def _title(table: Table, place: int) -> str:
    return table.names[place] if table.names and table.names[place] else f"number {place + 1}"


def _in_order(numbers: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """The images' order that a list without names is in: that of their numbers, not of their letters."""
    order = np.array(sorted(range(len(names)), key=lambda row: natural_key(names[row])), np.int64)
    if (numbers[np.argsort(order)] == numbers).all():
        return np.arange(len(names)), []
    moved = int(np.flatnonzero(order != np.arange(len(names)))[0])
    said = (
        f"labels are given in the order of the files' numbers ('{names[order[moved]]}' before '{names[moved]}', which"
        " comes first by letters): name the files in the list where that is not meant"
    )
    return order, [said]
