"""Forecasts: what is stored costs nothing, the past corrects, the machine's speed counts, torch stays out."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from edc_core.data import describe
from edc_core.design_space.compose import configure, get_profile
from edc_core.networks.catalogue import probes
from edc_core.performance import calibrate as calibration
from edc_core.performance import costs
from edc_core.performance.calibrate import Calibration
from edc_core.performance.costs import Costs, at_batch
from edc_core.performance.forecast import forecast, prepared_of
from edc_core.pipeline.prepare import PreparedRun, manifest, prepare
from edc_core.store import Store
from edc_core.store.files import write_json
from tests.conftest import ROOT, answer, edc


def prepared(preset: str = "G", ipc: int = 10, table: str = "lab-smoke", **changes) -> PreparedRun:
    config = configure(preset, "fashion-mnist-mini", get_profile(table), ipc, 0, changes=changes)
    return prepare(config, describe("fashion-mnist-mini"))


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def finish(store: Store, run: PreparedRun, seconds: dict[str, float], threads: int = 1) -> None:
    """A run as if it had been computed here, each stage in so many seconds."""
    store.claim_or_resume(
        run.run, run.config.model_dump(mode="json"), [node.plain() for node in run.nodes], manifest(run)
    )
    for node in run.nodes:
        if node.stage in seconds:
            folder = store.home / "artefacts" / node.key
            folder.mkdir(parents=True)
            write_json(folder / "stage.json", {"seconds": seconds[node.stage], "finished": time.time()})
            write_json(folder / "runtime.json", {"threads": threads})
    store.finish(run.run, "finished", {"top1": 1.0, "headline": "top1"})


def of(found, stage: str):
    return next(entry for entry in found.stages if entry.stage == stage)


def test_every_stage_is_told_and_bundled_observers_cost_nothing(store: Store) -> None:
    found = forecast(prepared(), store)
    assert {entry.stage for entry in found.stages} >= {"squeeze", "statistics", "synthesise", "evaluate", "score"}
    assert all(entry.done and entry.seconds == 0 for entry in found.stages if entry.stage in ("squeeze", "statistics"))
    assert found.seconds == pytest.approx(found.startup + sum(entry.seconds for entry in found.stages), abs=0.1)
    assert of(found, "synthesise").seconds > 0.5
    assert found.memory_mb > 200


def test_what_is_done_costs_nothing_and_a_finished_run_nothing_at_all(store: Store) -> None:
    run = prepared()
    before = forecast(run, store)
    finish(store, run, {"initialise": 0.1, "synthesise": 3.0})
    half = forecast(run, store)
    assert of(half, "synthesise").done
    assert half.seconds < before.seconds
    (folder,) = [store.home / "artefacts" / node.key for node in run.nodes if node.stage == "score"]
    folder.mkdir()
    for node in run.nodes:
        (store.home / "artefacts" / node.key).mkdir(exist_ok=True)
    whole = forecast(run, store)
    assert (whole.seconds, whole.memory_mb) == (0.0, 0.0)


def test_a_stage_that_students_share_is_counted_once(store: Store) -> None:
    one, three = (forecast(prepared(**{"evaluate.seeds": seeds}), store) for seeds in (1, 3))
    assert sum(entry.stage == "synthesise" for entry in three.stages) == 1
    assert sum(entry.stage == "evaluate" for entry in three.stages) == 3
    more = sum(of(one, stage).seconds for stage in ("evaluate", "score"))
    assert three.seconds - one.seconds == pytest.approx(2 * more, rel=0.01)


def test_more_work_takes_longer(store: Store) -> None:
    def seconds(stage: str, **changes) -> float:
        return of(forecast(prepared(**changes), store), stage).seconds

    plain = seconds("synthesise")
    assert seconds("synthesise", **{"synthesise.iterations": 200}) == pytest.approx(10 * plain, rel=0.25)
    assert seconds("synthesise", **{"synthesise.flatness": "none"}) < plain
    assert seconds("synthesise", **{"synthesise.flatness": "sam"}) > 1.5 * plain
    assert seconds("synthesise", preset="random") < 0.2 * plain
    assert seconds("evaluate", **{"views.epochs": 80}) > 1.5 * seconds("evaluate")
    assert seconds("evaluate", **{"views.randaugment_ops": 0}) < seconds("evaluate")
    other = {"initialise.seed": 7}  # images that do not come with the project
    assert seconds("initialise", preset="RDED", **other) > 5 * seconds("initialise", **other)


def test_the_past_of_a_stage_corrects_its_forecast(store: Store) -> None:
    first, second = prepared(), prepared(**{"synthesise.lr": 0.04})
    before = forecast(second, store)
    assert "past run" not in before.basis
    finish(store, first, {"synthesise": 4 * of(before, "synthesise").seconds})
    after = forecast(second, store)
    assert of(after, "synthesise").seconds == pytest.approx(2 * of(before, "synthesise").seconds, rel=0.02)  # half way
    assert of(after, "evaluate").seconds == of(before, "evaluate").seconds
    assert "1 past run" in after.basis
    for number, lr in enumerate((0.03, 0.02)):
        finish(store, prepared(**{"synthesise.lr": lr}), {"synthesise": 4 * of(before, "synthesise").seconds + number})
    assert of(forecast(second, store), "synthesise").seconds > 2.5 * of(before, "synthesise").seconds


def test_a_past_with_other_threads_says_nothing(store: Store) -> None:
    measured(store, threads=2)
    before = forecast(prepared(**{"synthesise.lr": 0.04}), store)
    finish(store, prepared(), {"synthesise": 100.0}, threads=1)
    assert forecast(prepared(**{"synthesise.lr": 0.04}), store).seconds == before.seconds


def measured(store: Store, factor: float = 1.0, threads: int = 1, **circumstances) -> None:
    """This machine's measurement, every step `factor` times the table's."""
    slowness = {family: dict.fromkeys(costs.STEP_KINDS, factor) for family in probes()}
    value = {"slowness": slowness | {"views": {"randaugment": factor}}, "startup": 3.0, "decode": 1e-5}
    value |= {"base_mb": 500.0, "threads": threads, "circumstances": calibration.circumstances() | circumstances}
    store.set_measurement(calibration.NAME, value)


def test_a_slower_machine_takes_longer_and_the_basis_says_whose_speed_it_is(store: Store) -> None:
    reference = forecast(prepared(), store)
    assert "not measured" in reference.basis
    measured(store, 3.0)
    slow = forecast(prepared(), store)
    assert slow.basis == "measured on this machine"
    assert of(slow, "synthesise").seconds == pytest.approx(3 * of(reference, "synthesise").seconds, rel=0.3)


def test_a_measurement_under_other_circumstances_does_not_hold(store: Store) -> None:
    measured(store, 3.0, torch="0.1")
    assert not calibration.read(store).measured
    assert calibration.read(store) == Calibration()


def test_seconds_at_a_batch_size_lie_between_their_neighbours() -> None:
    steps = {"10": 1.0, "100": 4.0}
    assert at_batch(steps, 55) == pytest.approx(2.5)
    assert at_batch(steps, 200) == pytest.approx(8.0)
    assert 0.5 < at_batch(steps, 5) < 1.0


def test_a_network_that_is_not_in_the_table_is_told_from_one_of_its_family() -> None:
    machine = Costs(1, 28)
    narrow, unknown, wide = (
        machine.seconds("train", name, 25) for name in ("convnet-d3-w64", "convnet-d3-w90", "convnet-d3-w128")
    )
    assert narrow < unknown < wide
    assert Costs(3, 64).seconds("forward", "resnet18", 25) > Costs(3, 32).seconds("forward", "resnet18", 25)


def test_the_table_covers_what_the_settings_name() -> None:
    about = json.loads(costs.TABLE.read_text())["about"]
    assert about["command"] == "python -m edc_core calibrate --reference"
    assert {"convnet-d3-w64", "resnet18", "wrn-10-1", "views"} <= set(costs.table())
    assert set(probes().values()) <= set(costs.table())


def test_a_stored_run_is_forecast_as_it_was_prepared(store: Store) -> None:
    run = prepared(ipc=1)
    finish(store, run, {})
    again = prepared_of(store.run(run.run))
    assert again.run == run.run
    assert [node.key for node in again.nodes] == [node.key for node in run.nodes]


def test_calibrate_measures_this_machine_and_forecasts_rest_on_it(tmp_path: Path) -> None:
    found = answer(edc("calibrate", home=tmp_path))
    assert set(found["slowness"]) == {*probes(), "views"}
    assert all(0.01 < factor < 1000 for kinds in found["slowness"].values() for factor in kinds.values())
    store = Store(tmp_path)
    assert store.measurement(calibration.NAME)["threads"] == 1
    store.close()


def test_nobody_measures_where_it_is_not_wanted_or_a_run_works(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CALIBRATE", "0")
    assert not calibration.measure_soon(store)
    monkeypatch.setenv("EDC_CALIBRATE", "1")
    run = prepared()
    store.claim_or_resume(run.run, run.config.model_dump(mode="json"), [], manifest(run))
    assert not calibration.measure_soon(store)
    store.finish(run.run, "cancelled")
    store.claim_or_resume(
        "squeeze-1", run.config.model_dump(mode="json"), [], manifest(run), "squeeze"
    )  # no run, but work
    assert not calibration.measure_soon(store)
    store.finish("squeeze-1", "cancelled")
    measured(store)
    assert not calibration.measure_soon(store)


def test_a_lab_to_look_at_is_neither_measured_nor_written_to(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration.subprocess, "Popen", lambda *arguments, **named: None)
    monkeypatch.setenv("EDC_CALIBRATE", "1")
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    assert not calibration.measure_soon(store)
    assert store.measurement("costs-tried") is None
    monkeypatch.setenv("EDC_READ_ONLY", "0")
    assert calibration.measure_soon(store)


def test_a_forecast_loads_no_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.support.crowd import prepared\n"
        "from edc_core.performance.forecast import forecast; from edc_core.store import Store\n"
        f"forecast(prepared('G'), Store(Path({str(tmp_path)!r}))); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0
