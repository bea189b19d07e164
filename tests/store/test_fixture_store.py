"""A store, a bundle and an export that version f70949d wrote: this version opens them and finds the same figures.

Asked of the command line and the pages alone, so that no move of a module can silence it (see fixture_store/README.md).
"""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT, answer, edc
from tests.support.app_pages import at_page

KEPT = ROOT / "tests" / "fixture_store"
EXPECTED = json.loads((KEPT / "expected.json").read_text(encoding="utf-8"))
OWN = {row["id"]: row for row in EXPECTED["rows"] if not row["id"].split("-s0-")[0].endswith("ipc10")}
INTERRUPTED = EXPECTED["interrupted"]
FIGURES = ("top1", "top1_ema", "split", "headline", "students")


def unpacked(home: Path) -> Path:
    with tarfile.open(KEPT / "store.tar.xz") as archive:
        archive.extractall(home, filter="data")
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, decoded: Callable[[Path], Path]) -> Path:
    """One copy for all tests that only look."""
    return unpacked(decoded(tmp_path_factory.mktemp("kept") / "home"))


def figures(result: dict) -> dict:
    return {name: result[name] for name in FIGURES}


def listed(home: Path) -> dict[str, dict]:
    rows = [json.loads(line) for line in edc("runs", "--json", home=home).stdout.splitlines()]
    return {row["id"]: row for row in rows}


def results(home: Path) -> set[str]:
    return {path.name for path in (home / "artefacts").iterdir()}


def test_every_run_is_listed_as_it_was_with_all_its_results(home: Path) -> None:
    assert len(OWN) == 10
    found = listed(home)
    assert {name: found.get(name) for name in OWN} == OWN
    for name, row in OWN.items():
        shown = json.loads(edc("show", name, home=home).stdout)
        missing = {node["stage"] for node in shown["plan"] if not node["found"]} - {"neighbours"}
        assert missing == ({"evaluate", "score"} if row["state"] == "interrupted" else set()), name
        kept = {"labels": "hard" if "random" in name else "soft"}
        kept |= {"stored": True, "shards": 6} if name == EXPECTED["runs"]["stored labels"]["run"] else {}
        assert kept.items() <= shown["labels"].items()


@pytest.mark.parametrize("name", EXPECTED["runs"])
def test_a_finished_run_is_answered_from_the_store(name: str, home: Path) -> None:
    before, old = results(home), EXPECTED["runs"][name]
    again = answer(edc("resume", old["run"], home=home))
    assert figures(again) == figures(old)
    assert all(stage["cached"] for stage in again["stages"])
    assert [stage["key"] for stage in again["stages"]] == [stage["key"] for stage in old["stages"]]
    assert results(home) == before


def test_the_matrix_is_answered_from_the_store(home: Path, tmp_path: Path) -> None:
    before = results(home)
    done = edc(*EXPECTED["matrix"]["words"], "--out", str(tmp_path / "matrix.json"), home=home)
    assert (answer(done)["runs"], answer(done)["failed"]) == (4, {})
    record = json.loads((tmp_path / "matrix.json").read_text())
    assert record["scores"] == EXPECTED["matrix"]["record"]["scores"]
    assert results(home) == before


def test_the_bundle_is_judged_as_it_was(home: Path) -> None:
    before, old = results(home), EXPECTED["given"]
    words = ["--profile", "tiny", "--set", "relabel.observers=convnet-d3-w8", "--student", "convnet-d3-w8"]
    bundle = ["evaluate", "--images", str(KEPT / "bundle.zip"), *words, "--no-controls", "--split", "val"]
    again = answer(edc(*bundle, home=home))
    assert again["images"] == old["images"]
    assert figures(again) == figures(old)
    assert results(home) == before


def test_a_landscape_is_answered_from_the_store(home: Path) -> None:
    old = EXPECTED["landscape"]
    done = edc("landscape", old["run"], "--grid", "5", "--images", "100", "--split", "val", home=home)
    (again,) = answer(done)["landscapes"]
    assert (again["cached"], again["key"], again["centre"]) == (True, old["key"], old["centre"])


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_an_export_is_imported_and_an_old_run_exported_with_the_same_images(home: Path, tmp_path: Path) -> None:
    old = EXPECTED["runs"]["edc"]
    edc("import", str(KEPT / "export.zip"), home=tmp_path / "other")
    assert figures(listed(tmp_path / "other")[old["run"]]["result"]) == figures(old)
    edc("export", old["run"], str(tmp_path / "out"), "--observers", home=home)
    with zipfile.ZipFile(KEPT / "export.zip") as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    images = [name for name in kept if name.startswith("images/")]
    assert len(images) == 20
    for name in images:
        assert np.array_equal(pixels(kept[name]), pixels((tmp_path / "out" / name).read_bytes())), name
    tensors = [name for name in kept if name.endswith(".safetensors")]
    assert tensors
    for name in [*tensors, "labels.csv"]:
        assert kept[name] == (tmp_path / "out" / name).read_bytes(), name


def test_the_interrupted_run_goes_on_from_its_checkpoint(tmp_path: Path, decoded: Callable[[Path], Path]) -> None:
    import torch

    own = unpacked(decoded(tmp_path / "home"))
    result = answer(edc("resume", INTERRUPTED["run"], home=own))
    assert 0 <= result["top1_ema"] <= 100
    assert listed(own)[INTERRUPTED["run"]]["state"] == "finished"
    computed = {stage["stage"]: stage["seconds"] for stage in result["stages"] if not stage["cached"]}
    assert set(computed) == {"evaluate", "score"}
    # Another torch begins a stage anew, as its last bits would differ. The pause before the kill stands on account.
    if torch.__version__.split("+")[0] == EXPECTED["matrix"]["record"]["versions"]["torch"]:
        assert computed["evaluate"] >= INTERRUPTED["seconds"] > 90
        assert computed["evaluate"] > result["seconds"]


# Pages ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(home: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    monkeypatch.setenv("EDC_HOME", str(home))

    def opened(name: str, **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at_page(app, name)
        for key, value in address.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception
        assert not app.error, app.error[0].value
        return app

    return opened


def said(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.markdown, *app.caption, *app.subheader, *app.title))


def test_gallery_and_runs_open_a_link_to_an_old_run(page) -> None:
    run = EXPECTED["runs"]["edc"]["run"]
    gallery = page("gallery", run=run)
    assert gallery.query_params["run"] in (run, [run])
    assert "IPC 2, seed 0" in " ".join(gallery.selectbox[0].options)
    runs = page("runs", run=run)
    assert set(OWN) <= set(runs.dataframe[0].value["id"])
    assert "started on the command line" in said(runs)


def test_which_choice_and_data_list_what_was_asked_for_and_added(page) -> None:
    matrices = page("choices").selectbox(key="choices_matrix").options
    assert any(name.startswith(EXPECTED["asked"]["title"]) for name in matrices)
    assert any(name.startswith("animals") for name in page("data").selectbox(key="data.chosen").options)


def test_a_nickname_of_the_class_is_still_somebodys(page, monkeypatch: pytest.MonkeyPatch) -> None:
    person = EXPECTED["person"]
    monkeypatch.setenv("EDC_CLASS_CODE", person["code"])
    app = page("data")
    app.text_input[0].input(person["code"])
    app.text_input[1].input(person["nickname"])
    next(button for button in app.button if button.label == "Enter").click().run()
    assert f"nickname '{person['nickname']}' is taken" in app.error[0].value.lower()
