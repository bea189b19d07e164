"""The store: whole or absent, one schema forward, many processes at once."""

import contextlib
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.errors import StoreError
from edc_core.events import Progress, Scalars, StageStarted, ignore
from edc_core.store import Artefacts, Recorder, Store
from edc_core.store.database import MIGRATIONS
from edc_core.store.files import write_grid, write_json
from tests.conftest import ROOT

KEY = "0123456789abcdef01234567"


def begin(store: Store, run: str = "a-run", config: dict | None = None, dataset: dict | None = None) -> None:
    """A run of one stage, registered as this process's."""
    config = {"preset": "G", "dataset": "x", "ipc": 1, "evaluate": {"seed": 0}} | (config or {})
    plan = [{"stage": stage, "name": "", "key": KEY} for stage in ("synthesise", "evaluate")]
    store.begin(run, config, plan, {"dataset": dataset or {"digest": "d"}})


def test_a_result_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    artefacts = Artefacts(tmp_path)
    with contextlib.suppress(ZeroDivisionError), artefacts.building(KEY, ignore) as work:
        (work.path / "half.json").write_text("{")
        1 / 0  # noqa: B018
    assert artefacts.find(KEY) is None
    with artefacts.building(KEY, ignore) as work:
        assert (work.path / "half.json").exists()  # what a resume finds
        (work.path / "checkpoint.safetensors").write_text("")
        assert artefacts.find(KEY) is None
    assert sorted(path.name for path in artefacts.find(KEY).iterdir()) == ["half.json"]
    with artefacts.building(KEY, ignore) as work:
        assert work is None  # finished already


def test_two_processes_never_compute_one_stage_together(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from edc_core.store import Artefacts; from edc_core.events import ignore\n"
        f"with Artefacts(Path({str(tmp_path)!r})).building({KEY!r}, ignore) as work:\n"
        "    print('none' if work is None else 'built', flush=True)\n"
        "    work and time.sleep(1)"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in processes)
    assert said == ["built", "none", "none"]


def test_a_bundled_result_is_found_and_never_written(tmp_path: Path) -> None:
    bundled = tmp_path / "bundled"
    (bundled / "artefacts" / KEY).mkdir(parents=True)
    artefacts = Artefacts(tmp_path / "home", (bundled,))
    assert artefacts.find(KEY) == bundled / "artefacts" / KEY
    artefacts.remove(KEY)
    assert artefacts.find(KEY) == bundled / "artefacts" / KEY


@pytest.mark.parametrize("name", ["../../etc", "", "a/b", KEY + "0", KEY.upper()])
def test_only_keys_become_folders(name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not an artefact's key"):
        Artefacts(tmp_path).find(name)


def test_the_schema_is_versioned_and_a_newer_one_is_refused(tmp_path: Path) -> None:
    Store(tmp_path).close()
    database = sqlite3.connect(tmp_path / "store.sqlite")
    assert database.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
    database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    database.close()
    with pytest.raises(StoreError, match="newer than this version"):
        Store(tmp_path)


def test_an_older_schema_is_migrated_with_its_rows(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "store.sqlite")
    database.close()  # version 0: an empty file
    store = Store(tmp_path)
    begin(store)
    assert store.run("a-run")["state"] == "running"
    store.close()


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


def test_a_live_run_is_not_started_twice(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begin(store)
    store.database.execute("UPDATE runs SET pid = ?", (1,))
    with pytest.raises(StoreError, match="being computed by process 1"):
        begin(store)
    store.close()


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
