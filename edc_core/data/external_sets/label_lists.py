"""Lists of labels as people write them: JSON, CSV of spreadsheets and pandas, lines of "file label", NPZ and NPY.

All become a table: columns, with names where the list has them. What the columns mean is read in `label_columns`.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.data.class_naming import named_class, nfc
from edc_core.data.external_sets.arrays import choose_labels, read_array
from edc_core.data.external_sets.foreign_files import refuse_foreign
from edc_core.data.external_sets.label_values import hard_labels
from edc_core.data.external_sets.members import Member, Source, list_members
from edc_core.errors import DataError

DELIMITERS = ("\t", ";", ",", "|")
FILE_AND_LABEL = re.compile(r"(\S.*\.\w{2,5})\s+(\S.*)")  # "images/3.png 7"
MAX_LABEL_BYTES = 2**27


@dataclass(frozen=True)
class Table:
    """A list's columns of equal length; `names` stand above them, or are none."""

    columns: tuple[list[Any], ...]
    names: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return len(self.columns[0]) if self.columns else 0


def read_table(source: Source, classes: Sequence[str]) -> Table:
    """A list of labels, or of files and labels; `classes` tell whole lines that are names from several columns.

    Raises:
        DataError: it is none of JSON, CSV, NPZ and NPY.
    """
    content = _content(source)
    refuse_foreign(content[:512], "the labels", content if content.startswith(b"PK") else None)
    if content.startswith(b"PK"):
        arrays = [member for member in list_members(content) if member.name.endswith(".npy")]
        if (member := choose_labels(arrays)) is None:
            raise DataError("the labels' NPZ has no array 'labels'", "save it as labels=...")
        return Table((hard_labels(read_array(member), member.name),))
    if content.startswith(b"\x93NUMPY"):
        return Table((hard_labels(read_array(Member("labels", len(content), lambda: content)), "labels"),))
    try:
        text = nfc(_text(content))
        if text.lstrip()[:1] in ("[", "{"):
            return _from_json(text, classes)
        return _from_text(text, classes)
    except (UnicodeDecodeError, ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"the labels are no JSON, CSV, NPZ or NPY ({str(error)[:100]})", "save them as one") from None


def _content(source: Source) -> bytes:
    try:
        if isinstance(source, bytes):
            return source
        if isinstance(source, Path):
            if not source.is_file():
                raise DataError(f"the labels '{source}' are no file", "give a JSON, CSV or NPZ")
            if source.stat().st_size > MAX_LABEL_BYTES:
                raise DataError(f"the labels '{source}' are larger than 128 MiB", "give a label for each image only")
            return source.read_bytes()
        return source.read()
    except OSError as error:
        raise DataError(f"the labels cannot be read ({error.strerror})", "give a JSON, CSV or NPZ") from None


def _text(content: bytes) -> str:
    """UTF-8 or UTF-16, by a mark at the beginning or by its zeros; else what Windows in Western Europe writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content:  # of every other letter's two bytes, one is 0
        return content.decode("utf-16-le" if content[1::2].count(0) > content[::2].count(0) else "utf-16-be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("the labels are text in another encoding than UTF-8", "save them as UTF-8") from None


def _from_json(text: str, classes: Sequence[str]) -> Table:
    try:
        found = json.loads(text)
    except ValueError:  # a line an image
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    if isinstance(found, dict) and isinstance(inner := found.get("labels"), list | dict) and len(found) == 1:
        found = inner
    if isinstance(found, dict):
        return _of_mapping(found, classes)
    if found and all(isinstance(row, dict) for row in found):
        names = tuple(dict.fromkeys(name for row in found for name in row))
        return Table(tuple([row.get(name) for row in found] for name in names), names)
    if found and all(isinstance(row, list) and len(row) == 2 for row in found):
        return Table(([row[0] for row in found], [row[1] for row in found]))
    return Table((found,))


def _of_mapping(found: dict[str, Any], classes: Sequence[str]) -> Table:
    """{file: label}, {class: [files]}, or columns as pandas has them."""
    values = list(found.values())
    if values and all(isinstance(value, dict) for value in values) and len({tuple(value) for value in values}) == 1:
        return Table(tuple(list(value.values()) for value in values), tuple(found))
    if values and all(isinstance(value, list) for value in values):
        columns = any(named_class(name, classes) is None for name in found)
        if (
            columns
            and len({len(value) for value in values}) == 1
            and {"label", "labels", "class", "target"} & set(found)
        ):
            return Table(tuple(values), tuple(found))
        pairs = [(file, name) for name, files in found.items() for file in files]
        return Table(([file for file, _ in pairs], [name for _, name in pairs]), ("file", "label"))
    return Table((list(found), values), ("file", "label"))


def _from_text(text: str, classes: Sequence[str]) -> Table:
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line.strip(" \t\0")]
    if lines and (match := re.fullmatch(r'"?sep=(.)"?', lines[0].strip(" \0"))):  # as Excel has it
        return _delimited(lines[1:], match[1]) or Table(())
    if lines and all(named_class(line.strip(), classes) is not None for line in lines[1:]):
        return Table(([_unquoted(line) for line in lines],))
    found = [table for delimiter in DELIMITERS if (table := _delimited(lines, delimiter)) is not None]
    if found:
        return found[0]
    pairs = [FILE_AND_LABEL.fullmatch(line.strip()) for line in lines]
    if lines and all(pairs):
        return Table(([match[1] for match in pairs if match], [match[2] for match in pairs if match]))
    if any(delimiter in line for line in lines for delimiter in (",", ";", "\t")):
        raise DataError(
            "the labels' lines do not all have the same columns",
            "write one column (label) or two (file,label), and quote names that hold a comma",
        )
    return Table(([_unquoted(line) for line in lines],))


def _unquoted(line: str) -> str:
    line = line.strip()
    return line[1:-1].replace('""', '"') if len(line) > 1 and line[0] == line[-1] == '"' else line


def _delimited(lines: list[str], delimiter: str) -> Table | None:
    """The columns that a delimiter divides the lines into; None where it does not, or not all alike."""
    rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)]
    rows = [row for row in rows if any(row)]
    width = len(rows[0]) if rows else 0
    if width < 2 or any(len(row) > width or len(row) < 2 for row in rows):
        return None
    return Table(tuple([row[place] if place < len(row) else "" for row in rows] for place in range(width)))
