"""Lists of labels beside images: `metadata.csv` of Hugging Face's imagefolder, Kaggle's `train.csv`, `labels.csv`.

A list is one where a column names images that are there and another their classes; all other tables are left alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.data.description import shown
from edc_core.data.external_sets.file_matching import match_some, stem_of
from edc_core.data.external_sets.label_columns import FILES, LABELS, is_row_number
from edc_core.data.external_sets.label_lists import Table, read_table
from edc_core.data.readers.parquet_labels import FEW
from edc_core.data.readers.split_names import split_kind
from edc_core.data.readers.trees import Node, scan_folder
from edc_core.errors import DataError, SettingsError

ENDINGS = (".csv", ".tsv", ".jsonl", ".ndjson", ".json")
MAX_LISTS = 50  # of one set
MAX_LIST_BYTES = 2**26
SAMPLE = 1000  # rows that tell which column names images
SPLITS = frozenset(["split", "set", "subset", "data_set", "dataset", "phase", "partition", "usage", "fold", "part"])
ONE_HOT = "(one column for each class)"


@dataclass(frozen=True)
class LabelFile:
    """A list of labels: the row of each image that it names, each row's label, and what is said of it."""

    place: str  # below the set's folder
    files: str  # title of the column that names images
    label: str  # title of the column of labels
    others: tuple[str, ...]  # columns that could be labels, too
    values: tuple[Any, ...]  # of each row; None: no label
    splits: tuple[str | None, ...]  # what a column of parts tells of each row; none where there is no such column
    told: tuple[str, ...]  # what each row names
    rows: dict[str, int]  # the row of each image, by its path below the set's folder


def label_files(root: Node, images: Sequence[str], label: str | None) -> list[LabelFile]:
    """The lists of labels in a folder and those on the way to its images, each with the images that it names.

    Raises:
        DataError: two columns may be the labels, or an image has two.
        SettingsError: `label` is no column of any list.
    """
    found, titles = [], dict[str, None]()
    for place, path in _tables(root):
        table = _with_heading(path, images)
        if table is None:
            continue
        within = _universe(place, images)
        if (column := _file_column(table, within)) is None:
            continue
        titles |= dict.fromkeys(table.names)
        if (one := _read(table, column, place, within, label)) is not None:
            found.append(one)
    if label is not None and not found:
        said = f"label is '{label[:100]}', but {root.path} holds folders of images and"
        if not titles:
            raise SettingsError(f"{said} no list that names them: leave it away.")
        raise SettingsError(f"{said} lists whose columns are {', '.join(map(shown, list(titles)[:20]))}: choose one.")
    return found


def _tables(root: Node) -> Iterator[tuple[str, Path]]:
    """Tables by their place below the root: outer folders first."""
    count, level = 0, [root]
    while level:
        for node in level:
            for name in sorted(scan_folder(node.path).others) if node.readable else ():
                path = Path(node.path) / name
                if not is_list_name(name):
                    continue
                count += 1
                if count <= MAX_LISTS and path.is_file() and path.stat().st_size <= MAX_LIST_BYTES:
                    yield f"{node.path[len(root.path) :]}/{name}".lstrip("/"), path
        level = [child for node in level for child in node.folders.values()] if count <= MAX_LISTS else []


def is_list_name(name: str) -> bool:
    """Whether a file's name is that of a table; a contest's example of an answer is none."""
    return name.lower().endswith(ENDINGS) and "submission" not in name.lower()


def _with_heading(path: Path, images: Sequence[str]) -> Table | None:
    """A table with names above its columns; None of what is no table."""
    try:
        table = read_table(path, ())
    except DataError:
        return None
    if len(table.columns) < 2 or not table.rows or len({len(column) for column in table.columns}) > 1:
        return None
    if table.names:
        return table
    stems = {stem_of(image)[-1] for image in images}
    if any(stem_of(str(column[0]))[-1] in stems for column in table.columns):
        return Table(table.columns, tuple(f"number {place + 1}" for place in range(len(table.columns))))
    below = tuple(column[1:] for column in table.columns)
    return Table(below, tuple(str(column[0]) for column in table.columns)) if below[0] else None


def _universe(place: str, images: Sequence[str]) -> list[str]:
    """The images that a list may name: those below its folder, or below the next one above that holds any.

    Of a list for one part (`train.csv`), those of a part called so, if there is one.
    """
    folder, _, name = place.rpartition("/")
    while folder and not any(image.startswith(f"{folder}/") for image in images):
        folder = folder.rpartition("/")[0]
    within = [image for image in images if not folder or image.startswith(f"{folder}/")]
    kind = split_kind(Path(name).stem)
    return [image for image in within if kind and folder_kind(image) == kind] or within


def folder_kind(image: str) -> str | None:
    """The part that an image's folders tell: of the outermost that tells one."""
    return next(filter(None, map(split_kind, image.split("/")[:-1])), None)


def _file_column(table: Table, images: Sequence[str]) -> int | None:
    """The column that names most images; of several, one that is called so, or is no row's number."""
    stems = {stem_of(image)[-1] for image in images}
    best: tuple[tuple, int] | None = None
    for place, column in enumerate(table.columns):
        step = max(1, len(column) // SAMPLE)
        hits = sum(stem_of(str(cell))[-1] in stems for cell in column[::step])
        numbered = is_row_number(column, head_of(table.names[place]))
        rank = (hits, head_of(table.names[place]) in FILES, not numbered, -place)
        if hits and (best is None or rank > best[0]):
            best = rank, place
    return None if best is None else best[1]


def head_of(title: str) -> str:
    return re.sub(r"[\s-]+", "_", title.strip(" #\ufeff").casefold())


def _read(table: Table, files: int, place: str, images: list[str], label: str | None) -> LabelFile | None:
    """The list with its labels; None where it holds none, or names fewer than half of either side."""
    told = [str(cell) for cell in table.columns[files]]
    rows = match_some(told, images)
    if 2 * len(rows) < min(len(images), len(set(told))):
        only = [image for image in images if folder_kind(image) == "train"]  # test images may be called the same
        rows = match_some(told, only) if only else {}
        if 2 * len(rows) < min(len(only), len(set(told))) or not rows:
            return None
    splits = _split_column(table, files)
    others = [number for number in range(len(table.columns)) if number not in (files, splits)]
    chosen = _label_columns(table, others, sorted(rows.values()), place, label)
    if chosen is None:
        return None
    title, values, more = chosen
    kinds = () if splits is None else tuple(split_kind(str(cell)) for cell in table.columns[splits])
    _check_once(told, values, place)
    return LabelFile(place, table.names[files], title, more, tuple(values), kinds, tuple(told), rows)


def _split_column(table: Table, files: int) -> int | None:
    """The column whose cells all tell a part, if any."""
    for place, title in enumerate(table.names):
        if place != files and head_of(title) in SPLITS and all(split_kind(str(c)) for c in table.columns[place]):
            return place
    return None


def _label_columns(
    table: Table, places: list[int], rows: list[int], where: str, label: str | None
) -> tuple[str, list[Any], tuple[str, ...]] | None:
    """The title of the column of labels, the label of each row, and other columns that could be it.

    Raises:
        DataError: several could be, and nothing tells which.
    """
    if label is not None:
        named = [place for place in places if table.names[place] == label] or [
            place for place in places if table.names[place].casefold() == label.casefold()
        ]
        return (table.names[named[0]], _plain(table.columns[named[0]]), ()) if named else None
    hot = [place for place in places if all(str(table.columns[place][row]) in HOT for row in rows)]
    if len(hot) > 1 and all(sum(HOT[str(table.columns[place][row])] for place in hot) == 1 for row in rows):
        names = [next((p for p in hot if HOT.get(str(table.columns[p][row]))), None) for row in range(table.rows)]
        return ONE_HOT, [None if place is None else table.names[place] for place in names], ()
    columns = {place: _plain(table.columns[place]) for place in places}
    likely = [place for place in places if _are_classes([columns[place][row] for row in rows])]
    called = [place for place in likely if head_of(table.names[place]) in LABELS]
    different = _different(called or likely, columns, rows)
    if not different:
        return None
    if len(different) > 1:
        titles = [shown(table.names[place]) for place in different]
        raise DataError(
            f"in '{shown(where)}' the labels may be in the column '{titles[0]}' or '{titles[1]}'"
            + (f", or in {len(titles) - 2} more" if len(titles) > 2 else ""),
            f"choose one with '?label=', as in '?label={titles[0]}'",
        )
    place = different[0]
    return table.names[place], columns[place], tuple(table.names[other] for other in likely if other != place)


NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")  # not 007, which is a name
HOT = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1}


def _plain(column: Sequence[Any]) -> list[Any]:
    """Cells as labels: numbers where all are numbers, None for none."""
    cells = [cell.strip() if isinstance(cell, str) else cell for cell in column]
    filled = [cell for cell in cells if cell not in (None, "") and str(cell).lower() not in ("nan", "null", "na")]
    numeric = all(
        isinstance(cell, int | float) or re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", str(cell)) for cell in filled
    )
    kept = set(map(str, filled))
    return [None if cell is None or str(cell) not in kept else float(cell) if numeric else str(cell) for cell in cells]


def _are_classes(values: list[Any]) -> bool:
    """Whether a column's cells may be classes: two or more, far fewer than images, and no measurement."""
    found = {value for value in values if value is not None}
    measured = any(isinstance(value, float) and not value.is_integer() for value in found)
    return 1 < len(found) <= max(min(FEW, len(values) - 1), len(values) // 2) and not measured


def _different(places: list[int], columns: dict[int, list[Any]], rows: list[int]) -> list[int]:
    """Of columns that divide the images alike (a class's number and its name) one: text before numbers."""
    found: dict[tuple, int] = {}
    for place in places:
        seen: dict[Any, int] = {}
        division = tuple(seen.setdefault(columns[place][row], len(seen)) for row in rows)
        text = any(isinstance(value, str) for value in columns[place])
        if division not in found or (text and not any(isinstance(v, str) for v in columns[found[division]])):
            found[division] = place
    return list(found.values())


def _check_once(told: list[str], values: Sequence[Any], place: str) -> None:
    """Refuse a list that gives an image two labels."""
    first: dict[str, Any] = {}
    for name, value in zip(told, values, strict=True):
        if first.setdefault(name, value) != value:
            raise DataError(
                f"'{shown(place)}' gives '{shown(name[:200])}' two labels, '{shown(str(first[name]))}' and"
                f" '{shown(str(value))}'",
                "give each image one class",
            )
