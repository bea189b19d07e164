"""Wrong bundles of a run, each made of a whole one by a function, with what the sentence about it says."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from edc_core.exchange import MANIFEST, SEAL, seal_of
from tests.wrong_inputs import Wrong


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
