"""The store: whole or absent, one schema forward, many processes at once."""

import contextlib
import copy
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from PIL import Image

from edc_core.errors import Diverged, StoreError
from edc_core.events import Progress, Scalars, StageStarted, no_op
from edc_core.jobs.queue import claim
from edc_core.store import Recorder, StageResults, Store
from edc_core.store.files import write_grid, write_json
from edc_core.store.frozen_json import decoded
from edc_core.store.schema import MIGRATIONS, connect, transaction
from edc_core.store.states import RunState
from tests.conftest import ROOT

KEY = "0123456789abcdef01234567"


def begin(store: Store, run: str = "a-run", config: dict | None = None, dataset: dict | None = None) -> None:
    """A run of one stage, registered as this process's."""
    config = {"preset": "G", "dataset": "x", "ipc": 1, "evaluate": {"seed": 0}} | (config or {})
    plan = [{"stage": stage, "name": "", "key": KEY} for stage in ("synthesise", "evaluate")]
    store.claim_or_resume(run, config, plan, {"dataset": dataset or {"digest": "d"}})


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
        assert [store.run(name)["resumable"] for name in ("old", "hot", "full")] == [True, False, True]
        old = store.run("old")
        assert (old["state"], old["result"], old["manifest"]["test_looks"]) == (
            "finished",
            {"top1": 50},
            {"run": 1, "store": 1},
        )
        assert (old["title"], old["owner"], old["origin"], old["wanted"]) == ("", "", "command line", [])
        begin(store)
        assert store.run("a-run")["state"] == "running"


def test_bundled_runs_stand_among_the_others_and_are_kept(tmp_path: Path) -> None:
    entry = {"id": "g-bundled", "created": 1.0, "preset": "G", "dataset": "x", "ipc": 1, "seed": 0, "settings": {}}
    entry |= {"plan": [], "manifest": {"dataset": {"digest": "d"}}, "result": {"top1": 50}}
    (tmp_path / "assets" / "runs").mkdir(parents=True)
    write_json(tmp_path / "assets" / "runs" / "g-bundled.json", entry)
    with contextlib.closing(Store(tmp_path / "home", (tmp_path / "assets",))) as store:
        begin(store)
        assert [(run["id"], run["bundled"]) for run in store.runs()] == [("a-run", False), ("g-bundled", True)]
        assert store.run("bundled")["origin"] == "bundled"
        assert set(store.run("a-run")) - set(store.run("g-bundled")) <= {"cancel_time", "pid_created"}
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
    assert all(run["manifest"]["test_looks"] == {"run": 1, "store": 200} for run in runs)


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
        assert {run["id"]: run["state"] for run in store.alive()} == {"at-work": "running", "asked": "queued"}
        assert [run["id"] for run in store.surveys()] == ["asked"]
        found = next(run for run in store.alive() if run["id"] == "at-work")
        assert found == store.find("at-work")
        assert found["manifest"]["test_looks"] == {"run": 1, "store": 1}
        store.database.execute("UPDATE runs SET heartbeat = 0")
        assert [run["id"] for run in store.alive()] == ["asked"]


def test_a_run_is_decoded_once_while_it_is_unchanged(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        store.runs()
        before = decoded.cache_info().misses
        first = store.runs()
        assert decoded.cache_info().misses == before
        store.finish("a-run", "finished", {"top1": 1, "students": [{"raw": 2}]})
        assert store.run("a-run")["result"]["top1"] == 1
        store.database.execute("UPDATE runs SET plan = '[]'")
        assert (first[0]["result"], store.run("a-run")["plan"]) == (None, [])  # old and new, each what it was


def test_what_readers_share_nobody_can_change(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        store.finish("a-run", "finished", {"top1": 1, "students": [{"raw": 2}]})
        mine = store.run("a-run")
        mine["title"] = "mine"
        for change in (
            lambda: mine["settings"]["evaluate"].update(seed=9),
            lambda: mine["plan"].append({}),
            lambda: mine["result"]["students"][0].pop("raw"),
            lambda: mine["manifest"]["dataset"].__setitem__("digest", "e"),
        ):
            with pytest.raises(TypeError, match="shared by all"):
                change()
        for own in (copy.deepcopy(mine), json.loads(json.dumps(mine))):
            assert own == mine
            own["result"]["students"][0]["raw"] = 3
            own["plan"].clear()
        theirs = store.run("a-run")
        assert (theirs["title"], theirs["result"]["students"], len(theirs["plan"])) == ("", [{"raw": 2}], 2)


def test_measurements_of_this_machine_are_kept(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        assert store.measurement("speed") is None
        store.set_measurement("speed", {"steps": 1.5})
        store.set_measurement("speed", {"steps": 2.5})
    with contextlib.closing(Store(tmp_path)) as store:
        assert store.measurement("speed") == {"steps": 2.5}


def test_a_full_disk_and_a_damaged_file_are_sentences(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        pages = store.database.row("PRAGMA page_count")[0]
        store.database.execute(f"PRAGMA max_page_count = {pages}")
        rows = [(KEY, "loss", step, 1.0) for step in range(10_000)]
        with pytest.raises(StoreError, match="is full .*: free some space"):
            store.add_curves(rows)
        assert not store.database.in_transaction
        store.database.execute(f"PRAGMA max_page_count = {pages + 1000}")
        store.add_curves(rows)  # there is space again
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "store.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="is damaged .*: move it away"):
        Store(tmp_path / "broken")
    with pytest.raises(StoreError, match="cannot be written"):
        Store(tmp_path / "store.sqlite" / "home")


@pytest.mark.parametrize(
    ("column", "value"),
    [("progress", "{"), ("progress", "5"), ("created", "x"), ("heartbeat", "x"), ("settings", "[]"), ("manifest", "5")]
    + [("plan", "[1]"), ("result", "{"), ("wanted", "{}"), ("queued", b"x"), ("manifest", '{"dataset": 5}')]
    + [("state", "paused"), ("state", b"x")],
)
def test_a_damaged_row_is_left_out_said_in_one_sentence_and_deleted(tmp_path: Path, column: str, value: object) -> None:
    """One row of odd bytes once stopped every page."""
    with contextlib.closing(Store(tmp_path, ())) as store:
        begin(store, "whole")
        begin(store)
        (tmp_path / "artefacts" / KEY).mkdir(parents=True)
        store.database.execute(f"UPDATE runs SET {column} = ?, pid = NULL WHERE id = 'a-run'", (value,))
        assert [run["id"] for run in store.runs()] == ["whole"]
        assert [row["id"] for row in store.damaged()] == ["a-run"]
        for look in (store.run, store.find, begin):
            with pytest.raises(
                StoreError, match="'a-run' is damaged .*: delete it with 'python -m edc_core delete a-run'"
            ):
                look(store) if look is begin else look("a-run")
        store.finish("whole", "finished")
        store.delete("whole")
        assert store.stage_results.find(KEY) or column == "plan"  # the damaged run may rest on it
        assert store.delete("a-run") == []
        assert store.database.rows("SELECT id FROM runs") == store.damaged() == []


def test_a_damaged_row_in_the_queue_is_taken_first_and_stops_nobody(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path, ())) as store:
        for run in ("one", "odd"):
            begin(store, run)
        store.database.execute("UPDATE runs SET state = 'queued', queued = 1")
        store.database.execute("UPDATE runs SET queued = 'x', created = 'x' WHERE id = 'odd'")
        assert claim(store) == "odd"
        store.finish("odd", "failed", error="damaged")
        assert claim(store) == "one"


def test_text_that_cannot_be_decoded_is_a_damaged_file_and_not_one_that_cannot_be_written(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path, ())) as store:
        begin(store)
        store.database.execute("UPDATE runs SET settings = CAST(x'ff' AS TEXT)")
        with pytest.raises(StoreError, match="is damaged .*Could not decode.*: move it away"):
            store.runs()


def test_a_number_used_again_is_another_process(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        assert store.run("a-run")["state"] == "running"
        store.database.execute("UPDATE runs SET pid_created = pid_created - 60")
        assert store.run("a-run")["state"] == "interrupted"


def test_a_dead_process_shows_as_interrupted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    assert store.run("a-run")["state"] == "running"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    store.database.execute("UPDATE runs SET pid = ?", (dead.pid,))
    assert store.run("a-run")["state"] == "interrupted"
    store.database.execute("UPDATE runs SET pid = ?, heartbeat = ?", (1, time.time() - 60))
    assert store.run("a-run")["state"] == "interrupted"
    begin(store)  # and may be taken up again
    store.close()


def test_of_a_transaction_that_fails_nothing_is_written(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        with contextlib.suppress(ZeroDivisionError), transaction(store.database):
            store.add_test_set_evaluation(KEY, "d", "a-run")
            1 / 0  # noqa: B018
        assert store.database.rows("SELECT * FROM looks") == []
        with transaction(store.database):
            store.add_test_set_evaluation(KEY, "d", "a-run")
        assert len(store.database.rows("SELECT * FROM looks")) == 1


def test_more_that_was_asked_of_a_run_while_it_ended_waits_in_the_queue(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        begin(store)
        plan = [{"stage": stage, "name": "", "key": KEY} for stage in ("synthesise", "neighbours")]
        store.database.execute("UPDATE runs SET plan = ?, wanted = ?", (json.dumps(plan), '["neighbours"]'))
        store.finish("a-run", "finished", {"top1": 50})
        assert (store.run("a-run")["state"], store.run("a-run")["wanted"]) == ("queued", ["neighbours"])
        (tmp_path / "artefacts" / KEY).mkdir(parents=True)
        store.finish("a-run", "finished")
        assert (store.run("a-run")["state"], store.run("a-run")["wanted"]) == ("finished", [])


def test_a_live_run_is_not_started_twice(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    store.database.execute("UPDATE runs SET pid = ?, pid_created = NULL", (1,))
    with pytest.raises(StoreError, match="being computed by process 1"):
        begin(store)
    store.close()


def test_a_task_asked_anew_is_of_the_data_set_as_it_lies_now(tmp_path: Path) -> None:
    """A folder was renamed: the same pictures, so the same check; a run is what it was."""
    with contextlib.closing(Store(tmp_path, ())) as store:
        for origin, expected in {"check": "/new", "command line": "/old"}.items():
            for place in ("/old", "/new"):
                config = {"preset": "G", "dataset": place, "ipc": 1, "evaluate": {"seed": 0}}
                store.register(origin, config, [], {"dataset": {"digest": "d"}}, origin, place)
            found = store.run(origin)
            assert (found["dataset"], found["settings"]["dataset"], found["title"]) == (expected,) * 3


def test_curves_are_read_live_and_a_step_done_again_counts_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    recorder = Recorder(store, "a-run", "d")
    recorder(StageStarted("synthesise", "", KEY))
    for value in (3.0, 2.0):
        recorder(Scalars(1, {"loss": value}))
        recorder(Scalars(2, {"loss": value - 1}))
        recorder.flush()
    recorder(Progress(1, 10, "step"))
    recorder.flush()
    assert store.curves(KEY) == {"loss": ([1, 2], [2.0, 1.0])}
    assert store.run("a-run")["progress"]["done"] == 1
    store.close()


def test_writes_are_at_most_four_a_second(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    recorder = Recorder(store, "a-run", "d")
    recorder(StageStarted("synthesise", "", KEY))
    before, started = store.database.total_changes, time.monotonic()
    while time.monotonic() - started < 1:
        recorder(Progress(1, 10, "step"))
    assert store.database.total_changes - before <= 5
    store.close()


def test_a_run_is_found_by_its_beginning_or_end(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store, "g-mini-ipc1-s0-aaaaaaaa")
    begin(store, "g-mini-ipc1-s0-bbbbbbbb")
    assert store.run("bbbbbbbb")["id"] == "g-mini-ipc1-s0-bbbbbbbb"
    with pytest.raises(StoreError, match="it could be"):
        store.run("g-mini")
    store.close()


def test_the_grid_shows_each_class_in_its_row_pixel_for_pixel(tmp_path: Path) -> None:
    pixels = np.arange(4 * 1 * 2 * 2, dtype=np.uint8).reshape(4, 1, 2, 2)
    write_grid(tmp_path / "grid.png", pixels, np.array([0, 1, 0, 1]))
    seen = np.asarray(Image.open(tmp_path / "grid.png"))
    assert seen.tolist() == [[0, 1, 8, 9], [2, 3, 10, 11], [4, 5, 12, 13], [6, 7, 14, 15]]


def test_a_json_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", [1])
    write_json(tmp_path / "x.json", [2])
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
    assert (tmp_path / "x.json").read_text() == "[\n 2\n]"


def test_a_failed_run_keeps_whether_it_can_be_resumed_until_it_is_started_anew(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path, ())) as store:
        begin(store)
        store.finish("a-run", RunState.FAILED, error=Diverged("it diverged", "lower lr"))
        assert (store.run("a-run")["resumable"], store.run("a-run")["error"]) == (
            False,
            "it diverged: lower lr; resumed as it is, it would end here again.",
        )
        store.mark_running("a-run")
        assert store.run("a-run")["resumable"]
        store.finish("a-run", RunState.FAILED, error="resumed as it is, it would end here again")  # only words
        assert store.run("a-run")["resumable"]
