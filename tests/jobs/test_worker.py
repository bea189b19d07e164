"""Real workers: they go through the queue, are stopped and killed, and are left alone."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from edc_core import jobs
from edc_core.jobs import Person, Refused
from edc_core.jobs.worker import Worker
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import Store
from edc_core.store.files import read_json, write_json
from edc_core.store.processes import process_lives
from edc_core.store.schema import transaction
from tests.conftest import ROOT, answer, edc
from tests.support.queued import ADA, tiny, until

LONG = {"synthesise.iterations": 20000}


@pytest.fixture
def home(tmp_path: Path, shared_home: Path, tiny_run: dict, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with squeezed observers, an empty queue, and workers that end soon."""
    monkeypatch.setenv("EDC_WORKER_IDLE_SECONDS", "1")
    monkeypatch.setenv("EDC_THREADS", "1")
    for folder in ("artefacts", "datasets"):
        if (shared_home / folder).exists():
            shutil.copytree(shared_home / folder, tmp_path / "home" / folder)
    yield tmp_path / "home"
    if (tmp_path / "home").exists():
        with closing(Store(tmp_path / "home")) as store:
            for pid in jobs.live_workers(store):
                os.killpg(pid, signal.SIGKILL)


@pytest.fixture
def queue(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """That home's store; nobody is started for it, as a worker seems to be there."""
    with closing(Store(home)) as made:
        monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
        yield made


def test_a_worker_goes_through_the_queue_and_ends(home: Path, tiny_run: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_WORKER_IDLE_SECONDS", "6")  # still there when a second one asks
    images = next(stage["key"] for stage in tiny_run["stages"] if stage["stage"] == "synthesise")
    (home / "artefacts" / images / "images.safetensors").write_bytes(b"half")
    with closing(Store(home)) as store:
        bad = jobs.submit(store, tiny(0, "hard"), Person())
        whole = tiny(31, score__split="val")
        good = jobs.submit(store, whole, Person())
        worker = until(lambda: jobs.live_workers(store))
        assert jobs.supervise(store) is None
        assert jobs.live_workers(store) == worker  # and no second one
        until(lambda: store.run(bad.run).state != "queued")  # it holds the lock
        second = answer(edc("worker", home=home))
        assert second["elsewhere"] is True
        until(lambda: store.run(good.run).state == "finished")
        failed = store.run(bad.run)
        assert failed.state == "failed"
        assert "is missing or damaged" in failed.error
        assert "Traceback" in (home / "logs" / "worker.log").read_text()
        until(lambda: store.measurement("device"), 5)  # what computes here, for the Start page

        assert jobs.submit(store, whole, Person()).outcome == "finished"
        extra = jobs.submit(store, whole, Person(), wanted=(*RESULT_STAGES, "neighbours"))
        assert extra.outcome == "queued"
        until(lambda: store.run(good.run).state == "finished")
        assert store.run(good.run).wanted == []
        assert jobs.submit(store, whole, Person(), (*RESULT_STAGES, "neighbours")).outcome == "finished"
        until(lambda: not jobs.live_workers(store), 20)
        until(lambda: not process_lives(worker[0]), 5)
        assert not store.database.rows("SELECT * FROM workers")


def test_a_worker_cancels_a_run_while_it_loads_is_killed_and_the_queue_goes_on(home: Path) -> None:
    with closing(Store(home)) as store:
        first = jobs.submit(store, tiny(51, **LONG), Person()).run
        until(lambda: store.run(first).state == "running")
        assert store.run(first).progress == {"note": "loading torch"}
        jobs.stop(store, first, Person())
        until(lambda: store.run(first).state == "cancelled")
        assert "stage" not in store.run(first).progress or "done" not in store.run(first).progress

        long = jobs.submit(store, tiny(41, **LONG), Person()).run
        rest = jobs.submit(store, tiny(42, score__split="val"), Person()).run
        until(lambda: store.run(long).progress.get("done"))
        (worker,) = jobs.live_workers(store)
        os.kill(worker, signal.SIGKILL)
        until(lambda: store.run(long).state == "interrupted", 10)
        until(lambda: jobs.supervise(store) or jobs.live_workers(store), 10)
        until(lambda: store.run(rest).state == "finished")
        assert jobs.resume(store, long, Person()).outcome == "queued"
        until(lambda: store.run(long).progress.get("done"))

        asked = time.monotonic()
        jobs.stop(store, long, Person())
        until(lambda: store.run(long).state == "cancelled", 10)
        assert time.monotonic() - asked < 5  # two seconds on an idle machine


def test_the_command_line_takes_a_queued_run_over(home: Path, queue: Store) -> None:
    run = jobs.submit(queue, tiny(61, score__split="val"), Person()).run
    assert "place 1" in edc("runs", home=queue.home).stdout
    result = answer(edc("resume", run, home=queue.home))
    assert result["run"] == run
    assert queue.run(run).state == "finished"
    other = jobs.submit(queue, tiny(62), Person()).run
    assert answer(edc("cancel", other, home=queue.home))["state"] == "cancelled"
    assert jobs.places(queue) == {}


def test_a_worker_whose_home_is_deleted_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "edc_core", "worker", "--idle", "100"],
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(tmp_path / "home")},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    until(lambda: (tmp_path / "home" / "worker-default.lock").exists())
    time.sleep(0.5)
    shutil.rmtree(tmp_path / "home")
    process.wait(15)
    assert not (tmp_path / "home").exists()


def test_a_disk_that_is_full_fails_the_run_in_a_sentence_and_not_the_worker(
    home: Path, queue: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = jobs.submit(queue, tiny(71), Person()).run
    monkeypatch.setattr("edc_core.pipeline.execute.open_dataset", lambda *_: None)
    monkeypatch.setattr("edc_core.pipeline.execute.compute", no_space)
    assert jobs.work(home, idle=0) == 1
    assert "is full: free some space, then resume" in queue.run(run).error


def test_a_worker_stays_while_the_store_is_too_busy_to_be_asked(home: Path, queue: Store) -> None:
    jobs.submit(queue, tiny(72), Person())
    worker = Worker(queue, FileLock(home / "worker-test.lock"))
    queue.database.execute("PRAGMA busy_timeout = 50")
    with worker.lock, closing(Store(home)) as other:
        with transaction(other.database):
            assert not worker._leave()
        assert not worker._leave()  # a run waits
        jobs.stop(queue, tiny(72).run, Person())
        assert worker._leave()


def test_an_extra_stage_of_a_bundled_run_is_queued_and_leaves_it_as_it_was(
    home: Path, tmp_path: Path, shared_home: Path, tiny_run: dict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
    assets = tmp_path / "assets"
    (assets / "runs").mkdir(parents=True)
    shutil.move(home / "artefacts", assets / "artefacts")
    for folder in (assets / "artefacts").iterdir():  # another test may have asked for it
        if read_json(folder / "stage.json")["stage"] == "neighbours":
            shutil.rmtree(folder)
    with closing(Store(shared_home)) as store:
        write_json(assets / "runs" / f"{tiny_run['run']}.json", vars(store.run(tiny_run["run"])))
    with closing(Store(home, (assets,))) as store:
        assert jobs.submit(store, tiny(), ADA).outcome == "finished"
        extra = jobs.submit(store, tiny(), ADA, wanted=(*RESULT_STAGES, "neighbours"))
        found = store.run(extra.run)
        assert (extra.outcome, found.state, found.bundled) == ("queued", "queued", True)
        assert found.result == store.find(tiny_run["run"]).result
        jobs.stop(store, extra.run, ADA)
        found = store.run(extra.run)
        assert (found.state, found.bundled, found.origin, found.wanted) == ("finished", True, "bundled", [])
        with pytest.raises(Refused, match="comes with the project"):
            jobs.delete(store, extra.run, ADA)
