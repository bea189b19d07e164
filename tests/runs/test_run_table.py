"""Runs at a glance: rows, filters, what differs, what was redrawn, and the command that repeats one."""

import copy
import csv
import io
import shlex
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from edc_core.cli import app
from edc_core.data.external_sets.given import given_path
from edc_core.design_space.compose import parse_changes
from edc_core.judging import blind_comparison as duel
from edc_core.runs.command_line import changes_of, command_of
from edc_core.runs.compare import NOT_READ, differences, means, read_by_some, redrawn, resolution, setting_columns
from edc_core.runs.run_table import as_csv, image_bytes, matching, row, rows, scored_images, title_of, top1_of_student
from edc_core.stage_graph import Student
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from tests.support.crowd import add, crowd, prepared, uneven_upload


def runs_of(store: Store, *names: str) -> list[RunRecord]:
    return [store.run(name) for name in names]


def test_a_row_holds_what_the_run_is_and_what_it_cost(bare_store: Store) -> None:
    found = row(bare_store.run(add(bare_store, prepared("G"), top1=71.25)), bare_store.stage_results)
    assert (found["preset"], found["ipc"], found["seed"], found["state"]) == ("G", 2, 0, "finished")
    assert (found["top1"], found["split"], found["students"]) == (71.25, "test", "convnet-d2-w8")
    assert found["bytes"] == 2 * 10 * 28 * 28
    assert found["seconds"] == 10.0  # initialise, synthesise, relabel, evaluate, score at two seconds each
    waiting = row(bare_store.run(add(bare_store, prepared("A"), "queued")), bare_store.stage_results)
    assert (waiting["state"], waiting["top1"], waiting["seconds"]) == ("queued", None, None)


def test_a_title_takes_the_place_of_the_settings(bare_store: Store) -> None:
    run = bare_store.run(add(bare_store, prepared("G", 3, protocol="hard")))
    assert title_of(run) == "EDC, IPC 2, hard labels, seed 3"
    assert row(run, bare_store.stage_results)["called"] == "EDC, hard labels"  # IPC and seed have columns of their own
    assert title_of(replace(run, title="mine")) == "mine"
    given = replace(run, preset="given", settings={"preset": "given", "protocol": "hard"})
    assert title_of(given) == "Uploaded set, IPC 2, hard labels, seed 3"


def test_filters_are_met_together(bare_store: Store) -> None:
    crowd(bare_store, 40)
    runs = bare_store.runs()
    assert len(matching(runs)) == 40
    failed = matching(runs, presets=["RDED"], states=["failed"])
    assert failed
    assert all(run.preset == "RDED" and run.state == "failed" for run in failed)
    assert {run.preset for run in matching(runs, text="Herding convnet-d2-w8")} == {"herding"}
    assert matching(runs, text="nothing is called this") == []
    assert matching(runs, owner="somebody") == []
    assert matching(runs, datasets=["other"]) == []


def test_the_table_is_kept_as_csv_and_no_title_becomes_a_formula(bare_store: Store) -> None:
    name = add(bare_store, prepared("G"))
    bare_store.database.execute("UPDATE runs SET title = '=1+1' WHERE id = ?", (name,))
    table = list(csv.DictReader(io.StringIO(as_csv(rows(bare_store.runs(), bare_store.stage_results)))))
    assert [line["id"] for line in table] == [name]
    assert table[0]["top-1 (%)"] == "80.0"
    assert table[0]["run"] == "'=1+1"


def test_the_csv_holds_every_setting_of_each_run(bare_store: Store) -> None:
    for made in (prepared("G", changes='{"evaluate.zeta": 1.5}'), prepared("random")):
        add(bare_store, made)
    runs = bare_store.runs()
    whole = as_csv(rows(runs, bare_store.stage_results), setting_columns(runs))
    lines = {line["preset"]: line for line in csv.DictReader(io.StringIO(whole))}
    assert (lines["G"]["changed"], lines["G"]["evaluate.zeta"]) == ("zeta 1.5", "1.5")
    assert lines["random"]["synthesise.alpha"] == ""  # not read there
    assert lines["G"]["synthesise.observers"] == "convnet-d2-w8, wrn-10-1"


def test_only_what_differs_is_shown_and_what_is_out_of_use_apart(bare_store: Store) -> None:
    runs = runs_of(
        bare_store, add(bare_store, prepared("G")), add(bare_store, prepared("G", changes='{"evaluate.zeta": 1.5}'))
    )
    assert differences(runs) == {"evaluate.zeta": ["2", "1.5"]}
    runs = runs_of(bare_store, add(bare_store, prepared("G", 1)), add(bare_store, prepared("random", 1)))
    assert differences(runs) == {"synthesise.iterations": ["8", "0"]}
    assert read_by_some(runs)["synthesise.alpha"] == ["0.5", NOT_READ]


def test_it_is_said_what_chance_redrew(bare_store: Store) -> None:
    first, second, again = (
        add(bare_store, made) for made in (prepared("G"), prepared("G", 1), prepared("G", protocol="rded"))
    )
    anew = redrawn(runs_of(bare_store, first, second))
    assert "starting images, synthesis, views and students" in anew
    assert "Observers come from" in anew
    same = redrawn(runs_of(bare_store, first, again))
    assert same.startswith("The same images, judged again. Nothing was redrawn")


def test_means_and_the_smallest_difference_come_from_the_figures(bare_store: Store) -> None:
    names = [add(bare_store, prepared("G", seed), top1=top1) for seed, top1 in enumerate((80.0, 81.0, 82.0))]
    runs = runs_of(bare_store, *names)
    found = means(runs)
    assert list(found) == ["EDC, IPC 2"]
    assert found["EDC, IPC 2"].mean == pytest.approx(81)
    assert found["EDC, IPC 2"].half == pytest.approx(4.3027 / 3**0.5)
    assert "Fewer than three" not in resolution(runs)
    assert "Fewer than three" in resolution(runs[:2])
    # two shares of 80 % from 10,000 images: 1.96 sqrt(2 x 0.8 x 0.2 / 10000) = 1.1 points
    assert "10,000 images" in resolution(runs)
    assert "1.1 points" in resolution(runs)
    held_out = bare_store.run(add(bare_store, prepared("A", changes='{"score.split": "val"}')))
    assert "do not compare" in resolution([runs[0], held_out])
    assert resolution(runs[:1]) == ""


def test_settings_of_one_title_are_told_apart(bare_store: Store) -> None:
    names = [
        add(bare_store, prepared("G", seed, changes=f'{{"data.holdout": {held}}}'), top1=70.0 + held / 2 + seed)
        for held in (20, 40)
        for seed in (0, 1)
    ]
    found = {name: one.mean for name, one in means(runs_of(bare_store, *names)).items()}
    assert found == {"EDC with holdout 20, IPC 2": 80.5, "EDC with holdout 40, IPC 2": 90.5}


def test_a_seed_counts_once_whatever_its_run_is_called(bare_store: Store) -> None:
    names = [add(bare_store, prepared(preset, seed), top1=80.0 + seed) for preset, seed in (("G", 0), ("EDC", 0))]
    assert means(runs_of(bare_store, *names)) == {}  # one run by two names, and no interval of nought
    runs = runs_of(bare_store, *names, add(bare_store, prepared("G", 1), top1=81.0))
    assert [found.count for found in means(runs).values()] == [2]
    assert "Fewer than three" in resolution(runs)


def test_data_sets_of_one_name_are_not_taken_for_one(bare_store: Store) -> None:
    names = [add(bare_store, prepared("G", seed)) for seed in (0, 1)]
    runs = [
        replace(copy.deepcopy(run), dataset=f"/data/{place}/photos")
        for place, run in enumerate(runs_of(bare_store, *names))
    ]
    for place, run in enumerate(runs):
        run.settings["dataset"] = run.dataset
        run.manifest["dataset"]["digest"] = f"{place}" * 24
    assert means(runs) == {}
    assert differences(runs)["dataset"] == ["photos · in 0", "photos · in 1"]


def test_one_students_weights_have_an_accuracy_of_their_own(bare_store: Store) -> None:
    run = copy.deepcopy(bare_store.run(add(bare_store, prepared("G"))))
    run.result["students"].append({"student": "wrn-10-1", "seed": 0, "top1": 61.0, "top1_ema": 63.0})
    assert top1_of_student(run, Student("wrn-10-1", 0), "raw") == 61.0
    assert top1_of_student(run, Student("wrn-10-1", 0), "ema") == 63.0


def test_held_out_images_are_counted_as_they_are_drawn(bare_store: Store) -> None:
    run = copy.deepcopy(bare_store.run(add(bare_store, prepared("A", changes='{"score.split": "val"}'))))
    run.manifest["dataset"]["train_counts"] = [30, 30, 40]  # three of each: a tenth of the smallest class
    assert run.settings["data"]["holdout"] > 9
    assert scored_images(run) == 9
    assert "With 9 images" in resolution([run, run])
    assert duel.verdict(run, run, []).basis == "one seed, 9 held-out images"
    run.settings["evaluate"]["unheard_of"] = 1  # of another version
    assert scored_images(run) == run.settings["data"]["holdout"]


def test_bytes_are_unknown_without_a_description() -> None:
    run = RunRecord("r", 0.0, RunState.QUEUED, "G", "x", 1, 0, {}, [], {"dataset": {"digest": "d"}})
    assert image_bytes(run) is None


def test_an_uneven_upload_weighs_what_its_images_do(bare_store: Store) -> None:
    run = bare_store.run(uneven_upload(bare_store).run)
    assert run.ipc == 7  # rounded up, so that controls have no fewer images
    assert row(run, bare_store.stage_results)["bytes"] == 65 * 28 * 28
    given_path(bare_store.home, run.settings["initialise"]["images"]).unlink()  # as in another store
    assert row(run, bare_store.stage_results)["bytes"] == 70 * 28 * 28
    damaged = bare_store.home / "artefacts" / next(one["key"] for one in run.plan if one["stage"] == "initialise")
    damaged.mkdir(parents=True, exist_ok=True)
    (damaged / "images.safetensors").write_bytes(b"x")
    assert row(run, bare_store.stage_results)["bytes"] == 70 * 28 * 28  # the table stays whole


@pytest.mark.parametrize(
    "made",
    [
        prepared("G"),
        prepared("A", 3),
        prepared("RDED", 1, 1),
        prepared("random", protocol="hard"),
        prepared("G", protocol="rded", changes='{"evaluate.students": ["convnet-d2-w8", "wrn-10-1"]}'),
        prepared("G", changes='{"evaluate.seeds": 2, "score.split": "val", "synthesise.observers": ["wrn-10-1"]}'),
        prepared("G", 5, changes='{"views.epochs": null, "views.steps": 9, "evaluate.schedule": "ssrs"}'),
    ],
    ids=lambda made: made.run,
)
def test_the_shown_command_makes_the_very_same_run(made, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("edc_core.cli.run.execute", lambda run, *rest, **named: asked.append(run) or {})
    words = shlex.split(command_of(made.config.model_dump(mode="json")))
    assert words[:3] == ["python", "-m", "edc_core"]
    done = CliRunner().invoke(app, words[3:])
    assert not done.exception, done.output
    assert asked[0].run == made.run


@pytest.mark.parametrize("name", ["3", "0.5", "true", "null", '"x"', "Bag", "a,b"])
def test_a_class_may_be_called_by_a_number(name: str) -> None:
    """As digits are: the shown command names it so that it is read back as text."""
    settings = prepared("single-class").config.model_dump(mode="json")
    settings["initialise"]["only"] = name
    words = shlex.split(command_of(settings))
    assert parse_changes([words[words.index("--set") + 1]]) == {"initialise.single_class": name}


def test_a_preset_is_repeated_without_a_single_change() -> None:
    settings = prepared("G").config.model_dump(mode="json")
    assert changes_of(settings) == {}
    assert "--set " not in command_of(settings)
    assert changes_of(settings | {"preset": "gone"}) == {}
