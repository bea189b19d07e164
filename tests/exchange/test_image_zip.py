"""The ZIP that a person takes home: the stored pixels, their labels, and no path that a name chose."""

import csv
import hashlib
import io
import json
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from edc_core.data.class_naming import class_of_path
from edc_core.errors import StoreError
from edc_core.exchange.image_zip import folder_names, readme, zip_of
from edc_core.runs.condensed_set import condensed_set
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from tests.conftest import answer, edc


@pytest.fixture(scope="module")
def unzipped(tiny_run: dict, shared_home: Path) -> tuple[RunRecord, dict[str, bytes], Path]:
    """A run, its ZIP's files by name, and the folder of its stage results."""
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        with zipfile.ZipFile(io.BytesIO(zip_of(store, run))) as archive:
            return run, {name: archive.read(name) for name in archive.namelist()}, shared_home / "artefacts"


def key(run: RunRecord, stage: str) -> str:
    return next(node["key"] for node in run.plan if node["stage"] == stage)


def test_the_images_and_labels_are_the_stored_ones(unzipped) -> None:
    run, files, stage_results = unzipped
    stored = load_file(stage_results / key(run, "synthesise") / "images.safetensors")
    logits = load_file(stage_results / key(run, "relabel") / "labels.safetensors")["logits"]
    lines = list(csv.DictReader(io.StringIO(files["labels.csv"].decode())))
    classes = run.manifest["dataset"]["classes"]
    assert len(lines) == len(stored["images"]) == sum(name.startswith("images/") for name in files)
    for row, line in enumerate(lines):
        image = np.asarray(Image.open(io.BytesIO(files[line["file"]])))
        assert (image == stored["images"][row, 0]).all()
        assert line["class"] == classes[int(line["label"])] == classes[stored["labels"][row]]
        values = np.array([float(line[f"logit {name}"]) for name in classes], np.float32)
        assert (values == logits[row]).all()


def test_what_else_is_inside_and_every_hash(unzipped) -> None:
    run, files, _ = unzipped
    manifest = json.loads(files["manifest.json"])
    assert json.loads(files["settings.json"]) == run.settings
    assert manifest["sha256"] == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "manifest.json"
    }
    assert manifest["folders"]["T-shirt-top"] == "T-shirt/top"
    assert "images/T-shirt-top/000.png" in files
    text = files["README.txt"].decode()
    assert text.endswith("python -m edc_core evaluate --images images --dataset fashion-mnist-mini\n")
    assert run.id in text
    assert Image.open(io.BytesIO(files["overview.png"])).width > 2 * 28 * 3


def test_the_readme_of_a_folders_set_says_where_the_folder_goes(unzipped, shared_home: Path) -> None:
    run, _, _ = unzipped
    with closing(Store(shared_home)) as store:
        found = condensed_set(store, run)
    text = readme(replace(run, dataset="/home/ada/my photos?size=64"), found, soft=True)
    assert "evaluate --images images --dataset 'DIR?size=64'\n" in text
    assert "DIR is your copy of my photos: the folder" in text


def test_the_command_in_the_readme_judges_the_very_same_images(unzipped, tmp_path: Path, shared_home: Path) -> None:
    run, files, stage_results = unzipped
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    arguments = ["--images", tmp_path / "images", "--dataset", "fashion-mnist-mini", "--profile", "tiny"]
    done = answer(edc("evaluate", *arguments, "--no-controls", home=shared_home))
    with closing(Store(shared_home)) as store:
        judged = load_file(stage_results / key(store.run(done["run"]), "synthesise") / "images.safetensors")
    stored = load_file(stage_results / key(run, "synthesise") / "images.safetensors")
    for label in np.unique(stored["labels"]):
        assert (judged["images"][judged["labels"] == label] == stored["images"][stored["labels"] == label]).all()


def test_the_same_run_gives_the_same_bytes(tiny_run: dict, shared_home: Path) -> None:
    with closing(Store(shared_home)) as store:
        run = store.run(tiny_run["run"])
        assert zip_of(store, run) == zip_of(store, run)


@pytest.mark.parametrize(
    "names",
    [
        ["T-shirt/top", "T-shirt-top", "t-shirt top"],
        ["../x", "..", "/etc/passwd", "..\\..\\x", "C:\\x"],
        ["", " ", ".", "\n", "\x00", "CON", "nul.png"],
        ["émile", "日本", "a" * 300, "a" * 301],
    ],
)
def test_a_name_never_chooses_a_path(names: list[str]) -> None:
    folders = folder_names(names)
    assert len({folder.casefold() for folder in folders}) == len(names)
    for folder in folders:
        assert folder == folder.strip(". ")
        assert not set(folder) & set('/\\:\n\x00<>"|?*')
        assert 0 < len(folder) <= 60
        assert folder.split(".")[0].casefold() not in ("con", "nul")
        assert (Path("images") / folder).resolve().parent == Path("images").resolve()


@pytest.mark.parametrize(
    "classes",
    [
        ["T-shirt/top", "Bag"],
        ["a/b", "a-b", "A b"],
        ["tench, Tinca tinca, a fish of a name too long for a folder", "goldfish"],
        ["3", "1", "class-0", "0"],
        [f"{number}, of a name too long to be the name of a folder" for number in range(300)],
    ],
)
def test_every_folder_tells_its_class_when_it_is_read_back(classes: list[str]) -> None:
    folders = folder_names(classes)
    assert [class_of_path(f"images/{folder}/000.png", classes) for folder in folders] == list(range(len(classes)))


def test_a_run_without_images_is_refused_in_a_sentence(unzipped, tmp_path: Path) -> None:
    with closing(Store(tmp_path, bundled=())) as store, pytest.raises(StoreError, match="no finished images"):
        zip_of(store, unzipped[0])
