"""The Python API: the same runs as the command line's, in the same store."""

import importlib
import io
import pkgutil
import re
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import edc_core as edc
from edc_core.api import Run
from edc_core.console.progress import MatrixBar, ProgressBar
from edc_core.events import StageDone
from edc_core.store import Store
from tests.conftest import ROOT, answer
from tests.conftest import edc as command
from tests.support.small_stores import finished

FUNCTIONS = ("ablate", "condense", "evaluate", "list_runs", "load")
TINY = {"ipc": 2, "profile": "tiny", "progress": False}


def fresh(code: str, folder: Path = ROOT) -> str:
    """What a process of its own prints."""
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run(tiny_run: dict, shared_home: Path) -> Run:
    """The tiny run under the name EDC: its stages are those of preset G."""
    return edc.condense(home=shared_home, **TINY)


def keys(run: Run) -> list[str]:
    return [node["key"] for node in run.stages if node["stage"] != "neighbours"]


def test_the_package_is_loaded_lazily_and_lists_its_functions() -> None:
    code = "import sys, edc_core as edc; print('numpy' in sys.modules, dir(edc)); edc.list_runs; edc.condense"
    loaded, listed = fresh(f"{code}; print('torch' in sys.modules, edc.condense.__doc__[:8])").splitlines()
    assert loaded.startswith("False")
    assert all(f"'{name}'" in loaded for name in FUNCTIONS)
    assert listed == "False Condense"


def test_a_misspelt_function_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'condens'"):
        edc.condens  # noqa: B018
    code = "import edc_core\nedc_core.condens"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert "Did you mean: 'condense'?" in done.stderr


def test_every_module_is_imported() -> None:
    names = [one.name for one in pkgutil.walk_packages(edc.__path__, "edc_core.") if "_app" not in one.name]
    for name in names:
        importlib.import_module(name)
    assert len(names) > 150


def test_every_function_says_what_it_takes_returns_and_raises() -> None:
    for name in FUNCTIONS:
        said = getattr(edc, name).__doc__
        assert all(f"\n    {part}:\n" in said for part in ("Args", "Returns", "Raises")), name


def test_a_run_is_the_command_line_s(run: Run, tiny_run: dict, shared_home: Path) -> None:
    arguments = ("run", "--preset", "EDC", "--profile", "tiny", "--ipc", "2")
    theirs = answer(command(*arguments, home=shared_home))
    assert run.id == theirs["run"]
    assert run.top1_percent == theirs[theirs["headline"]] == tiny_run[tiny_run["headline"]]
    assert keys(run) == [stage["key"] for stage in theirs["stages"]] == [stage["key"] for stage in tiny_run["stages"]]
    assert all(stage["cached"] for stage in theirs["stages"])


def test_torch_is_set_up_before_and_after_it_is_loaded(run: Run, shared_home: Path) -> None:
    code = f"""if True:
        import os, sys
        os.environ.pop("GOMP_SPINCOUNT", None)
        import edc_core as edc
        how = dict(ipc=2, profile="tiny", split="val", home={str(shared_home)!r}, progress=False)
        edc.condense(settings={{"evaluate.zeta": 1.9}}, **how)
        torch = sys.modules["torch"]
        print(os.environ["GOMP_SPINCOUNT"], torch.backends.cudnn.deterministic)"""
    assert fresh(code) == "10000 True\n"


def test_a_loaded_run_has_images_labels_curves_and_settings(run: Run, shared_home: Path) -> None:
    loaded = edc.load(run.id[-8:], home=shared_home)
    assert loaded.images.shape == (20, 28, 28, 1)
    assert loaded.images.dtype == np.uint8
    assert loaded.labels.tolist() == [*range(10)] * 2
    assert loaded.soft_labels.shape == (20, 10)
    assert np.allclose(loaded.soft_labels.sum(1), 1, atol=1e-5)
    assert list(loaded.curves) == ["stage", "name", "series", "step", "value"]
    assert {"synthesise", "evaluate"} <= set(loaded.curves["stage"])
    assert loaded.scores["top1_ema_percent"].mean() == pytest.approx(loaded.top1_percent, abs=0.01)
    assert loaded.settings["preset"] == "EDC"
    assert loaded.settings["evaluate.seed"] == 0
    assert loaded.grid(per_class=2, scale=1).size == (2 * 29 - 1, 10 * 29 - 1)
    assert f"finished, top-1 {loaded.top1_percent:.2f} %" in repr(loaded)


def test_settings_go_there_and_back(run: Run, shared_home: Path) -> None:
    again = edc.condense(
        home=shared_home, settings={"evaluate.zeta": np.float64(run.settings["evaluate.zeta"])}, **TINY
    )
    assert again.id == run.id
    other = edc.condense(home=shared_home, settings={"evaluate.zeta": 1.25}, split="val", **TINY)
    assert other.settings["evaluate.zeta"] == 1.25
    assert other.scores["network"].tolist() == [other.settings["evaluate.students"][0]]
    words = ("run", "--preset", "EDC", "--profile", "tiny", "--ipc", "2", "--set", "evaluate.zeta=1.25")
    assert answer(command(*words, "--split", "val", home=shared_home))["run"] == other.id


def test_every_run_is_a_row_and_every_setting_a_column(run: Run, shared_home: Path) -> None:
    table = edc.list_runs(shared_home)
    row = table.set_index("run").loc[run.id]
    assert row["top1_percent"] == run.top1_percent
    assert row["state"] == "finished"
    assert row["profile"] == "tiny"
    assert row["evaluate.zeta"] == run.settings["evaluate.zeta"]
    assert row["image_bytes"] == 20 * 28 * 28
    assert isinstance(table["created"].dtype, pd.DatetimeTZDtype)
    assert {path for path in run.settings if "." in path} <= set(table.columns)


def test_a_damaged_run_is_left_out_with_a_warning(tmp_path: Path) -> None:
    finished(tmp_path, 1)
    with closing(Store(tmp_path)) as store:
        store.database.execute("UPDATE runs SET plan = 'x'")
    with pytest.warns(UserWarning, match="run 'g-run-1' is damaged and left out"):
        assert "g-run-1" not in set(edc.list_runs(tmp_path)["run"])
    with pytest.raises(edc.EDCError, match="is damaged in the store"):
        edc.load("g-run-1", home=tmp_path)


def test_a_run_is_judged_as_on_the_command_line(run: Run, shared_home: Path) -> None:
    judged = edc.evaluate(run, protocol="hard", split="val", progress=False)
    theirs = answer(command("evaluate", run.id, "--protocol", "hard", "--split", "val", home=shared_home))
    assert judged.id == theirs["run"]
    assert judged.top1_percent == theirs[theirs["headline"]]
    assert judged.soft_labels is None
    assert (judged.images == run.images).all()


def test_a_set_of_one_s_own_is_judged_with_its_controls(run: Run, shared_home: Path, tmp_path: Path) -> None:
    how = {"profile": "tiny", "protocol": "hard", "split": "val", "home": shared_home, "progress": False}
    judged = edc.evaluate(images=run.images, labels=run.labels, **how)
    assert (judged.images == run.images).all()
    assert set(judged.controls) == {"random", "herding"}
    assert all(control.state == "finished" for control in judged.controls.values())
    np.savez(tmp_path / "set.npz", images=run.images, labels=run.labels)
    words = ("evaluate", "--images", tmp_path / "set.npz", "--profile", "tiny", "--protocol", "hard")
    theirs = answer(command(*words, "--split", "val", "--no-controls", home=shared_home))
    assert theirs["run"] == judged.id
    names = [run.classes[label] for label in run.labels]
    assert edc.evaluate(images=run.images, labels=names, controls=False, **how).id == judged.id


def test_a_matrix_is_a_table_of_students(run: Run, shared_home: Path) -> None:
    table = edc.ablate(
        presets="random,G", ipc=2, seeds=1, profile="tiny", split="test", home=shared_home, progress=False
    )
    assert table["cell"].tolist() == ["random", "G"]
    assert table.set_index("cell").loc["G", "top1_percent"] == pytest.approx(run.top1_percent, abs=0.01)
    factorial = edc.ablate(
        kind="factorial",
        choices=["category-matching"],
        ipc=np.int64(2),
        seeds=1,
        profile="tiny",
        home=shared_home,
        progress=False,
    )
    assert sorted(factorial["on:category-matching"]) == [0, 1]


class InterruptedTerminal(io.StringIO):
    """A terminal at which Ctrl+C is pressed as soon as it shows progress of the synthesis."""

    pressed = False

    def write(self, text: str) -> int:
        if "(synthesise)" in text and not self.pressed:
            self.pressed = True
            raise KeyboardInterrupt  # as the signal does; a background shell ignores it
        return super().write(text)


def test_an_interrupted_run_goes_on_by_the_same_call(
    run: Run, shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = TINY | {"home": shared_home, "seed": 55, "split": "val", "settings": {"synthesise.iterations": 20}}
    with monkeypatch.context() as patch:
        patch.setattr("sys.stderr", InterruptedTerminal())
        with pytest.raises(KeyboardInterrupt):
            edc.condense(**how | {"progress": True})
    stopped = edc.list_runs(shared_home).query("seed == 55 and state == 'cancelled'")["run"]
    with pytest.raises(edc.EDCError, match="is cancelled and has no condensed images yet: finish it by the same call"):
        edc.load(stopped.item(), home=shared_home).images  # noqa: B018
    assert edc.condense(**how).id == stopped.item()


WRONG = [
    ("condense", {"ipcs": 10}, "keyword 'ipcs' of condense is unknown: did you mean 'ipc'?"),
    ("condense", {"preset": "EDD"}, "preset 'EDD' is unknown: did you mean 'EDC'?"),
    ("condense", {"preset": None}, "preset is None: give its name as text"),
    ("condense", {"profile": "lap"}, "'lap' is unknown: did you mean 'lab'?"),
    ("condense", {"dataset": "fashion-mist-mini"}, "did you mean 'fashion-mnist-mini'?"),
    ("condense", {"settings": {"evaluate.zta": 1}}, "did you mean 'evaluate.zeta'?"),
    ("condense", {"settings": {"ipc": 1}}, "setting 'ipc' is not of the form stage.setting"),
    ("condense", {"settings": "evaluate.zeta=1"}, "give a dictionary like"),
    ("condense", {"settings": {"evaluate.zeta": 0}}, "evaluate.zeta is 0"),
    ("condense", {"seed": -1}, "seed is -1"),
    ("condense", {"seed": 0.5}, "seed is 0.5: give a whole number"),
    ("condense", {"ipc": "ten"}, "ipc is 'ten': give a whole number"),
    ("condense", {"network": "resnet19"}, "network 'resnet19' is unknown"),
    ("condense", {"split": "train"}, "score.split is 'train'"),
    ("evaluate", {}, "give a run, or images"),
    ("evaluate", {"run": "nothing"}, "run 'nothing' is not in the store"),
    ("evaluate", {"run": "nothing", "ipc": 3}, "ipc belongs to images"),
    ("evaluate", {"images": np.zeros((1, 28, 28))}, "give each image's class in labels"),
    ("evaluate", {"images": np.zeros((1, 9, 9), np.uint8), "labels": [0]}, "have the shape (1, 9, 9)"),
    ("evaluate", {"images": "nowhere.npz"}, "'nowhere.npz' is not there"),
    ("ablate", {"kind": "factorail"}, "kind is 'factorail': did you mean 'factorial'?"),
    ("ablate", {"choices": ["flatness"]}, "choices is 'flatness', but kind ladder reads none"),
    ("ablate", {"presets": "A,H"}, "preset 'H' is unknown"),
    ("ablate", {"seeds": 0}, "seeds is 0"),
    ("list_runs", {"house": "x"}, "keyword 'house' of list_runs is unknown: did you mean 'home'?"),
    ("load", {"run": "nothing"}, "run 'nothing' is not in the store"),
    ("load", {}, "missing a required argument: 'run'"),
]


@pytest.mark.parametrize(("function", "given", "says"), WRONG, ids=[f"{name}-{given}" for name, given, _ in WRONG])
def test_what_is_wrong_is_named_in_one_sentence(
    function: str, given: dict, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    with pytest.raises(edc.EDCError) as met:
        getattr(edc, function)(**given)
    assert says in str(met.value)
    assert "\n" not in str(met.value)
    assert not list(tmp_path.glob("artefacts/*"))


def test_a_wrong_keyword_is_a_type_error_too() -> None:
    with pytest.raises(TypeError):
        edc.condense(colour="red")


def test_progress_of_a_notebook_goes_to_its_cell(
    run: Run, shared_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edc.condense(home=shared_home, ipc=2, profile="tiny", split="val", settings={"evaluate.zeta": 1.75})
    said = capsys.readouterr()
    assert re.search(r"Image synthesis +from the store", said.err)
    assert re.search(r"Student training \S+ +[\d.]+ s", said.err)
    assert not said.out
    with ProgressBar(notebook=True) as bar:
        bar(StageDone("squeeze", "net", "key", False, 2.0))
        bar(StageDone("statistics", "net", "key", True, 0.0))
    with MatrixBar(notebook=True) as matrix:
        matrix.ended(1, 2)
    said = capsys.readouterr()
    assert re.search(r"Observer training net +2.0 s", said.out)
    assert "from the store" not in said.out
    assert "1/2" in said.out
    assert not said.err
