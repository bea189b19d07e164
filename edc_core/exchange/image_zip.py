"""A run's condensed set as one ZIP that anybody can use: image folder, labels, settings.

The same run gives the same bytes. Class names come from data sets and never become paths as they are.
"""

import csv
import hashlib
import io
import json
import re
import shlex
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from edc_core import __version__
from edc_core.data.address import address_of
from edc_core.data.class_naming import class_of_folder
from edc_core.data.hub.repositories import is_hub_address
from edc_core.data.sources import EMBEDDED, KNOWN
from edc_core.errors import StoreError
from edc_core.runs.condensed_set import CondensedSet, committee_logits, condensed_set
from edc_core.runs.image_grids import by_class, png, sheet, with_names
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.synthesis.initial_images import ipc_text

FORMAT = 1  # raised when a reader would no longer understand what is written here
MAX_FOLDER_NAME = 40  # characters of a folder's name
WHEN = (1980, 1, 1, 0, 0, 0)  # every file's date, so that the same set is the same file
README = """EDC Lab: a condensed data set

{images} synthetic images ({ipc} per class) that stand in for the training set of {dataset}.
Run {run}, preset {preset}.{score}

images/<class>/<number>.png  the images, pixel for pixel
labels.csv                   each file's class{labels}
overview.png                 the set at a glance
settings.json                every setting that made and judged it
manifest.json                versions, data set, and each file's SHA-256

Train a network on it and score it on real test images:

    python -m edc_core evaluate --images images --dataset {source}
"""
FOLDER = """
DIR is your copy of {name}: the folder that holds its real training and test images.
"""


def zip_of(store: Store, run: RunRecord) -> bytes:
    """The whole bundle as bytes.

    Raises:
        StoreError: the run has no finished images, or they are damaged.
    """
    buffer = io.BytesIO()
    write_zip(store, run, buffer)
    return buffer.getvalue()


def write_zip(store: Store, run: RunRecord, file: BinaryIO) -> None:
    """Write the bundle into an open binary file, a few hundred images at a time."""
    found = finished_set(store, run)
    folders = folder_names(found.classes)
    logits = committee_logits(store, run)
    digests: dict[str, str] = {}
    with zipfile.ZipFile(file, "w") as archive:

        def add(name: str, content: bytes) -> None:
            digests[name] = hashlib.sha256(content).hexdigest()
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)

        names = file_names(found, folders)
        for rows, pixels in found.batches():
            for row, image in zip(rows, pixels, strict=True):
                add(names[row], png_bytes(image))
        add("labels.csv", labels_csv(found, logits).encode())
        add("overview.png", overview(found))
        add("settings.json", _json(run.settings))
        add("README.txt", readme(run, found, logits is not None).encode())
        add("manifest.json", _json(manifest(run, found, folders, digests)))


def finished_set(store: Store, run: RunRecord) -> CondensedSet:
    """The run's images.

    Raises:
        StoreError: there are none yet.
    """
    if found := condensed_set(store, run):
        return found
    raise StoreError(f"run '{run.id}' has no finished images to download: wait until it has synthesised them.")


def folder_names(classes: Sequence[str]) -> tuple[str, ...]:
    """A folder's name for each class: letters, digits, dots, dashes and spaces only, each one different.

    Read back (`data.naming`), each tells its class: one that would not is named by the class's number.
    """
    names: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(classes):
        plain = re.sub(r"[^\w. -]+", "-", name)[:MAX_FOLDER_NAME].strip(". -_") or f"class-{number}"
        while plain.casefold() in taken or re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)\d", plain.split(".")[0]):
            plain = f"{number}-{plain}"
        if class_of_folder(plain, classes) != number:
            numbered = [one for one in (f"class-{number}", f"{number:05d}") if one.casefold() not in taken]
            plain = next((one for one in numbered if class_of_folder(one, classes) == number), plain)
        taken.add(plain.casefold())
        names.append(plain)
    return tuple(names)


def file_names(found: CondensedSet, folders: Sequence[str]) -> list[str]:
    """Each image's path in the bundle, in the order of the set."""
    digits = max(3, len(str(int(found.numbers.max(initial=0)))))
    numbered = zip(found.labels, found.numbers, strict=True)
    return [f"images/{folders[label]}/{number:0{digits}d}.png" for label, number in numbered]


def png_bytes(image: np.ndarray) -> bytes:
    """One image (C, H, W) uint8, grey or RGB, as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def labels_csv(found: CondensedSet, logits: np.ndarray | None) -> str:
    """A line an image: file, class, its number, and the committee's logits where labels are soft."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    soft = [] if logits is None else [f"logit {name}" for name in found.classes]
    writer.writerow(["file", "class", "label", *soft])
    for row, name in enumerate(file_names(found, folder_names(found.classes))):
        label = int(found.labels[row])
        values = [] if logits is None else [f"{value:.9g}" for value in logits[row].tolist()]
        writer.writerow([name, found.classes[label], label, *values])
    return buffer.getvalue()


def overview(found: CondensedSet, shown: int = 10, scale: int = 3) -> bytes:
    """The first images of each class with the classes' names, as PNG."""
    rows = np.concatenate([found.rows_of(label)[:shown] for label in np.unique(found.labels)])
    cells, filled, present = by_class(found.pixels(rows), found.labels[rows], shown)
    return png(with_names(sheet(cells, filled), [found.classes[label] for label in present], scale))


def readme(run: RunRecord, found: CondensedSet, soft: bool) -> str:
    result, about = run.result, run.manifest["dataset"]
    where = {"test": "test images", "val": "held-out training images"}
    score = f" Top-1 {result[result['headline']]:.2f} % on {where[result['split']]}." if result else ""
    source, note = _source(run.dataset)
    text = README.format(
        images=len(found),
        ipc=ipc_text(np.bincount(found.labels, minlength=len(found.classes)).tolist()),
        dataset=about["name"],
        source=source,
        run=run.id,
        preset=run.preset,
        score=score,
        labels=" and the committee's logits for it as it is" if soft else "",
    )
    return text + note


def _source(dataset: str) -> tuple[str, str]:
    """The data set as one word of a command, and what to put in its place where it is a folder of some machine."""
    address = address_of(dataset)
    if address.place in EMBEDDED or address.place in KNOWN or is_hub_address(address.place):
        return shlex.quote(dataset), ""
    return shlex.quote(f"DIR{address.options}"), FOLDER.format(name=Path(address.place).name)


def manifest(run: RunRecord, found: CondensedSet, folders: Sequence[str], digests: dict[str, str]) -> dict[str, Any]:
    """What the set rests on, and every other file's SHA-256."""
    about = run.manifest
    return {
        "format": FORMAT,
        "made_by": f"edc_core {__version__}",
        "run": run.id,
        "preset": run.preset,
        "ipc": run.ipc,
        "images": len(found),
        "classes": list(found.classes),
        "folders": dict(zip(folders, found.classes, strict=True)),
        "dataset": about["dataset"],
        "versions": about["versions"],
        "stages": {node["stage"]: node["key"] for node in run.plan if node["stage"] in ("synthesise", "relabel")},
        "result": run.result,
        "sha256": digests,
    }


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1).encode()
