"""The command line: real store, real data; a process of its own where what a process does is the question."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edc_core.design_space.presets import PRESETS
from edc_core.stage_graph import EXTRA_STAGES
from edc_core.store import Store
from edc_core.store.files import read_json
from tests.conftest import ROOT, answer, edc
from tests.support.forked import Forked

TINY = ("--profile", "tiny", "--ipc", "2")


def stages(result: dict, cached: bool) -> set[str]:
    return {stage["stage"] for stage in result["stages"] if stage["cached"] is cached}


def test_a_run_answers_with_its_figures(tiny_run: dict) -> None:
    assert tiny_run["split"] == "test"
    assert 0 <= tiny_run["top1"] <= 100
    assert 0 <= tiny_run["top1_ema"] <= 100
    assert tiny_run["headline"] == "top1_ema"
    assert stages(tiny_run, cached=False) == {
        "squeeze",
        "statistics",
        "initialise",
        "synthesise",
        "relabel",
        "evaluate",
        "score",
    }


def test_the_same_call_answers_from_the_store_without_torch(tiny_run: dict, shared_home: Path) -> None:
    again = edc("run", *TINY, home=shared_home, PYTHONPROFILEIMPORTTIME="1")
    assert " torch\n" not in again.stderr
    assert " pydantic\n" in again.stderr  # the listing works
    assert len(again.stdout.strip().splitlines()) == 1
    result = answer(again)
    assert stages(result, cached=False) == set()
    assert {name: result[name] for name in ("run", "top1", "top1_ema")} == {
        name: tiny_run[name] for name in ("run", "top1", "top1_ema")
    }


def test_a_setting_of_evaluate_reruns_only_evaluate(tiny_run: dict, shared_home: Path) -> None:
    result = answer(edc("run", *TINY, "--set", "evaluate.zeta=1.5", "--split", "val", home=shared_home))
    assert stages(result, cached=False) == {"evaluate", "score"}
    assert result["run"] != tiny_run["run"]


def test_another_seed_gives_another_result(tiny_run: dict, shared_home: Path) -> None:
    result = answer(edc("run", *TINY, "--seed", "1", "--split", "val", home=shared_home))
    assert "squeeze" not in stages(result, cached=False)
    store = Store(shared_home)
    images = {}
    for run in (tiny_run["run"], result["run"]):
        key = next(node["key"] for node in store.run(run).plan if node["stage"] == "synthesise")
        images[run] = (store.stage_results.find(key) / "images.safetensors").read_bytes()
    store.close()
    assert images[tiny_run["run"]] != images[result["run"]]


def test_the_same_seed_in_a_new_store_gives_the_same_bits(
    tiny_run: dict, shared_home: Path, decoded: Callable[[Path], Path], tmp_path: Path
) -> None:
    again = answer(edc("run", *TINY, home=decoded(tmp_path)))
    assert stages(again, cached=True) == set()
    assert again["top1_ema"] == tiny_run["top1_ema"]
    for stage in again["stages"]:
        for path in (tmp_path / "artefacts" / stage["key"]).glob("*.safetensors"):
            assert path.read_bytes() == (shared_home / "artefacts" / stage["key"] / path.name).read_bytes(), path


def test_progress_goes_to_stderr_and_one_json_line_to_stdout(tiny_run: dict, shared_home: Path) -> None:
    done = edc("evaluate", tiny_run["run"], "--student", "convnet-d1-w8", "--split", "val", home=shared_home)
    assert len(done.stdout.strip().splitlines()) == 1
    assert "Student training convnet-d1-w8/0" in done.stderr
    assert stages(answer(done), cached=False) == {"evaluate", "score"}


def test_images_are_judged_again_under_another_protocol(tiny_run: dict, shared_home: Path) -> None:
    words = ("--protocol", "plain", "--students-per-network", "2", "--split", "val")
    result = answer(edc("evaluate", tiny_run["run"], *words, home=shared_home))
    assert stages(result, cached=False) == {"relabel", "evaluate", "score"}
    assert [student["seed"] for student in result["students"]] == [0, 1]


def test_runs_and_show_tell_what_a_run_rests_on(tiny_run: dict, shared_home: Path) -> None:
    assert tiny_run["run"] in edc("runs", home=shared_home).stdout
    shown = json.loads(edc("show", tiny_run["run"], home=shared_home).stdout)
    assert shown["state"] == "finished"
    manifest = shown["manifest"]
    assert manifest["versions"]["torch"]
    assert manifest["dataset"]["classes"][6] == "Shirt"
    assert manifest["test_looks"]["run"] == 1  # asked for again and again, scored once
    assert all(node["found"] for node in shown["plan"] if node["stage"] not in EXTRA_STAGES)


def test_a_run_keeps_what_is_looked_at_later(tiny_run: dict, shared_home: Path) -> None:
    folders = {stage["stage"]: shared_home / "artefacts" / stage["key"] for stage in tiny_run["stages"]}
    snapshots = sorted(path.name for path in (folders["synthesise"] / "snapshots").glob("*.png"))
    assert snapshots[0] == "000000.png"
    assert snapshots[-1] == "000008.png"
    curves = read_json(folders["synthesise"] / "curves.json")
    assert {"loss/total", "loss/matching", "loss/cross_entropy", "loss/flatness", "lr"} <= set(curves)
    assert any(name.startswith("gap/form2/wrn-10-1/") for name in curves)
    live = read_json(folders["evaluate"] / "curves.json")
    assert {"top1/raw", "top1/ema", "loss/train", "lr"} <= set(live)
    assert (folders["evaluate"] / "path.safetensors").exists()
    assert (folders["score"] / "predictions.safetensors").exists()
    assert read_json(folders["squeeze"] / "observer.json")["val_top1"] > 0
    assert not list((shared_home / "artefacts").rglob("checkpoint*"))


def test_deleting_a_run_keeps_what_others_use(tmp_path: Path, tiny_run: dict, shared_home: Path) -> None:
    words = ("--seed", "7", "--set", "synthesise.iterations=2", "--split", "val")
    own = answer(edc("run", *TINY, *words, home=shared_home))
    answer(edc("delete", own["run"], home=shared_home))
    left = {stage["stage"] for stage in own["stages"] if (shared_home / "artefacts" / stage["key"]).exists()}
    assert left == {"squeeze", "statistics"}
    assert edc("show", own["run"], home=shared_home, check=False).returncode == 1
    assert edc("show", tiny_run["run"], home=shared_home).returncode == 0


@pytest.mark.parametrize("preset", ["A", *(name for name in PRESETS if PRESETS[name].kind != "ladder")])
def test_presets_run_to_the_end(preset: str, shared_home: Path) -> None:
    result = answer(edc("run", "--preset", preset, *TINY, "--split", "val", home=shared_home))
    assert result["split"] == "val"


def test_cancel_stops_a_run_and_keeps_what_is_finished(shared_home: Path, tiny_run: dict, tmp_path: Path) -> None:
    arguments = ["run", *TINY, "--seed", "5", "--set", "synthesise.iterations=20000", "--set", "views.epochs=2"]
    process = Forked(arguments, shared_home, tmp_path)
    store = Store(shared_home)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        running = [run for run in store.runs() if run.state == "running" and run.seed == 5]
        if running and (running[0].progress or {}).get("done"):
            break
        time.sleep(0.05)
    store.cancel(running[0].id)
    assert process.wait(10) == 130
    assert store.run(running[0].id).state == "cancelled"
    store.close()


WRONG = [
    (("run", "--preset", "H"), 2, "preset 'H' is unknown"),
    (("run", "--dataset", "imagenet-21k"), 2, "dataset 'imagenet-21k' is unknown"),
    (("run", "--set", "synthesise.alfa=0.5"), 2, "did you mean 'synthesise.alpha'?"),
    (("run", "--set", "zeta=1"), 2, "stage.setting=value"),
    (("run", "--set", "evaluate.zeta=0"), 2, "evaluate.zeta is 0"),
    (("run", "--set", "synthesise.alpha=2"), 2, "synthesise.alpha is 2"),
    (("run", "--set", "evaluate.zeta=NaN"), 2, "evaluate.zeta"),
    (("run", "--set", "views.crop_area_min=0.9", "--set", "views.crop_area_max=0.2"), 2, "crop_area_min is 0.9"),
    (("run", "--set", "views.steps=10"), 2, "set one of the two budgets"),
    (
        ("run", "--preset", "CDA", "--set", "synthesise.observers=convnet-d2-w8"),
        2,
        "(convnet-d2-w8) has a BatchNorm layer",
    ),
    (("run", "--student", "resnet19"), 2, "network 'resnet19' is unknown"),
    (("run", "--student", "convnet-d5-w8"), 2, "at least 32 px"),
    (("run", "--student", "../../etc/passwd"), 2, "network '../../etc/passwd' is unknown"),
    (("run", "--ipc", "0"), 2, "ipc is 0"),
    (("run", "--ipc", "901"), 2, "class 'T-shirt/top' has 900 training images"),
    (("run", "--ipc", "many"), 2, "many"),
    (("run", "--seed", "-1"), 2, "seed is -1"),
    (("run", "--split", "train"), 2, "score.split is 'train'"),
    (("run", "--protocol", "soft"), 2, "protocol 'soft' is unknown"),
    (("run", "--profile", "huge"), 2, "profile 'huge' is unknown"),
    (("run", "--colour", "red"), 2, "--colour"),
    (("run", "--preset", "given"), 2, "evaluate --images"),
    (
        ("run", "--preset", "single-class", "--set", "initialise.single_class=Cow"),
        2,
        "initialise.single_class is 'Cow'",
    ),
    (("run", "--set", "initialise.images=../../etc"), 2, "24 hexadecimal digits"),
    (("evaluate",), 2, "give a run's name, or --images"),
    (("evaluate", "--images", "nowhere.npz"), 1, "'nowhere.npz' is not there"),
    (("evaluate", "--images", "tests", "--set", "synthesise.iterations=3"), 2, "would make other images"),
    (("evaluate", "nothing", "--ipc", "3"), 2, "--ipc belongs to --images"),
    (("evaluate", "nothing"), 1, "run 'nothing' is not in the store"),
    (("fly",), 2, "fly"),
]


@pytest.mark.parametrize(("arguments", "status", "says"), WRONG, ids=[" ".join(entry[0]) for entry in WRONG])
def test_a_wrong_setting_is_one_line_that_names_it(
    arguments: tuple[str, ...], status: int, says: str, tmp_path: Path
) -> None:
    done = edc(*arguments, home=tmp_path / "home", check=False)
    assert done.returncode == status
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "home").glob("artefacts/*"))
    assert not list((tmp_path / "home").glob("datasets/*"))


ENVIRONMENT = [("EDC_DEVICE", "nonsense"), ("EDC_THREADS", "many"), ("EDC_CHECKPOINT_SECONDS", "-1")]


@pytest.mark.parametrize(("name", "value"), ENVIRONMENT)
def test_a_wrong_environment_is_named_and_leaves_nothing(name: str, value: str, tmp_path: Path) -> None:
    process = Forked(["run", *TINY], tmp_path / "home", tmp_path / "said", **{name: value})
    assert process.wait() == 2
    assert f"{name} is '{value}'" in process.err
    assert not (tmp_path / "home").exists()


def test_a_result_damaged_on_disk_is_named_with_its_cure(tiny_run: dict, shared_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(shared_home, home)
    key = next(stage["key"] for stage in tiny_run["stages"] if stage["stage"] == "synthesise")
    (home / "artefacts" / key / "images.safetensors").write_bytes(b"half")
    done = edc("run", *TINY, "--protocol", "hard", "--split", "val", home=home, check=False)
    assert done.returncode == 1
    assert "is missing or damaged" in done.stderr
    assert key in done.stderr
    assert "Traceback" not in done.stderr
    shutil.rmtree(home / "artefacts" / key)
    edc("run", *TINY, "--protocol", "hard", "--split", "val", home=home)


def test_ctrl_c_says_so_in_one_line_and_a_damaged_checkpoint_is_dropped(
    shared_home: Path, tiny_run: dict, tmp_path: Path
) -> None:
    arguments = ["run", *TINY, "--seed", "6", "--set", "synthesise.iterations=100", "--split", "val"]
    process = Forked(arguments, shared_home, tmp_path, EDC_CHECKPOINT_SECONDS="0")
    while not (checkpoints := list((shared_home / "partial").glob("*/checkpoint.safetensors"))):
        assert process.poll() is None
        time.sleep(0.01)
    process.send(signal.SIGINT)
    assert process.wait(20) == 130
    assert "stopped: everything finished is kept" in process.err
    checkpoints[0].write_bytes(checkpoints[0].read_bytes()[:100])
    assert stages(answer(edc(*arguments, home=shared_home)), cached=False) >= {"synthesise", "evaluate"}


def test_an_unwritable_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = edc("run", *TINY, home=tmp_path / "file" / "home", check=False)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_command_line_runs_by_its_path_from_anywhere(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "edc_core"), "presets"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "the paper's ladder" in done.stdout
