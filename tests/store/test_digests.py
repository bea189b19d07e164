"""A byte that was changed inside a finished result or a checkpoint is never used: one sentence, or the stage anew."""

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edc_core.config import validate_config
from edc_core.data.external_sets.given import given_labels, load_given, save_given
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import StoreError
from edc_core.events import Progress
from edc_core.exchange.export_run import export
from edc_core.exchange.merge_stores import merge
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery, execute_landscape
from edc_core.landscape.config import landscape_config
from edc_core.pipeline.prepare import prepare
from edc_core.runs.image_grids import read_png
from edc_core.store import BUNDLED, Store
from edc_core.store.arrays import read_arrays, read_rows
from edc_core.store.digests import LIST, digests_in, listed
from edc_core.store.files import read_json
from edc_core.store.run_rows import bundled_runs
from edc_core.store.tensors import read_tensors, save_state
from tests.conftest import edc
from tests.support.small_stores import IMAGES, content, finished
from tests.support.stage_contexts import context_of

CASES: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "an observer": ("squeeze", "observer.safetensors", read_tensors),
    "images": ("synthesise", "images.safetensors", read_arrays),
    "some images": ("synthesise", "images.safetensors", lambda path: read_rows(path, "images", [0])),
    "a picture": ("synthesise", "grid.png", read_png),
    "labels": ("relabel", "labels.safetensors", read_arrays),
    "a student": ("evaluate", "student.safetensors", read_tensors),
    "a score": ("score", "score.json", read_json),
}


def invert(path: Path) -> None:
    """64 bytes in the midst of a file; of JSON a digit, so that it is JSON still."""
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    if path.suffix == ".json":
        content[re.search(rb"\d\.\d", content).end() - 1] ^= 1
    else:
        content[place : place + 64] = bytes(value ^ 255 for value in content[place : place + 64])
    path.write_bytes(content)


@pytest.fixture
def home(shared_home: Path, tiny_run: dict, tmp_path: Path) -> Path:
    """A copy of the tiny run's store."""
    (tmp_path / "home").mkdir()
    with closing(Store(tmp_path / "home")):
        pass
    for stage in tiny_run["stages"]:
        folder = shared_home / "artefacts" / stage["key"]
        shutil.copytree(folder, tmp_path / "home" / "artefacts" / stage["key"], dirs_exist_ok=True)
    return tmp_path / "home"


def folder_of(home: Path, run: dict, stage: str) -> Path:
    return home / "artefacts" / next(one["key"] for one in run["stages"] if one["stage"] == stage)


@pytest.mark.parametrize("case", CASES)
def test_changed_bytes_are_refused_in_a_sentence_with_the_cure(case: str, home: Path, tiny_run: dict) -> None:
    stage, name, read = CASES[case]
    folder = folder_of(home, tiny_run, stage)
    assert listed(folder) == digests_in(folder), "the stage wrote them down when it was finished"
    read(folder / name)
    invert(folder / name)
    with pytest.raises(StoreError) as caught:
        read(folder / name)
    assert str(caught.value) == (
        f"'{folder / name}' is missing or damaged (its SHA-256 is not the one that was written down, so some of its"
        f" bytes were changed): delete the folder '{folder}' and run again."
    )


def test_a_run_that_meets_a_changed_observer_ends_with_the_sentence_and_its_cure_works(
    begun: Callable[[Path], Path], tiny_run: dict, tmp_path: Path
) -> None:
    place = begun(tmp_path)
    folder = folder_of(place, tiny_run, "squeeze")
    invert(folder / "observer.safetensors")
    words = ["run", "--profile", "tiny", "--preset", "random", "--protocol", "edc", "--ipc", "1", "--split", "val"]
    refused = edc(*words, home=place, check=False)
    assert refused.returncode == 1
    assert f"delete the folder '{folder}' and run again." in refused.stderr
    assert len([line for line in refused.stderr.splitlines() if line.startswith("error")]) == 1
    shutil.rmtree(folder)
    edc(*words, home=place)


def test_a_landscape_of_a_changed_student_is_refused(shared_home: Path, tiny_run: dict, home: Path, decoded) -> None:
    shutil.copytree(shared_home / "datasets", home / "datasets")
    invert(folder_of(home, tiny_run, "evaluate") / "student.safetensors")
    with closing(Store(shared_home)) as store:
        prepared = prepare(validate_config(store.run(tiny_run["run"]).settings))
    asked = landscape_config(kind="slice", images=10, split="val", grid=3)
    with pytest.raises(StoreError, match=r"student.safetensors' is missing or damaged \(its SHA-256"):
        execute_landscape(LandscapeTask((StudentQuery(prepared, (asked,)),)), home)


def test_a_result_without_digests_has_them_from_its_first_reader(home: Path, tiny_run: dict) -> None:
    folder = folder_of(home, tiny_run, "score")
    (folder / LIST).unlink()
    read_json(folder / "score.json")
    assert listed(folder) == {name: value for name, value in digests_in(folder).items() if name == "score.json"}
    read_json(folder / "stage.json")
    assert set(listed(folder)) == {"score.json", "stage.json"}
    assert not list((home / "partial").glob(".*"))
    invert(folder / "score.json")
    with pytest.raises(StoreError, match="its SHA-256"):
        read_json(folder / "score.json")
    (folder / LIST).write_bytes(b"\0\0")  # a list that the disk lost is made anew
    read_json(folder / "score.json")
    assert set(listed(folder)) == {"score.json"}


def test_a_file_is_read_for_its_digest_once_while_it_stays_as_it_is(home: Path, tiny_run: dict, monkeypatch) -> None:
    hashed = []
    monkeypatch.setattr("edc_core.store.digests.digest_of", lambda path: hashed.append(path.name) or "0" * 64)
    folder = folder_of(home, tiny_run, "score")
    (folder / LIST).unlink()
    for _ in range(3):
        read_json(folder / "score.json")
    assert hashed == ["score.json"]


def test_what_comes_with_the_project_is_checked_and_never_written(home: Path, tiny_run: dict, tmp_path: Path) -> None:
    place = tmp_path / "bundled"
    shutil.copytree(home / "artefacts", place / "artefacts")
    folder = folder_of(place, tiny_run, "synthesise")
    for path in place.rglob(LIST):
        path.unlink()
    before = content(place)
    read_arrays(folder / "images.safetensors")
    assert content(place) == before
    invert(folder / "images.safetensors")
    with pytest.raises(StoreError, match="it comes with the project, so install EDC Lab again."):
        read_arrays(folder / "images.safetensors")


def test_a_bundled_run_whose_figures_were_changed_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "store"
    shutil.copytree(BUNDLED / "runs", place / "runs")
    shutil.copy(BUNDLED / LIST, place / LIST)
    with closing(Store(tmp_path / "home", (place,))) as store:
        assert len(store.runs()) > 10
        invert(bundled_runs((place,))[0])
        with pytest.raises(StoreError, match="install EDC Lab again"):
            store.runs()


# Doors ------------------------------------------------------------------------------------------------


def test_a_changed_result_does_not_leave_by_export(home: Path, tiny_run: dict, shared_home: Path) -> None:
    invert(folder_of(home, tiny_run, "relabel") / "labels.safetensors")
    with closing(Store(shared_home)) as whole:
        run = whole.run(tiny_run["run"])
    with closing(Store(home)) as store, pytest.raises(StoreError, match="its SHA-256"):
        export(store, run, home.parent / "out")
    assert not (home.parent / "out").exists()


def test_a_changed_result_of_another_store_is_left_out(tmp_path: Path) -> None:
    keys = finished(tmp_path / "theirs", 1)
    for stage, spoil in (("synthesise", invert), ("score", Path.unlink)):
        folder = tmp_path / "theirs" / "artefacts" / keys[stage]
        more = folder / "runtime.json"
        more.write_text('{"seconds": 1.5}')
        (folder / LIST).write_text(json.dumps(digests_in(folder)))
        spoil(more)
    merged = merge(tmp_path / "theirs", tmp_path / "ours")
    assert merged.stage_results == 3
    assert any("'runtime.json' is not what its digests.json says" in said for said in merged.skipped)
    assert any("it lacks 'runtime.json', which its digests.json names" in said for said in merged.skipped)


def test_an_imported_set_is_what_its_name_says(tmp_path: Path) -> None:
    digest = save_given(tmp_path, IMAGES["images"], IMAGES["labels"])
    load_given(tmp_path, digest)
    path = tmp_path / "given" / f"{digest}.safetensors"
    spoilt = bytearray(path.read_bytes())
    spoilt[-3] ^= 1
    path.write_bytes(spoilt)
    for read in (load_given, given_labels):
        with pytest.raises(StoreError, match="is missing or damaged in .* import it again"):
            read(tmp_path, digest)


# Checkpoints ------------------------------------------------------------------------------------------


def test_a_changed_checkpoint_is_not_used_and_the_stage_says_that_it_began_anew(
    shared_home: Path, tmp_path: Path
) -> None:
    import torch

    config, work, said = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0), tmp_path / "work", []
    context_of(config, shared_home, "evaluate", work).save_checkpoint({"step": 3, "weights": torch.zeros(5000)})
    whole = context_of(config, shared_home, "evaluate", work).resume_state()
    assert (whole["step"], whole["weights"].sum()) == (3, 0)
    invert(work / "checkpoint.safetensors")
    resumed = context_of(config, shared_home, "evaluate", work, said.append)
    assert resumed.resume_state() is None
    assert not (work / "checkpoint.safetensors").exists()
    resumed.progress(1, 10, "step")
    assert said == [Progress(1, 10, "step", "its checkpoint was damaged, so it started again")]


def test_a_checkpoint_of_an_earlier_version_has_no_digest_and_is_used(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save

    from edc_core.store.tensors import load_state

    tree = json.dumps({"dict": [["step", {"value": 4}], ["x", {"tensor": "0", "order": [0]}]]})
    (tmp_path / "old.safetensors").write_bytes(save({"0": torch.ones(3)}, metadata={"tree": tree}))
    assert load_state(tmp_path / "old.safetensors")["step"] == 4
    save_state(tmp_path / "new.safetensors", {"text": '"sha256":"' + "1" * 64 + '"', "x": torch.ones(3)})
    assert load_state(tmp_path / "new.safetensors")["x"].sum() == 3


def test_weights_of_another_network_are_a_sentence(shared_home: Path, tiny_run: dict, tmp_path: Path) -> None:
    from edc_core.networks.builders import build
    from edc_core.pipeline.context import load_weights

    path = folder_of(shared_home, tiny_run, "evaluate") / "student.safetensors"
    with pytest.raises(StoreError, match="holds other weights than a convnet-d2-w8's"):
        load_weights(build("convnet-d2-w8", 1, 28, 10), read_tensors(path), path, "convnet-d2-w8")
