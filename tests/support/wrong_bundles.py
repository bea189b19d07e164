"""Invalid bundles of a run, each with the error message expected."""

import hashlib
import json
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load, save

from edc_core.exchange.bundle_format import MANIFEST, SEAL, seal_of
from tests.support.wrong_inputs import Wrong, png


def manifest_of(bundle: Path) -> dict:
    return json.loads((bundle / MANIFEST).read_bytes())


def change(bundle: Path, **values: object) -> None:
    """Another manifest, sealed as its maker would."""
    content = json.dumps(manifest_of(bundle) | values).encode()
    (bundle / MANIFEST).write_bytes(content)
    (bundle / SEAL).write_bytes(seal_of(content))


def add(bundle: Path, name: str, content: bytes = b"{}") -> None:
    """One more file, that the manifest knows."""
    path = bundle / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    change(bundle, sha256=manifest_of(bundle)["sha256"] | {name: hashlib.sha256(content).hexdigest()})


def link_away(name: str) -> Callable[[Path], None]:
    def make(bundle: Path) -> None:
        (bundle / name).rename(bundle.parent / "elsewhere")
        (bundle / name).symlink_to(bundle.parent / "elsewhere")

    return make


def key_of(bundle: Path, stage: str) -> str:
    return next(node["key"] for node in manifest_of(bundle)["run"]["plan"] if node["stage"] == stage)


def set_run(**values: object) -> Callable[[Path], None]:
    """Other settings, or another entry of the run."""

    def make(bundle: Path) -> None:
        run = manifest_of(bundle)["run"]
        settings = values.pop("settings", {})
        change(bundle, run=run | {"settings": run["settings"] | settings} | values)

    return make


def other_views(bundle: Path) -> None:
    run = manifest_of(bundle)["run"]
    set_run(settings={"views": run["settings"]["views"] | {"epochs": 7}})(bundle)


def lying_result(bundle: Path) -> None:
    name = f"results/{key_of(bundle, 'synthesise')}/stage.json"
    record = json.loads((bundle / name).read_bytes())
    add(bundle, name, json.dumps(record | {"settings": record["settings"] | {"iterations": 9999}}).encode())


def lacking(bundle: Path) -> None:
    key = key_of(bundle, "relabel")
    shutil.rmtree(bundle / "results" / key)
    change(bundle, sha256={name: value for name, value in manifest_of(bundle)["sha256"].items() if key not in name})


def slow_result(bundle: Path) -> None:
    name = f"results/{key_of(bundle, 'score')}/stage.json"
    add(bundle, name, json.dumps(json.loads((bundle / name).read_bytes()) | {"seconds": "5"}).encode())


def other_figures(**values: object) -> Callable[[Path], None]:
    return lambda bundle: set_run(result=manifest_of(bundle)["run"]["result"] | values)(bundle)


def other_set(**values: object) -> Callable[[Path], None]:
    def make(bundle: Path) -> None:
        about = manifest_of(bundle)["run"]["manifest"]
        set_run(manifest=about | {"dataset": about["dataset"] | values})(bundle)

    return make


def no_versions(bundle: Path) -> None:
    about = manifest_of(bundle)["run"]["manifest"]
    set_run(manifest={name: value for name, value in about.items() if name != "versions"})(bundle)


BUNDLES: Wrong = {
    "a bundle of a newer version": (lambda b: change(b, format=2), "format 2, newer than this version's 1: update EDC"),
    "a data set that is no address": (
        set_run(settings={"dataset": "x?foo=1"}),
        r"'x\?foo=1', which is no address of one: import it on the command line, with --dataset",
    ),
    "a missing file": (lambda b: (b / "labels.csv").unlink(), "lacks 'labels.csv'"),
    "an additional file": (lambda b: (b / "results" / "more.json").touch(), "holds 'results/more.json'"),
    "a linked file": (link_away("labels.csv"), "'labels.csv' is a link"),
    "a linked folder": (link_away("images/Bag"), "'images/Bag' is a link"),
    "a linked manifest": (link_away(MANIFEST), "it has no manifest.json"),
    "a pipe": (lambda b: os.mkfifo(b / "pipe"), "'pipe' is a link or no plain file"),
    "a path out of the bundle": (
        lambda b: change(b, sha256=manifest_of(b)["sha256"] | {"../evil.json": "0" * 64}),
        "'../evil.json', which is no place inside",
    ),
    "a result under no key": (lambda b: add(b, "results/any/stage.json"), "'results/any/stage.json' is no result"),
    "settings with another key": (other_views, "other keys"),
    "settings of no version": (set_run(settings={"colour": "green"}), "its settings are none of this version's"),
    "settings of a wrong value": (set_run(settings={"ipc": -1}), "its settings are none of this version's.*ipc"),
    "no settings at all": (lambda b: change(b, run={}), "manifest.json is damaged"),
    "no result": (set_run(result=None), r"its result is None \(it should be a valid dictionary\)"),
    "students in a word": (other_figures(students="abc"), r"its result.students is 'abc' \(.*valid list"),
    "an accuracy in words": (other_figures(top1_ema="55"), r"its result.top1_ema is '55' \(.*valid number"),
    "an accuracy that is no number": (other_figures(top1=float("nan")), r"its result.top1 is nan \(.*finite"),
    "an accuracy beyond all": (other_figures(top1=1e9), r"its result.top1 is 1000000000.0 \(.*equal to 100"),
    "a split with a tag": (other_figures(split="x<b>"), r"its result.split is 'x<b>' \(.*'val' or 'test'"),
    "counts in a word": (other_set(train_counts="x"), r"its manifest.dataset.train_counts is 'x'"),
    "counts of one class": (other_set(train_counts=[9]), r"train_counts is \[9\] \(it should have 10 counts"),
    "classes in a word": (other_set(classes="0123456789"), r"its manifest.dataset.classes is '0123456789'"),
    "a name of many parts": (other_set(name={"a": 1}), r"its manifest.dataset.name is {'a': 1}"),
    "no versions": (no_versions, "its manifest.versions is missing"),
    "seconds in a word": (slow_result, r"is damaged \(its seconds in stage.json is '5', which is no number"),
    "odd looks at the test set": (lambda b: change(b, looks=[["x"]]), "manifest.json is damaged"),
    "a result that lies": (lying_result, "is damaged"),
    "a result of brackets without end": (
        lambda b: add(b, f"results/{key_of(b, 'synthesise')}/stage.json", b"[" * 100_000),
        r"is damaged \(it cannot be read \(RecursionError",
    ),
    "a result that lacks": (lacking, "lacks the run's results of relabel"),
    "no bundle at all": (lambda b: [shutil.rmtree(b), b.mkdir()], "no bundle"),
}

# Results whose arrays, pictures and records are none of their stage ---------------------------------------


def set_file(bundle: Path, stage: str, name: str, content: bytes) -> None:
    """Another file of a stage's result, that the manifest knows."""
    add(bundle, f"results/{key_of(bundle, stage)}/{name}", content)


def arrays(stage: str, file: str, make: Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]) -> Callable:
    """Other arrays in a result's file."""

    def spoil(bundle: Path) -> None:
        path = bundle / "results" / key_of(bundle, stage) / f"{file}.safetensors"
        found = {name: np.ascontiguousarray(array) for name, array in make(load(path.read_bytes())).items()}
        set_file(bundle, stage, path.name, save(found))

    return spoil


def record(stage: str, name: str, **values: object) -> Callable:
    def spoil(bundle: Path) -> None:
        path = bundle / "results" / key_of(bundle, stage) / name
        set_file(bundle, stage, name, json.dumps(json.loads(path.read_bytes()) | values).encode())

    return spoil


def endless(bundle: Path) -> None:
    """A header that promises 2^40 images."""
    path = bundle / "results" / key_of(bundle, "synthesise") / "images.safetensors"
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header["images"]["shape"][0] = 2**40
    spoilt = json.dumps(header).encode()
    set_file(bundle, "synthesise", path.name, struct.pack("<Q", len(spoilt)) + spoilt + content[8 + length :])


def hidden_html(bundle: Path) -> None:
    """A page between the first and the last bytes of a PNG."""
    path = bundle / "results" / key_of(bundle, "synthesise") / "grid.png"
    content = path.read_bytes()
    set_file(bundle, "synthesise", path.name, content[:33] + b"<script>alert(1)</script>" + content[-12:])


def large(bundle: Path) -> None:
    set_file(bundle, "synthesise", "grid.png", png(50_000, 50_000))


CONTENT: Wrong = {
    "images without end": (endless, r"says that its 'images' is U8 of the shape 1099511627776 x 1 x 28 x 28"),
    "images by another name": (
        arrays("synthesise", "images", lambda a: {"pictures": a["images"], "labels": a["labels"]}),
        "'images.safetensors' has no 'images', only",
    ),
    "images of one pixel": (
        arrays("synthesise", "images", lambda a: a | {"images": a["images"][..., :1, :1]}),
        r"'images' in 'images.safetensors' is U8 of the shape 20 x 1 x 1 x 1, which should be U8 of 20 images x 1"
        " channels x 28 pixels x 28 pixels",
    ),
    "images in floats": (
        arrays("synthesise", "images", lambda a: a | {"images": a["images"] / np.float32(255)}),
        r"is F32 of the shape 20 x 1 x 28 x 28, which should be U8",
    ),
    "images in colour of a grey set": (
        arrays("synthesise", "images", lambda a: a | {"images": np.repeat(a["images"], 3, 1)}),
        "20 x 3 x 28 x 28, which should be U8 of 20 images x 1 channels",
    ),
    "no image at all": (
        arrays("synthesise", "images", lambda a: {name: array[:0] for name, array in a.items()}),
        "shape 0.*, which should be .* of 20 images",
    ),
    "fewer images than the run has": (
        arrays("synthesise", "images", lambda a: {name: array[:10] for name, array in a.items()}),
        "shape 10.*, which should be .* of 20 images",
    ),
    "all images of one class": (
        arrays("synthesise", "images", lambda a: a | {"labels": a["labels"] * 0}),
        r"'labels' in 'images.safetensors' has 20 images, 0 to 20 of a class, but the run 'g-.*' has 2 images a class",
    ),
    "a class beyond the last": (
        arrays("synthesise", "images", lambda a: a | {"labels": np.where(np.arange(20) == 3, 99, a["labels"])}),
        "'labels' in 'images.safetensors' holds 99, which is none of 0 to 9",
    ),
    "a class below the first": (
        arrays("relabel", "labels", lambda a: a | {"labels": a["labels"] - 1}),
        "'labels' in 'labels.safetensors' holds -1, which is none of 0 to 9",
    ),
    "logits of other classes": (
        arrays("relabel", "labels", lambda a: a | {"logits": a["logits"][:, :7]}),
        "'logits' in 'labels.safetensors' is F32 of the shape 20 x 7, which should be F32 of 20 images x 10 classes",
    ),
    "predictions of no class": (
        arrays("score", "predictions", lambda a: a | {"ema": a["ema"] + np.int16(10)}),
        "'ema' in 'predictions.safetensors' holds 1[0-9], which is none of 0 to 9",
    ),
    "confusions of two classes": (
        record("score", "score.json", raw={"top1": 5.0, "confusion": [[1, 2], [3, 4]]}),
        "in 'score.json' its raw.confusion is not of the data set's 10 classes",
    ),
    "an agreement in words": (
        record("relabel", "labels.json", agreement="all"),
        r"in 'labels.json' its agreement is 'all' \(it should be a valid number",
    ),
    "an observer of five classes": (
        arrays("squeeze", "observer", lambda a: {name: array[:5] for name, array in a.items() if array.ndim}),
        "no layer in 'observer.safetensors' tells the 10 classes of the data set apart",
    ),
    "an observer in integers": (
        arrays("squeeze", "observer", lambda a: {name: array.astype(np.int16) for name, array in a.items()}),
        "in 'observer.safetensors' is I16, which no weights are",
    ),
    "moments of one class": (
        arrays("statistics", "statistics", lambda a: {name: array[:1] for name, array in a.items()}),
        "in 'statistics.safetensors' is .* which should be .* of 10 classes",
    ),
    "a layout of no columns": (
        record("statistics", "layout.json", columns=[{"layer": 0, "kind": "channel"}]),
        "in 'layout.json' its columns.0.width is missing",
    ),
    "a page for a picture": (
        lambda b: set_file(b, "synthesise", "grid.png", b"<html><script>alert(1)</script></html>"),
        "'grid.png' is no whole PNG",
    ),
    "a page inside a picture": (hidden_html, "'grid.png' is no image that can be decoded"),
    "a picture without bounds": (large, "'grid.png' is an image of 50000 x 50000 px, but 10 rows"),
    "a picture beside scores": (
        lambda b: set_file(b, "score", "x.png", png(28, 28)),
        "it holds 'x.png', which no score writes",
    ),
    "a data set of other images": (
        other_set(size=1),
        "its manifest.dataset.size is 1, but the data set's is 28",
    ),
}
BUNDLES |= CONTENT
