"""Rows of runs: damaged, of dead processes, recorded live, found by name."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.errors import Diverged, StoreError
from edc_core.events import Progress, Scalars, StageStarted
from edc_core.jobs.queue import claim
from edc_core.store import Recorder, Store
from edc_core.store.files import write_grid, write_json
from edc_core.store.schema import transaction
from edc_core.store.states import RunState
from tests.support.store_rows import KEY, begin


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
        assert [run.id for run in store.runs()] == ["whole"]
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
        assert store.run("a-run").state == "running"
        store.database.execute("UPDATE runs SET pid_created = pid_created - 60")
        assert store.run("a-run").state == "interrupted"


def test_a_dead_process_shows_as_interrupted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    assert store.run("a-run").state == "running"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    store.database.execute("UPDATE runs SET pid = ?", (dead.pid,))
    assert store.run("a-run").state == "interrupted"
    store.database.execute("UPDATE runs SET pid = ?, heartbeat = ?", (1, time.time() - 60))
    assert store.run("a-run").state == "interrupted"
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
        assert (store.run("a-run").state, store.run("a-run").wanted) == ("queued", ["neighbours"])
        (tmp_path / "artefacts" / KEY).mkdir(parents=True)
        store.finish("a-run", "finished")
        assert (store.run("a-run").state, store.run("a-run").wanted) == ("finished", [])


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
            assert (found.dataset, found.settings["dataset"], found.title) == (expected,) * 3


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
    assert store.run("a-run").progress["done"] == 1
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
    assert store.run("bbbbbbbb").id == "g-mini-ipc1-s0-bbbbbbbb"
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
        assert (store.run("a-run").resumable, store.run("a-run").error) == (
            False,
            "it diverged: lower lr; resumed as it is, it would end here again.",
        )
        store.mark_running("a-run")
        assert store.run("a-run").resumable
        store.finish("a-run", RunState.FAILED, error="resumed as it is, it would end here again")  # only words
        assert store.run("a-run").resumable
