"""Liveness of real processes: suspended, in another PID namespace, silent for long, taken over; clocks that jump."""

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edc_core.errors import StoreError, TakenOver
from edc_core.events import Progress, no_op
from edc_core.jobs.supervisor import kill_unresponsive, live_workers, supervise, worker_lock
from edc_core.store import Recorder, Store, liveness
from edc_core.store.processes import PidScope, pid_scope
from edc_core.store.states import RunState
from tests.conftest import ROOT
from tests.support import beating
from tests.support.queued import until
from tests.support.store_rows import KEY, begin

INSIDE = ("unshare", "--fork", "--pid", "--mount-proc")
RUN = "a-run"
ELSEWHERE = str(PidScope("another-host", "another-boot", "pid:[1]"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with contextlib.closing(Store(tmp_path / "home", ())) as found:
        yield found


@pytest.fixture
def start(store: Store) -> Iterator[Callable[..., subprocess.Popen]]:
    """A process at the run, maybe through another command."""
    begun = []

    def beside(*pre: str) -> subprocess.Popen:
        command = [*pre, sys.executable, beating.__file__, str(store.home)]
        begun.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True))
        assert begun[-1].stdout.readline() == "at work\n"
        return begun[-1]

    yield beside
    for process in begun:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def suspend(process: subprocess.Popen, store: Store) -> None:
    """Stop a process by a signal, and again where it was just writing: it would keep the store locked."""
    for _ in range(100):
        os.kill(process.pid, signal.SIGSTOP)
        with contextlib.closing(sqlite3.connect(store.home / "store.sqlite", 0.2, isolation_level=None)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                os.kill(process.pid, signal.SIGCONT)
                time.sleep(0.05)
    raise AssertionError("the process holds the store's lock whenever it is looked at")


def state(store: Store) -> RunState:
    return store.run(RUN).state


def is_namespace_possible() -> bool:
    return bool(shutil.which("unshare")) and subprocess.run([*INSIDE, "true"], capture_output=True).returncode == 0


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system suspends no process by a signal")
def test_a_suspended_process_is_not_answering_and_goes_on_unless_the_run_was_taken_over(
    store: Store, start: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start()
    assert state(store) == "running"
    suspend(process, store)
    monkeypatch.setattr(liveness, "HEARTBEAT_TIMEOUT", 0.4)
    until(lambda: state(store) == "not answering", 10)
    with pytest.raises(StoreError, match=f"not answering .process {process.pid} has been silent .* --take-over'"):
        begin(store)
    os.kill(process.pid, signal.SIGCONT)
    monkeypatch.setattr(liveness, "HEARTBEAT_TIMEOUT", 5.0)
    until(lambda: state(store) == "running", 10)
    suspend(process, store)
    assert store.take_over(RUN) == f"process {process.pid}"  # which wakes it up
    begin(store)
    (store.home / "end").touch()
    assert f"'{RUN}' was taken over by process {os.getpid()}" in process.communicate(timeout=20)[0]
    row = store.run(RUN)
    assert (row.state, row.pid, row.result) == ("running", os.getpid(), None)
    assert store.stage_results.find(KEY) is None


@pytest.mark.skipif(not is_namespace_possible(), reason="no PID namespace can be made here")
def test_a_process_in_another_namespace_is_believed_its_heartbeat_and_never_signalled(
    store: Store, start: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start(*INSIDE)
    assert store.run(RUN).pid == 1  # a number that is another's here
    assert state(store) == "running"
    with pytest.raises(StoreError, match="computed by process 1 .in another container, host"):
        begin(store)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert state(store) == "running"
    monkeypatch.setattr(liveness, "HEARTBEAT_TIMEOUT", 0.0)
    assert state(store) == "not answering"
    store.cancel(RUN)
    store.database.execute("UPDATE runs SET cancel_time = 0")
    monkeypatch.setattr(os, "kill", None)
    kill_unresponsive(store)
    assert state(store) == "cancelled"


def test_silence_elsewhere_is_an_end_only_after_long_or_after_a_reboot(store: Store) -> None:
    begin(store)
    moments = (5, "running"), (-30, "not answering"), (60, "not answering"), (liveness.GONE_AFTER + 5, "interrupted")
    for seconds, expected in moments:
        store.database.execute("UPDATE runs SET pid_scope = ?, heartbeat = ?", (ELSEWHERE, time.time() - seconds))
        assert state(store) == expected, seconds
    rebooted = str(pid_scope()._replace(boot="the boot before"))
    store.database.execute("UPDATE runs SET pid_scope = ?, heartbeat = ?", (rebooted, time.time() - 60))
    assert state(store) == "interrupted"


@pytest.mark.skipif(not pid_scope().boot, reason="this system does not number its boots")
@pytest.mark.parametrize("hours", [-8, 8])
def test_a_clock_that_jumped_makes_no_healthy_run_silent(store: Store, hours: int) -> None:
    begin(store)
    store.database.execute("UPDATE runs SET heartbeat = heartbeat + ?", (3600 * hours,))
    assert state(store) == "running"


def test_who_lost_a_run_writes_neither_its_row_nor_its_curves_nor_a_result(store: Store) -> None:
    begin(store)
    recorder = Recorder(store, RUN, "d")
    recorder(Progress(1, 2, "step", "mine"))
    store.database.execute("UPDATE runs SET pid_scope = ?", (ELSEWHERE,))
    recorder.rows = [(KEY, "loss", 1, 2.0)]
    recorder.written = 0.0
    with pytest.raises(TakenOver, match="taken over by process .* .host 'another-host'.: this process stops"):
        recorder(Progress(2, 2, "step", "late"))
    with pytest.raises(TakenOver), store.stage_results.create(KEY, no_op, recorder.confirm):
        pass
    store.finish(RUN, RunState.FAILED, error="x")
    store.finish_cancelled(RUN)
    row = store.run(RUN)
    assert (row.state, row.progress["note"], store.curves(KEY)) == ("running", "mine", {})
    assert store.stage_results.find(KEY) is None


def test_a_run_that_waits_again_or_was_deleted_is_lost_too(store: Store) -> None:
    begin(store)
    store.database.execute("UPDATE runs SET state = 'queued', pid = NULL")
    with pytest.raises(TakenOver, match="was taken over, and is queued now"):
        store.heartbeat(RUN)
    store.database.execute("DELETE FROM runs")
    with pytest.raises(TakenOver, match="was deleted from outside"):
        store.heartbeat(RUN)


def test_a_worker_elsewhere_counts_while_it_beats_or_holds_the_lock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr("edc_core.jobs.supervisor._popen", lambda *given: started.append(given) or os.getpid())
    begin(store)
    store.database.execute("UPDATE runs SET state = 'queued', pid = NULL")
    row = (1, ELSEWHERE, "default", time.time(), time.time())
    store.database.execute(
        "INSERT INTO workers (pid, pid_scope, device, started, heartbeat) VALUES (?, ?, ?, ?, ?)", row
    )
    monkeypatch.setattr("edc_core.jobs.supervisor._devices", lambda: ("",))
    assert live_workers(store) == [1]
    supervise(store)
    store.database.execute("UPDATE workers SET heartbeat = heartbeat - 60, started = started - 60")
    assert live_workers(store) == []
    with worker_lock(store.home, "default"):
        supervise(store)
    assert not started
    supervise(store)
    assert len(started) == 1
