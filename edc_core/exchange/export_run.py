"""`export`: a finished run as a folder that another store can take up, and that is of use without EDC Lab.

Beside the images, labels and settings of `bundle` it holds the stages' results under their keys. The folder is
written under another name and renamed: it is there whole or not at all.
"""

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from edc_core import __version__
from edc_core.config import validate_config
from edc_core.data import describe, open_dataset
from edc_core.errors import DataError, SettingsError, StoreError
from edc_core.exchange import image_zip as bundle
from edc_core.exchange.bundle_format import FORMAT, KIND, MANIFEST, RESULTS, SEAL, seal_of
from edc_core.runs.condensed_set import committee_logits, label_record
from edc_core.store import Store
from edc_core.store.digests import BLOCK, verified
from edc_core.store.files import read_json, write_bytes
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

TAKEN = ("synthesise", "relabel", "score")
OBSERVERS = ("squeeze", "statistics")
ROW = ("id", "title", "created", "settings", "plan", "manifest", "result")  # what of a run's row travels
README = """

A whole EDC Lab run: bring it into a store, and judge it again there.

    python -m edc_core import .
    python -m edc_core evaluate {run}

results/<key>/     the stages' results, as a store holds them{stored}
manifest.json      run, versions, data set, classes, normalisation, labels, and each file's SHA-256
manifest.sha256    the manifest's own
"""


def export(store: Store, run: RunRecord, target: Path, observers: bool = False) -> dict[str, Any]:
    """Write a finished run into the folder `target`; returns its number of files and bytes.

    `observers` adds the networks that labelled the images, and those that they were made with.

    Raises:
        StoreError: the run is not finished, `target` is not empty or cannot be written.
    """
    target = target.expanduser().absolute()
    if target.is_symlink() or (target.exists() and not (target.is_dir() and not any(target.iterdir()))):
        raise StoreError(f"'{target}' is there and not empty: name a folder that is not there yet.")
    if run.state != RunState.FINISHED or not run.result:
        raise StoreError(f"run '{run.id}' is {run.state}: only a finished run can be exported, resume it first.")
    with _whole(target) as place:
        digests = _Digests(place)
        _write_set(store, run, place, digests)
        for node in run.plan:
            if node["stage"] in TAKEN + OBSERVERS * observers:
                _copy_result(store, node, digests)
        manifest = json.dumps(_manifest(store, run, digests.found), indent=1).encode()
        write_bytes(place / MANIFEST, manifest)
        write_bytes(place / SEAL, seal_of(manifest))
    sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
    return {"files": len(sizes), "bytes": sum(sizes)}


def export_zip(store: Store, run: RunRecord, observers: bool = False) -> bytes:
    """The same folder as the bytes of a ZIP."""
    buffer = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="edc-export-") as place, zipfile.ZipFile(buffer, "w") as archive:
        folder = Path(place) / run.id
        export(store, run, folder, observers)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"{run.id}/{path.relative_to(folder).as_posix()}", bundle.WHEN)
                entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".png" else zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A folder to write in, renamed to `target` at the end; nothing is left of it after an error."""
    place = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        place.chmod(0o755)
        yield place
        with suppress(FileNotFoundError):
            target.rmdir()  # an empty folder gives way, one that was filled meanwhile does not
        place.rename(target)
    except OSError as error:
        raise StoreError(
            f"the bundle cannot be written to '{target}' ({error.strerror or error}): choose another folder."
        ) from None
    finally:
        if place:
            shutil.rmtree(place, ignore_errors=True)


class _Digests:
    """Files written or copied into the bundle, with their SHA-256 by name."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.found: dict[str, str] = {}

    def write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        path.write_bytes(content)
        self.found[name] = hashlib.sha256(content).hexdigest()

    def copy(self, source: Path, name: str) -> None:
        total = hashlib.sha256()
        with verified(source).open("rb") as old, self._path(name).open("wb") as new:
            while block := old.read(BLOCK):
                total.update(block)
                new.write(block)
        self.found[name] = total.hexdigest()

    def _path(self, name: str) -> Path:
        path = self.place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def _write_set(store: Store, run: RunRecord, place: Path, digests: _Digests) -> None:
    """Images by class, labels, overview, settings and a text: of use without EDC Lab."""
    found = bundle.finished_set(store, run)
    logits = committee_logits(store, run)
    names = bundle.file_names(found, bundle.folder_names(found.classes))
    for rows, pixels in found.batches():
        for row, image in zip(rows, pixels, strict=True):
            digests.write(names[row], bundle.png_bytes(image))
    digests.write("labels.csv", bundle.labels_csv(found, logits).encode())
    digests.write("overview.png", bundle.overview(found))
    digests.write("settings.json", json.dumps(run.settings, indent=1).encode())
    stored = ""
    if _labels(store, run)["kind"] == "stored":
        stored = (
            "; in the labels' one\n                   soft/epoch-*.safetensors, half-precision logits of every view"
        )
    words = bundle.readme(run, found, logits is not None) + README.format(run=run.id, stored=stored)
    digests.write("README.txt", words.encode())


def _copy_result(store: Store, node: dict[str, str], digests: _Digests) -> None:
    """One stage's result; what an observer's training left beside it comes too."""
    folder = store.stage_results.find(node["key"])
    if folder is None:
        raise StoreError(
            f"the result of {node['stage']} {node['name']} ({node['key']}) is not in the store: run it again, then"
            " export."
        )
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digests.copy(path, f"{RESULTS}/{node['key']}/{path.relative_to(folder).as_posix()}")


def _manifest(store: Store, run: RunRecord, digests: dict[str, str]) -> dict[str, Any]:
    """What the run is and rests on, and every other file's SHA-256."""
    about = run.manifest
    row = {name: getattr(run, name) for name in ROW}
    row["manifest"] = {k: v for k, v in about.items() if k != "test_looks"}
    folders = bundle.folder_names(about["dataset"]["classes"])
    query = "SELECT key, dataset, run, time FROM looks WHERE run = ? ORDER BY time"
    return {
        "kind": KIND,
        "format": FORMAT,
        "made_by": f"edc_core {__version__}",
        "run": row,
        "versions": about["versions"],
        "dataset": about["dataset"],
        "folders": dict(zip(folders, about["dataset"]["classes"], strict=True)),
        "normalisation": _normalisation(store, run),
        "labels": _labels(store, run),
        "looks": [list(look) for look in store.database.rows(query, (run.id,))],
        "sha256": digests,
    }


def _normalisation(store: Store, run: RunRecord) -> dict[str, list[float]] | None:
    """Channel mean and deviation over the training images, in [0, 1] units; None where the data set is not here."""
    config = validate_config(run.settings)
    try:
        about = describe(config.dataset)
        if about.digest != run.manifest["dataset"]["digest"]:
            return None  # another one by now
        mean, std = open_dataset(config.dataset, config.data, store.home, about).normalisation
    except (DataError, SettingsError):
        return None
    return {"mean": list(mean), "std": list(std)}


def _labels(store: Store, run: RunRecord) -> dict[str, Any]:
    """What labels the student's views: shards in here, a class each, or the recipe: which networks, by key."""
    relabel = run.settings["relabel"]
    if relabel["labels"] == "hard":
        return {"kind": "hard"}
    keys = {node["name"]: node["key"] for node in run.plan if node["stage"] == "squeeze"}
    observers = []
    for name in relabel["observers"]:
        folder = store.stage_results.find(keys[name])
        record = read_json(folder / "stage.json") if folder else {}
        about = {"settings": record.get("settings"), "code_version": record.get("code_version")}
        weights = hashlib.sha256(verified(folder / "observer.safetensors").read_bytes()).hexdigest() if folder else None
        observers.append({"name": name, "key": keys[name], "sha256": weights} | about)
    record = label_record(store, run)
    kind = "stored" if record.get("stored") else "recipe"
    return {"kind": kind, "views": run.settings["views"], "observers": observers, "record": record}
