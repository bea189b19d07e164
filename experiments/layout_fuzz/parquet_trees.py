"""Parquet trees as the Hub, its tools and people's own scripts write them."""

import io
import json
import re
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from experiments.layout_fuzz import names
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.names import pick

PLACES = (
    "{part}-{shard:05d}-of-{shards:05d}.parquet",
    "data/{part}-{shard:05d}-of-{shards:05d}.parquet",
    "data/{part}-{shard:05d}-of-{shards:05d}-0123456789abcdef.parquet",
    "plain_text/{part}-{shard:05d}-of-{shards:05d}.parquet",
    "default/{part}/{shard:04d}.parquet",
    "{part}/{shard:04d}.parquet",
    "{part}_{shard}.parquet",
    "set-{part}-{shard}.parquet",
    "my.set/{part}/part.{shard}.parquet",
    "repo/data/{part}-{shard:05d}-of-{shards:05d}.parquet",
)
LABELS = ("ints", "ints", "names", "table", "text", "from one", "gaps", "floats", "bool", "dictionary", "large text")
COLUMNS = ("label", "labels", "class", "target", "category", "fine_label")


def parquet_tree(rng: np.random.Generator) -> Case:
    """A training part and a test part of some shards."""
    case = Case("parquet", rng)
    case.uncounted = True
    form, place, column = pick(rng, LABELS), pick(rng, PLACES), pick(rng, COLUMNS)
    classes, values = _labels(case, form)
    image = pick(rng, ["image", "img", "picture", "jpg"])
    train, test = (
        pick(rng, ["train", "train", "train", "Train", "training"]),
        pick(rng, ["test", "test", "validation", "val", "dev"]),
    )
    filled = {part: _rows(case, classes, each) for part, each in ((train, 3), (test, 2))}
    case.remarks.append(f"{place}; {form} in '{column}', images in '{image}', parts {train} and {test}")
    others = {name: case.chance(0.2) for name in ("id", "caption", "mask", "coarse_label")}
    for part, rows in filled.items():
        _write(case, place, part, rows, values, (image, column, form, others, classes))
    lost = [name for name in case.files if "-of-" in name and "-00000-" not in name and train in name]
    if lost and case.chance(0.15):
        del case.files[lost[0]]
        gone = re.search(r"-(\d+)-of-", lost[0])
        case.remarks.append(f"{lost[0]} is missing")
        case.truths, case.refusable = [Truth({})], "a shard is missing"
        case.otherwise = f"are missing ({gone[1] if gone else ''})"
        return case
    if test != "validation" and case.chance(0.15):
        _unlabelled(case, place, (image, column, form, others, classes), values, test)
    case.truths = [Truth(*(dict(filled[part]) for part in (train, test)))]
    if others["mask"] and case.chance(0.4):
        case.options, case.truths = "?image=mask", [Truth(*(_masks(case, filled[part]) for part in (train, test)))]
    elif test == "test" and case.chance(0.3):
        _third(case, place, (image, column, form, others, classes), values, filled[train])
    if case.chance(0.1):
        case.put("images", "stray")
        case.unread = 1
    if case.chance(0.1):
        case.files["README.md"] = b"---\nlicense: mit\n---\n"
    return case


def _labels(case: Case, form: str) -> tuple[list[str], list[Any]]:
    """Names of classes as the lab is to have them, and what stands in the column for each."""
    count = int(case.rng.integers(2, 6))
    if form == "bool":
        return ["False", "True"], [False, True]
    if form in ("ints", "floats"):
        return [str(number) for number in range(count)], [(float if form == "floats" else int)(n) for n in range(count)]
    if form == "from one":
        return [str(number) for number in range(1, count + 1)], list(range(1, count + 1))
    if form == "gaps":
        gaps = sorted(map(int, case.rng.choice(np.arange(2, 60), count, replace=False)))
        return list(map(str, gaps)), gaps
    found = names.class_names(case.rng, pick(case.rng, list(names.POOLS)), count)
    if form in ("names", "table"):
        return found, list(range(len(found)))
    stripped = list(dict.fromkeys(name.strip() for name in found))
    return stripped, [names.stored(case.rng, name, case.chance(0.3)) for name in stripped]


def _rows(case: Case, classes: list[str], each: int) -> list[tuple[int, str]]:
    rows = [(case.new_image(), name) for name in classes for _ in range(each)]
    return [rows[place] for place in case.rng.permutation(len(rows))]


def _write(case: Case, place: str, part: str, rows: list, values: list, schema: tuple) -> None:
    shards = 1 + len(rows) % 3
    for shard, some in enumerate(_divided(rows)):
        case.files[place.format(part=part, shard=shard, shards=shards)] = _file(case, some, values, *schema)


def _divided(rows: list) -> list[list]:
    """The rows of each shard."""
    shards = 1 + len(rows) % 3
    return [rows[shard * len(rows) // shards : (shard + 1) * len(rows) // shards] for shard in range(shards)]


def _masks(case: Case, rows: list) -> dict[int, str]:
    """What the second column of images shows: those of each file the other way round."""
    return {image: name for some in _divided(rows) for (image, _), (_, name) in zip(some[::-1], some, strict=True)}


def _third(case: Case, place: str, schema: tuple, values: list, train: list) -> None:
    """A validation part beside the test part, which an address may choose."""
    rows = _rows(case, schema[4], 2)
    _write(case, place, "validation", rows, values, schema)
    case.remarks.append("a validation part beside it")
    if case.chance(0.5):
        name = "set-validation" if place.startswith("set-") else "validation"  # as the census calls it
        case.options, case.truths = f"?split={name}", [Truth(dict(train), dict(rows))]


def _unlabelled(case: Case, place: str, schema: tuple, values: list, test: str) -> None:
    """A test part of secret labels beside a validation part."""
    if test in ("val", "dev"):
        rows = [(case.new_image(), None) for _ in range(3)]
        case.files[place.format(part="test", shard=0, shards=1)] = _file(case, rows, values, *schema)
        case.remarks.append("an unlabelled test part")


def _file(
    case: Case, rows: list, values: list, image: str, column: str, form: str, others: dict[str, bool], classes: list
) -> bytes:
    encoded = [{"bytes": case.images[number].content, "path": f"{number}.png"} for number, _ in rows]
    shown = [None if name is None else values[classes.index(name)] for _, name in rows]
    kinds = {
        "floats": arrow.float64(),
        "bool": arrow.bool_(),
        "large text": arrow.large_string(),
        "text": arrow.string(),
    }
    kinds["dictionary"] = arrow.dictionary(arrow.int32(), arrow.string())
    labels = arrow.array(shown, kinds.get(form, arrow.int64()))
    kind = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    found: dict[str, Any] = {}
    if others["id"]:
        found["id"] = arrow.array(list(range(len(rows))))
    found[image] = arrow.array(encoded, kind)
    if others["mask"]:
        found["mask"] = arrow.array(encoded[::-1], kind)
    if others["caption"]:
        found["caption"] = arrow.array([f"image {number}" for number, _ in rows])
    found[column] = labels
    if others["coarse_label"]:
        found["coarse_label"] = arrow.array([0] * len(rows))
    table = arrow.table(found)
    if form in ("names", "table"):
        feature = {"_type": "ClassLabel", "names": classes}
        if form == "table":
            feature["names"] = {str(number): name for number, name in enumerate(classes)}
        told = {"info": {"features": {column: feature, image: {"_type": "Image"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(told)})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, row_group_size=int(case.rng.choice([2, 100])))
    return buffer.getvalue()
