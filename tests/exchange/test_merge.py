"""`merge`: another store's results become this one's, whole or not at all, and nothing here is overwritten."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from edc_core.data.external_sets.given import load_given, save_given
from edc_core.exchange.merge_stores import merge
from edc_core.store import Store
from edc_core.store.migrations import MIGRATIONS
from tests.support.small_stores import (
    IMAGES,
    MANIFEST,
    SETTINGS,
    content,
    finished,
    left_over,
    register,
    result,
    rows,
)


def test_results_runs_curves_and_looks_come_over_and_a_second_time_nothing(theirs: Path, ours: Path) -> None:
    keys = {"initialise": result(theirs, "initialise", number=3), "synthesise": "0" * 24}
    register(theirs, "g-stopped", keys, "cancelled")
    with closing(Store(theirs, ())) as store:
        store.add_curves([("0" * 24, "loss/total", step, 1.0) for step in range(5)])
        store.add_test_set_evaluation("1" * 24, "d", "g-run-1")
        store.add_test_set_evaluation("1" * 24, "d", "g-run-1")  # asked for twice, at another time
        store.set_measurement("speed", 1)
    digest = save_given(theirs, IMAGES["images"], IMAGES["labels"])
    merged = merge(theirs, ours).plain()
    expected = {"stage_results": 11, "there": 0, "runs": 3, "curves": 5, "looks": 2, "sets": 1, "ablations": 0}
    assert merged == expected | {"skipped": []}
    assert content(ours) == content(theirs)
    assert not left_over(ours)
    with closing(Store(ours, ())) as store:
        run = store.run("g-run-1")
        assert (run.state, run.result["top1_ema"], run.owner, run.wanted) == ("finished", 62.5, "", [])
        assert run.manifest["test_looks"] == {"run": 2, "store": 2}
        assert store.curves("0" * 24) == {"loss/total": ([0, 1, 2, 3, 4], [1.0] * 5)}
        assert store.measurement("speed") is None
    assert load_given(ours, digest)[0].shape == (4, 1, 2, 2)
    before = content(ours), [rows(ours, f"SELECT * FROM {table}") for table in ("runs", "looks", "curves")]
    nothing = dict.fromkeys(expected, 0) | {"there": 11, "skipped": []}
    assert merge(theirs, ours).plain() == nothing
    assert (content(ours), [rows(ours, f"SELECT * FROM {table}") for table in ("runs", "looks", "curves")]) == before


def test_what_is_here_stays_as_it_is(theirs: Path, ours: Path) -> None:
    keys = finished(ours, 1)
    register(ours, "g-run-2", keys, "failed", title="mine")
    (ours / "artefacts" / keys["score"] / "note.json").write_text('"mine"')
    merged = merge(theirs, ours)
    assert (merged.stage_results, merged.there, merged.runs) == (5, 5, 0)
    assert (ours / "artefacts" / keys["score"] / "note.json").exists()
    with closing(Store(ours, ())) as store:
        assert (store.run("g-run-2").title, store.run("g-run-2").state) == ("mine", "failed")


def test_a_run_that_was_stopped_here_has_its_result_from_there(theirs: Path, ours: Path) -> None:
    with closing(Store(theirs, ())) as store:
        keys = {node["stage"]: node["key"] for node in store.run("g-run-2").plan}
    register(ours, "g-run-2", keys, "cancelled", title="mine")
    assert merge(theirs, ours).runs == 2
    with closing(Store(ours, ())) as store:
        run = store.run("g-run-2")
        assert (run.state, run.result["top1_ema"]) == ("finished", 62.5)
        assert (run.title, run.owner) == ("mine", "somebody")


def test_what_a_run_submitted_meanwhile_counts_on_is_not_deleted(ours: Path) -> None:
    keys = finished(ours, 1)
    with closing(Store(ours, ())) as store:
        plan = [{"stage": stage, "name": "", "key": keys[stage]} for stage in ("initialise", "synthesise")]
        store.database.execute("DELETE FROM runs")  # as `delete` does first
        store.claim_or_resume(
            "g-other",
            {"preset": "G", "dataset": "x", "ipc": 2, "evaluate": {"seed": 0}},
            plan,
            {"dataset": {"digest": "d"}},
        )
        assert not store._removed(keys["synthesise"], "g-run-1")
        assert store._removed(keys["evaluate"], "g-run-1")
        assert store.stage_results.find(keys["synthesise"])
        assert not store.stage_results.find(keys["evaluate"])
    assert not left_over(ours)


def test_looks_of_several_stores_add_up_without_doubles(tmp_path: Path, ours: Path) -> None:
    shared = ("2" * 24, "d", "shared", 5.0)
    for name in ("one", "two"):
        with closing(Store(tmp_path / name, ())) as store:
            store.add_test_set_evaluation("1" * 24, "d", name)
            store.database.execute("INSERT INTO looks VALUES (?, ?, ?, ?)", shared)
    merge(tmp_path / "one", tmp_path / "two")  # so that the second holds the first's
    assert merge(tmp_path / "one", ours).looks == 2
    assert merge(tmp_path / "two", ours).looks == 1
    assert [row[0] for row in rows(ours, "SELECT run FROM looks")] == ["one", "shared", "two"]


def test_the_other_store_is_left_as_it_is_and_may_be_of_an_older_schema(tmp_path: Path, ours: Path) -> None:
    old = tmp_path / "old"
    (old / "artefacts").mkdir(parents=True)
    with closing(sqlite3.connect(old / "store.sqlite")) as database:
        database.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1")
        database.execute(
            "INSERT INTO runs (id, created, state, preset, dataset, ipc, seed, settings, plan, manifest, error)"
            " VALUES ('old', 1, 'failed', 'G', 'x', 1, 0, ?, '[]', ?,"
            " 'it diverged: lower lr; resumed as it is, it would end here again.')",
            (json.dumps(SETTINGS), json.dumps(MANIFEST)),
        )
        database.commit()
    before = (old / "store.sqlite").read_bytes()
    assert merge(old, ours).runs == 1
    assert (old / "store.sqlite").read_bytes() == before
    with closing(Store(ours, ())) as store:
        old_run = store.run("old")
        assert (old_run.state, old_run.title, old_run.resumable) == ("failed", "", False)


def test_ablations_come_over_by_id_and_nobody_owns_them_here(theirs: Path, ours: Path) -> None:
    with closing(Store(theirs, ())) as store:
        store.database.execute(
            "INSERT INTO ablations (id, created, title, design, owner, nickname)"
            " VALUES ('m-1', 1, 'mine', '{\"kind\": \"ladder\"}', 'somebody', 'Ada')"
        )
    assert merge(theirs, ours).ablations == 1
    assert merge(theirs, ours).ablations == 0
    assert rows(ours, "SELECT id, title, owner, nickname FROM ablations") == [("m-1", "mine", "", "Ada")]


def test_what_is_not_finished_there_is_not_taken(theirs: Path, ours: Path) -> None:
    register(theirs, "g-working", {"synthesise": "0" * 24}, "running")
    merged = merge(theirs, ours)
    assert merged.runs == 2
    assert merged.skipped == ["the run 'g-working' is left out: it is not finished there."]
