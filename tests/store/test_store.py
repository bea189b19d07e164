"""The store: whole or absent, one schema forward, many processes at once."""

import contextlib
import copy
import json
import os
import sqlite3
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from filelock import FileLock

from edc_core.errors import StoreError
from edc_core.events import no_op
from edc_core.store import StageResults, Store
from edc_core.store.files import write_json
from edc_core.store.frozen_json import decoded
from edc_core.store.migrations import MIGRATIONS
from edc_core.store.schema import connect
from tests.conftest import ROOT
from tests.support.store_rows import KEY, begin


def test_who_first_opens_a_store_waits_for_another_who_does_so_just_now(tmp_path: Path) -> None:
    """SQLite refuses a change of mode beside another one at once, whatever its timeout: it was seen with three runs."""
    opened = []
    with FileLock(tmp_path / "store.sqlite.lock"):  # held while a file's mode changes
        thread = threading.Thread(target=lambda: opened.append(connect(tmp_path / "store.sqlite")))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(10)
    assert opened[0].execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    opened[0].close()
    connect(tmp_path / "store.sqlite").close()  # a file in that mode needs no turn


def test_a_lock_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite.lock").mkdir()
    with pytest.raises(StoreError, match="cannot be written .* choose another with --home"):
        connect(tmp_path / "store.sqlite")


def test_a_result_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    stage_results = StageResults(tmp_path)
    with contextlib.suppress(ZeroDivisionError), stage_results.create(KEY, no_op) as work:
        (work.path / "half.json").write_text("{")
        1 / 0  # noqa: B018
    assert stage_results.find(KEY) is None
    with stage_results.create(KEY, no_op) as work:
        assert (work.path / "half.json").exists()  # what a resume finds
        (work.path / "checkpoint.safetensors").write_text("")
        assert stage_results.find(KEY) is None
    assert sorted(path.name for path in stage_results.find(KEY).iterdir()) == ["digests.json", "half.json"]
    with stage_results.create(KEY, no_op) as work:
        assert work is None  # finished already


def test_two_processes_never_compute_one_stage_together(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from edc_core.store import StageResults; from edc_core.events import no_op\n"
        f"with StageResults(Path({str(tmp_path)!r})).create({KEY!r}, no_op) as work:\n"
        "    print('none' if work is None else 'built', flush=True)\n"
        "    work and time.sleep(1)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
    assert said == ["built", "none", "none"]


def test_a_result_is_removed_only_when_nobody_computes_it_any_more(tmp_path: Path) -> None:
    stage_results = StageResults(tmp_path)
    with stage_results.create(KEY, no_op):
        thread = threading.Thread(target=StageResults(tmp_path).remove, args=(KEY,))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert (tmp_path / "partial" / KEY).is_dir()
    thread.join(10)
    assert stage_results.find(KEY) is None


def test_what_a_killed_removal_left_goes_with_the_next_one_and_what_another_fills_just_now_stays(tmp_path) -> None:
    just_now, left = (tmp_path / "partial" / f"deleting-{name}" for name in ("just-now", "left"))
    for folder in (just_now, left):
        folder.mkdir(parents=True)
    os.utime(left, (0, 0))
    StageResults(tmp_path).remove(KEY)
    assert just_now.is_dir()
    assert not left.exists()


def test_a_bundled_result_is_found_and_never_written(tmp_path: Path) -> None:
    bundled = tmp_path / "bundled"
    (bundled / "artefacts" / KEY).mkdir(parents=True)
    stage_results = StageResults(tmp_path / "home", (bundled,))
    assert stage_results.find(KEY) == bundled / "artefacts" / KEY
    stage_results.remove(KEY)
    assert stage_results.find(KEY) == bundled / "artefacts" / KEY


@pytest.mark.parametrize("name", ["../../etc", "", "a/b", KEY + "0", KEY.upper()])
def test_only_keys_become_folders(name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not a stage result's key"):
        StageResults(tmp_path).find(name)


def test_the_schema_is_versioned_and_a_newer_one_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "store.sqlite")
    assert database.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(StoreError, match="newer than this version"):
        Store(tmp_path)


def test_an_older_schema_is_migrated_with_its_rows(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "store.sqlite")) as database:
        database.executescript(MIGRATIONS[0] + "PRAGMA user_version = 1")
        settings = json.dumps({"preset": "G"})
        database.execute(
            "INSERT INTO runs (id, created, state, preset, dataset, ipc, seed, settings, plan, manifest, result)"
            " VALUES ('old', 1, 'finished', 'G', 'x', 1, 0, ?, '[]', ?, '{\"top1\": 50}')",
            (settings, json.dumps({"dataset": {"digest": "d"}})),
        )
        for name, error in (
            ("hot", "it diverged: lower lr; resumed as it is, it would end here again."),
            ("full", "x"),
        ):
            database.execute(
                "INSERT INTO runs SELECT ?, created, 'failed', preset, dataset, ipc, seed, settings, plan, manifest,"
                " progress, NULL, ?, cancel, pid, heartbeat FROM runs WHERE id = 'old'",
                (name, error),
            )
        database.execute("INSERT INTO looks VALUES ('k', 'd', 'old', 1)")
        database.commit()
    with contextlib.closing(Store(tmp_path)) as store:
        assert [store.run(name).resumable for name in ("old", "hot", "full")] == [True, False, True]
        old = store.run("old")
        assert (old.state, old.result, old.manifest["test_looks"]) == (
            "finished",
            {"top1": 50},
            {"run": 1, "store": 1},
        )
        assert (old.title, old.owner, old.origin, old.wanted) == ("", "", "command line", [])
        begin(store)
        assert store.run("a-run").state == "running"


def test_bundled_runs_stand_among_the_others_and_are_kept(tmp_path: Path) -> None:
    entry = {"id": "g-bundled", "created": 1.0, "preset": "G", "dataset": "x", "ipc": 1, "seed": 0, "settings": {}}
    entry |= {"plan": [], "manifest": {"dataset": {"digest": "d"}}, "result": {"top1": 50}}
    (tmp_path / "assets" / "runs").mkdir(parents=True)
    write_json(tmp_path / "assets" / "runs" / "g-bundled.json", entry)
    with contextlib.closing(Store(tmp_path / "home", (tmp_path / "assets",))) as store:
        begin(store)
        assert [(run.id, run.bundled) for run in store.runs()] == [("a-run", False), ("g-bundled", True)]
        assert store.run("bundled").origin == "bundled"
        assert store.result("g-bundled") == {"top1": 50}
        with pytest.raises(StoreError, match="comes with the project"):
            store.delete("g-bundled")


def test_two_hundred_runs_are_listed_in_few_questions(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path, ())) as store:
        for number in range(200):
            begin(store, f"run-{number}")
            store.finish(f"run-{number}", "finished", {"top1": 1})
            store.add_test_set_evaluation(KEY, "d", f"run-{number}")
        asked = []
        store.database.set_trace_callback(asked.append)
        runs = store.runs()
    assert len(asked) <= 4
    assert all(run.manifest["test_looks"] == {"run": 1, "store": 200} for run in runs)


def test_what_is_at_work_is_found_without_reading_what_is_finished(tmp_path: Path) -> None:
    """Every browser asks for it every two seconds, and a store holds hundreds of finished runs."""
    with contextlib.closing(Store(tmp_path)) as store:
        for number in range(3):
            begin(store, f"run-{number}")
            store.finish(f"run-{number}", "finished", {"top1": 1})
        store.database.execute("UPDATE runs SET plan = 'nobody decodes this'")
        begin(store, "at-work")
        config = {"preset": "G", "dataset": "x", "ipc": 1, "evaluate": {"seed": 0}}
        store.register("asked", config, [], {"dataset": {"digest": "d"}}, "landscape")
        store.add_test_set_evaluation(KEY, "d", "at-work")
        assert {run.id: run.state for run in store.alive()} == {"at-work": "running", "asked": "queued"}
        assert [run.id for run in store.surveys()] == ["asked"]
        found = next(run for run in store.alive() if run.id == "at-work")
        assert found == store.find("at-work")
        assert found.manifest["test_looks"] == {"run": 1, "store": 1}
        store.database.execute("UPDATE runs SET pid_created = 0")
        assert [run.id for run in store.alive()] == ["asked"]


def test_a_run_is_decoded_once_while_it_is_unchanged(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        store.runs()
        before = decoded.cache_info().misses
        first = store.runs()
        assert decoded.cache_info().misses == before
        store.finish("a-run", "finished", {"top1": 1, "students": [{"raw": 2}]})
        assert store.run("a-run").result["top1"] == 1
        store.database.execute("UPDATE runs SET plan = '[]'")
        assert (first[0].result, store.run("a-run").plan) == (None, [])  # old and new, each what it was


def test_what_readers_share_nobody_can_change(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        store.finish("a-run", "finished", {"top1": 1, "students": [{"raw": 2}]})
        mine = store.run("a-run")
        with pytest.raises(FrozenInstanceError):
            mine.title = "mine"  # type: ignore[misc]
        for change in (
            lambda: mine.settings["evaluate"].update(seed=9),
            lambda: mine.plan.append({}),
            lambda: mine.result["students"][0].pop("raw"),
            lambda: mine.manifest["dataset"].__setitem__("digest", "e"),
        ):
            with pytest.raises(TypeError, match="shared by all"):
                change()
        assert json.loads(json.dumps(vars(mine))) == vars(mine)
        own = copy.deepcopy(mine)
        assert own == mine
        own.result["students"][0]["raw"] = 3
        own.plan.clear()
        theirs = store.run("a-run")
        assert (theirs.title, theirs.result["students"], len(theirs.plan)) == ("", [{"raw": 2}], 2)
