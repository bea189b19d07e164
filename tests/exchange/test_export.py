"""A run leaves as a folder and comes back into another store under the same keys; a changed byte is refused."""

import csv
import hashlib
import json
import os
import shutil
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from edc_core.errors import StoreError
from edc_core.exchange.bundle_format import MANIFEST, SEAL, safe_name
from edc_core.exchange.export_run import export, export_zip
from edc_core.exchange.import_run import import_run
from edc_core.store import Store
from edc_core.store.states import RunState
from tests.conftest import answer, edc


@pytest.fixture(scope="module")
def original(tiny_run: dict, shared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run's bundle with its observers, made by the command."""
    folder = tmp_path_factory.mktemp("bundles") / "out"
    made = answer(edc("export", tiny_run["run"], folder, "--observers", home=shared_home))
    assert made["files"] == sum(path.is_file() for path in folder.rglob("*"))
    assert made["bytes"] == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return folder


def digests(bundle: Path) -> dict[str, str]:
    return json.loads((bundle / MANIFEST).read_bytes())["sha256"]


# Out and in -----------------------------------------------------------------------------------------


def test_a_bundle_is_of_use_without_the_lab(original: Path, tiny_run: dict, shared_home: Path) -> None:
    manifest = json.loads((original / MANIFEST).read_bytes())
    found = {path.relative_to(original).as_posix() for path in original.rglob("*") if path.is_file()}
    assert found == manifest["sha256"].keys() | {MANIFEST, SEAL}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((original / name).read_bytes()).hexdigest() == digest
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        keys = {node["stage"]: node["key"] for node in run.plan}
        stored = load_file(store.stage_results.find(keys["synthesise"]) / "images.safetensors")
    lines = list(csv.DictReader((original / "labels.csv").open()))
    for row, line in enumerate(lines):
        assert (np.asarray(Image.open(original / line["file"])) == stored["images"][row, 0]).all()
    assert manifest["dataset"]["classes"] == run.manifest["dataset"]["classes"]
    assert manifest["versions"]["torch"]
    assert 0.2 < manifest["normalisation"]["mean"][0] < 0.4
    assert json.loads((original / "settings.json").read_bytes()) == run.settings
    labels = manifest["labels"]
    assert labels["kind"] == "recipe"
    assert [entry["name"] for entry in labels["observers"]] == list(run.settings["relabel"]["observers"])
    for entry in labels["observers"]:
        weights = original / "results" / entry["key"] / "observer.safetensors"
        assert hashlib.sha256(weights.read_bytes()).hexdigest() == entry["sha256"]


def test_judged_again_in_a_new_store_it_is_as_accurate_to_the_last_image(original, tiny_run, tmp_path, decoded) -> None:
    taken = answer(edc("import", original, "--no-scores", home=decoded(tmp_path)))
    assert taken["run"] == tiny_run["run"]
    again = answer(edc("evaluate", taken["run"], home=tmp_path))
    assert {name: again[name] for name in ("top1", "top1_ema", "students")} == {
        name: tiny_run[name] for name in ("top1", "top1_ema", "students")
    }
    computed = {stage["stage"] for stage in again["stages"] if not stage["cached"]}
    assert computed == {"evaluate", "score"}
    score = next(stage["key"] for stage in again["stages"] if stage["stage"] == "score")
    mine, theirs = (
        load_file(folder / score / "predictions.safetensors")
        for folder in (tmp_path / "artefacts", original / "results")
    )
    assert all((mine[name] == theirs[name]).all() for name in theirs)


def test_with_its_scores_it_answers_at_once_and_a_second_import_changes_nothing(original, tiny_run, tmp_path) -> None:
    first, second = (import_run(original, tmp_path) for _ in range(2))
    assert (first.taken, first.there) == (second.there, second.taken)
    assert second.taken == 0
    with closing(Store(tmp_path)) as store:
        run = store.run(tiny_run["run"])
    assert (run.state, run.origin, run.result["top1"]) == ("finished", "imported", tiny_run["top1"])
    assert run.manifest["test_looks"]["run"] == 1
    assert all(stage["cached"] for stage in answer(edc("evaluate", run.id, home=tmp_path))["stages"])


def test_a_run_leaves_again_from_where_it_was_brought(original: Path, tmp_path: Path) -> None:
    import_run(original, tmp_path / "home")
    with closing(Store(tmp_path / "home")) as store:
        run = store.runs()[0]
        export(store, run, tmp_path / "again", observers=True)
    assert digests(tmp_path / "again") == digests(original)


def test_the_apps_zip_comes_in_as_it_is_and_packed_again(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    with closing(Store(shared_home)) as store:
        (tmp_path / "run.zip").write_bytes(export_zip(store, store.run(tiny_run["run"])))
    first = answer(edc("import", tmp_path / "run.zip", home=tmp_path / "home"))
    assert (first["run"], first["taken"]) == (tiny_run["run"], 3)
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path)
    again = shutil.make_archive(str(tmp_path / "again"), "zip", tmp_path / tiny_run["run"])  # from inside its folder
    assert import_run(Path(again), tmp_path / "other").taken == 3
    assert sorted(path.name for path in (tmp_path / "other" / "partial").iterdir() if path.is_dir()) == []


def test_somebody_elses_images_come_in_by_the_same_command(original: Path, tmp_path: Path) -> None:
    done = answer(edc("import", original / "images", home=tmp_path))
    assert (done["images"], done["ipc"]) == (20, "2")
    assert done["check"]["findings"]  # what they were read as among them
    with closing(Store(tmp_path)) as store:
        assert store.run(done["run"]).settings["initialise"]["images"] == done["digest"]


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/passwd", "results/../../evil", "a//b", "", ".", "c:\\evil", "a\\b", "x\n", None]
)
def test_a_path_that_leads_out_is_refused(name: object) -> None:
    with pytest.raises(StoreError, match="no place inside the bundle"):
        safe_name(name)


def test_export_overwrites_nothing_and_leaves_nothing_half_done(tiny_run, shared_home, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    done = edc("export", tiny_run["run"], tmp_path / "full", home=shared_home, check=False)
    assert done.returncode == 1
    assert "is there and not empty" in done.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        gone = [node | {"key": "0" * 24} if node["stage"] == "score" else node for node in run.plan]
        with pytest.raises(StoreError, match="is not in the store"):
            export(store, replace(run, plan=gone), tmp_path / "half")
        with pytest.raises(StoreError, match="only a finished run"):
            export(store, replace(run, state=RunState.CANCELLED), tmp_path / "half")
        (tmp_path / "empty").mkdir()
        export(store, run, tmp_path / "empty")
    assert sorted(os.listdir(tmp_path)) == ["empty", "full"]


def test_export_and_import_do_nothing_that_windows_refuses(
    tiny_run: dict, shared_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder there takes no other's place, and there is no /dev/null."""
    opened = Path.open

    def renamed(source: Path, target: Path) -> None:
        if Path(target).is_dir():
            raise FileExistsError(17, "File exists", str(target))
        os.rename(source, target)

    def without_devices(path: Path, *arguments, **named):
        if path.parts[:2] == ("/", "dev"):
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return opened(path, *arguments, **named)

    monkeypatch.setattr(os, "replace", renamed)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(Path, "open", without_devices)
    (tmp_path / "out").mkdir()
    with closing(Store(shared_home)) as store:
        export(store, store.run(tiny_run["run"]), tmp_path / "out")
    assert import_run(tmp_path / "out", tmp_path / "home").taken == 3
