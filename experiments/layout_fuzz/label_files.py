"""Lists of labels as spreadsheets, pandas and people write them."""

import csv
import io
import json
from dataclasses import dataclass, field

import numpy as np

from experiments.layout_fuzz.names import pick

FILES = ["file", "filename", "path", "image_path", "img", "File", "image_name", "Filename"]
LABELS = ["label", "class", "target", "category", "Label", "y", "class_name"]


@dataclass(frozen=True)
class Listed:
    """Files and the names of their classes; `ordered`: in the order of the files' numbers."""

    rows: list[tuple[str, str]]
    classes: list[str]
    ordered: bool = True


@dataclass
class LabelFile:
    content: bytes = b""
    remarks: list[str] = field(default_factory=list)
    wrong: bool = False
    refusable: str = ""
    numbered: bool = False  # whether classes stand there as numbers


def label_file(rng: np.random.Generator, listed: Listed) -> LabelFile:
    found = LabelFile()
    label = _labels(rng, listed, found)
    files = _files(rng, [file for file, _ in listed.rows], found)
    rows = [(file, label[name]) for file, (_, name) in zip(files, listed.rows, strict=True)]
    rows = _faults(rng, rows, found)
    if rng.random() < 0.3:
        _json(rng, rows, listed, found)
    elif rng.random() < 0.15:
        _one_column(rng, rows, found)
    else:
        _table(rng, rows, found)
    return found


def _labels(rng: np.random.Generator, listed: Listed, found: LabelFile) -> dict[str, object]:
    """What stands for each class: its name or its number, as a program or a spreadsheet writes it."""
    form = pick(rng, ["name", "name", "number", "float", "from one"])
    if form == "from one" and len({name for _, name in listed.rows}) < len(listed.classes):
        form = "number"
    found.remarks.append(f"labels by {form}")
    found.numbered = form != "name"
    if form == "from one":
        found.refusable = "labels from one"
    if len({name.strip() for name in listed.classes}) < len(listed.classes):
        found.refusable = "names differ in blanks alone"
    numbers = {name: number + (form == "from one") for number, name in enumerate(listed.classes)}
    return {
        name: name if form == "name" else float(numbers[name]) if form == "float" else numbers[name] for name in numbers
    }


def _files(rng: np.random.Generator, files: list[str], found: LabelFile) -> list[str]:
    form = pick(rng, ["as they are", "names", "elsewhere", "Windows", "without endings", "capitals"])
    found.remarks.append(f"files {form}")
    bases = [file.rpartition("/")[2] for file in files]
    return {
        "as they are": files,
        "names": bases,
        "elsewhere": [f"/home/me/set v2/{file}" for file in files],
        "Windows": ["C:\\data\\" + file.replace("/", "\\") for file in files],
        "without endings": [base.rpartition(".")[0] or base for base in bases],
        "capitals": [file.upper() for file in files],
    }[form]


def _faults(rng: np.random.Generator, rows: list, found: LabelFile) -> list:
    """Sometimes a row too few, or one that says another class of a file."""
    fate = rng.random()
    if fate < 0.05 and len(rows) > 2:
        found.wrong = True
        found.remarks.append("a row is missing")
        return rows[:-1]
    if fate < 0.1 and rows[0][1] != rows[-1][1]:
        found.wrong = True
        found.remarks.append("a file is listed twice, with two classes")
        return [*rows, (rows[0][0], rows[-1][1])]
    if fate < 0.2:
        found.remarks.append("rows of files that are not there")
        return [*rows, ("zz/other.png", rows[0][1])]
    return rows


def _table(rng: np.random.Generator, rows: list, found: LabelFile) -> None:
    """CSV with a delimiter, a heading, an index, a mark and an encoding of some program."""
    rows = [rows[place] for place in rng.permutation(len(rows))]
    delimiter = pick(rng, [",", ",", ";", "\t"])
    index, headed = rng.random() < 0.25, rng.random() < 0.7
    swapped = rng.random() < 0.2
    head = [pick(rng, FILES), pick(rng, LABELS)]
    table = [[file, label] for file, label in rows]
    if swapped:
        head, table = head[::-1], [row[::-1] for row in table]
    if index:
        head, table = (
            ["" if rng.random() < 0.5 else "index", *head],
            [[number, *row] for number, row in enumerate(table)],
        )
        headed = True
    if headed:
        table = [head, *table]
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=pick(rng, ["\n", "\r\n"])).writerows(table)
    text = buffer.getvalue()
    if rng.random() < 0.1:
        text = f"sep={delimiter}\n{text}"
    if rng.random() < 0.1:
        text = text.rstrip() + "\n\n"
    encoding = pick(rng, ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
    found.content = text.encode(encoding)
    found.remarks.append(
        f"CSV by {delimiter!r}, {'with' if headed else 'without'} a heading, {encoding}, index {index}"
    )


def _one_column(rng: np.random.Generator, rows: list, found: LabelFile) -> None:
    """Labels alone, in the order of the files' numbers."""
    rows = [row for row in rows if not row[0].startswith("zz/")]
    if any("twice" in remark for remark in found.remarks):
        rows, found.wrong = rows[:-1], False
    head = [pick(rng, LABELS)] if rng.random() < 0.5 else []
    found.content = "\n".join([*head, *(str(label) for _, label in rows)]).encode()
    found.remarks.append(f"one column, heading {head}")
    if any(sign in str(label) for _, label in rows for sign in ',;\t|"'):
        found.refusable = "lines may be of several columns"


def _json(rng: np.random.Generator, rows: list, listed: Listed, found: LabelFile) -> None:
    form = pick(rng, ["pairs", "mapping", "by class", "records", "lines", "columns", "labels"])
    found.remarks.append(f"JSON, {form}")
    by_class: dict[str, list[str]] = {}
    for file, label in rows:
        by_class.setdefault(str(label), []).append(file)
    twice = any("twice" in remark for remark in found.remarks)
    if form == "mapping" and twice:
        form = "pairs"
    if form == "labels":
        rows = [row for row in rows if not row[0].startswith("zz/")][: len(listed.rows)]
        found.wrong = found.wrong and not twice
    plain = {
        "pairs": [list(row) for row in rows],
        "mapping": dict(rows),
        "by class": by_class,
        "records": [{"file": file, "label": label} for file, label in rows],
        "columns": {"file": [file for file, _ in rows], "label": [label for _, label in rows]},
        "labels": {"labels": [label for _, label in rows]},
    }
    if form == "lines":
        found.content = "\n".join(json.dumps({"file_name": file, "label": label}) for file, label in rows).encode()
    else:
        found.content = json.dumps(plain[form], ensure_ascii=bool(rng.random() < 0.5)).encode()
