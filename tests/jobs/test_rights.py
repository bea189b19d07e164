"""Who may stop, name and delete runs, and how workers are looked after."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from edc_core import jobs
from edc_core.errors import StoreError
from edc_core.jobs import Person, Refused
from edc_core.jobs import supervisor as tending
from edc_core.jobs.queue import claim
from edc_core.jobs.supervisor import worker_environment
from edc_core.pipeline.prepare import PreparedRun, manifest
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import Store, processes
from edc_core.store.files import write_json
from edc_core.store.processes import birth
from tests.support.queued import ADA, BEN, EVE, tiny, until

TEACHER = Person("t", "Teacher", teacher=True)


def test_only_their_own_runs_and_the_teacher_all(store: Store, in_class: None) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    for change in (jobs.stop, jobs.delete, jobs.resume):
        with pytest.raises(Refused, match="not yours"):
            change(store, run, BEN)
    with pytest.raises(Refused):
        jobs.rename(store, run, "mine", Person())
    assert [jobs.may_change(store.run(run), person) for person in (ADA, BEN, Person(), TEACHER)] == [
        True,
        False,
        False,
        True,
    ]
    jobs.rename(store, run, "  my  first ", ADA)
    assert store.run(run).title == "my first"
    with pytest.raises(Refused, match="at most 80"):
        jobs.rename(store, run, "x" * 81, ADA)
    with pytest.raises(StoreError, match="cancel it first"):
        jobs.delete(store, run, TEACHER)
    jobs.stop(store, run, TEACHER)
    jobs.delete(store, run, ADA)
    assert store.find(run) is None


def finished_elsewhere(store: Store, owner: str = "") -> str:
    """A finished run with no submissions, as the command line, a merge or an import leaves it."""
    prepared = tiny(7)
    store.claim_or_resume(prepared.run, prepared.config.model_dump(mode="json"), [], manifest(prepared))
    store.finish(prepared.run, "finished", {"headline": "top1", "top1": 60.0})
    store.database.execute("UPDATE runs SET owner = ?", (owner,))
    return prepared.run


def test_who_asks_for_an_extra_stage_owns_nothing_of_the_run(store: Store, in_class: None) -> None:
    run = finished_elsewhere(store)
    jobs.submit(store, tiny(7), BEN, wanted=(*RESULT_STAGES, "neighbours"))
    for change in (lambda: jobs.rename(store, run, "mine", BEN), lambda: jobs.delete(store, run, BEN)):
        with pytest.raises(Refused, match="is not yours: ask them or the teacher"):
            change()
    found = store.run(run)
    assert [
        [jobs.may_stop(found, person), jobs.may_change(found, person), jobs.may_delete(store, found, person)]
        for person in (BEN, EVE, TEACHER)
    ] == [
        [True, False, False],
        [False, False, False],
        [True, True, True],
    ]
    jobs.stop(store, run, BEN)
    jobs.rename(store, run, "the teacher's", TEACHER)
    assert jobs.delete(store, run, TEACHER) == "deleted."


def test_an_owner_who_withdraws_leaves_a_run_to_who_launched_it_alone(store: Store, in_class: None) -> None:
    run = finished_elsewhere(store, "ada")
    for person in (ADA, BEN):
        jobs.submit(store, tiny(7), person, wanted=(*RESULT_STAGES, "neighbours"))
    assert jobs.stop(store, run, ADA).endswith("goes on for them; it stays yours.")
    jobs.stop(store, run, BEN)
    assert store.run(run).owner == "ada"
    assert jobs.delete(store, run, ADA) == "deleted."


def test_who_joins_a_run_may_leave_it_and_neither_name_nor_delete_it(store: Store, in_class: None) -> None:
    run = jobs.submit(store, tiny(), ADA).run
    for person in (BEN, EVE):
        jobs.submit(store, tiny(), person)
    with pytest.raises(Refused, match="ask them or the teacher"):
        jobs.rename(store, run, "mine", BEN)
    assert jobs.delete(store, run, BEN) == "2 more asked for this run, so it stays for them; it is no longer yours."
    assert jobs.delete(store, run, ADA).startswith("1 more asked for this run")
    assert (store.run(run).owner, store.run(run).submitters) == ("eve", ["eve"])
    jobs.rename(store, run, "Eve's now", EVE)
    store.database.execute("UPDATE runs SET owner = ''")  # as if it had been begun on the command line
    assert jobs.delete(store, run, EVE) == "others began the run, so it stays; it is no longer yours."
    assert store.find(run).submitters == []


def test_a_site_to_look_at_refuses_every_change(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.submit(store, tiny(), Person()).run
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    changes = [
        lambda: jobs.submit(store, tiny(1), Person()),
        lambda: jobs.stop(store, run, Person()),
        lambda: jobs.resume(store, run, Person()),
        lambda: jobs.delete(store, run, Person()),
        lambda: jobs.rename(store, run, "x", Person()),
    ]
    for change in changes:
        with pytest.raises(Refused, match="lab is read-only"):
            change()


def test_what_comes_with_the_project_cannot_be_changed(store: Store) -> None:
    bundled = [run for run in store.runs() if run.bundled]
    if not bundled:
        pytest.skip("no bundled runs in assets/store/runs")
    for change in (jobs.delete, jobs.stop):
        with pytest.raises(Refused, match="comes with the project"):
            change(store, bundled[0].id, TEACHER)


def test_a_bundled_run_keeps_its_name_while_more_of_it_is_computed(
    store: Store, in_class: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished_elsewhere(store)
    (tmp_path / "assets" / "runs").mkdir(parents=True)
    write_json(tmp_path / "assets" / "runs" / f"{run}.json", vars(store.run(run)) | {"title": "the project's"})
    with closing(Store(tmp_path / "other", (tmp_path / "assets",))) as other:
        jobs.submit(other, tiny(7), BEN, wanted=(*RESULT_STAGES, "neighbours"))
        for state in ("queued", "failed", "interrupted"):
            other.database.execute("UPDATE runs SET state = ?", (state,))
            for change in (lambda: jobs.rename(other, run, "x", TEACHER), lambda: jobs.delete(other, run, BEN)):
                with pytest.raises(Refused, match="comes with the project"):
                    change()
        with pytest.raises(Refused):
            jobs.resume(other, run, EVE)
        assert jobs.resume(other, run, BEN).outcome == "queued"
        assert jobs.stop(other, run, BEN) == "taken out of the queue."
        found = other.run(run)
        assert (found.title, found.owner, found.bundled) == ("the project's", "", True)
        monkeypatch.delenv("EDC_CLASS_CODE")
        with pytest.raises(Refused, match="comes with the project"):
            jobs.rename(other, run, "x", Person())


def pretend_to_run(store: Store, prepared: PreparedRun, code: str = "import time; time.sleep(60)") -> subprocess.Popen:
    """A run at which a process is that never looks at its cancellation."""
    jobs.submit(store, prepared, Person())
    claim(store)
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    born = birth(process.pid)
    store.database.execute("UPDATE runs SET pid = ?, pid_created = ? WHERE state = 'running'", (process.pid, born))
    return process


def test_what_does_not_obey_its_cancellation_is_killed(store: Store) -> None:
    process = pretend_to_run(store, tiny())
    jobs.stop(store, tiny().run, Person())
    jobs.supervise(store)
    assert process.poll() is None  # it is given time
    store.database.execute("UPDATE runs SET cancel_time = cancel_time - 10")
    jobs.supervise(store)
    process.wait(5)  # else it sleeps on for a minute
    assert store.run(tiny().run).state == "cancelled"


def test_a_process_is_known_again_when_the_clock_is_set(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    process = pretend_to_run(store, tiny())
    if processes.BOOT.exists():
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda: 1e9)  # a clock set back, as psutil reads it
        assert store.run(tiny().run).state == "running"
    processes._boot.cache_clear()
    monkeypatch.setattr(processes, "BOOT", store.home / "none")  # a system that names no boot
    assert birth(process.pid) == psutil.Process(process.pid).create_time()
    processes._boot.cache_clear()
    process.kill()
    process.wait()


def test_a_worker_that_died_tomorrow_keeps_no_other_from_starting(store: Store, monkeypatch) -> None:
    jobs.submit(store, tiny(), Person())
    store.database.execute("DELETE FROM workers")
    row = (2**22 + 1, 0.0, tending.device_name(""), time.time() + 3600, 0.0)  # the clock was set back since
    store.database.execute("INSERT INTO workers (pid, created, device, started, heartbeat) VALUES (?, ?, ?, ?, ?)", row)
    started = []
    monkeypatch.setattr(tending, "_popen", lambda *given: started.append(given) or os.getpid())
    assert tending._start(store, "") is None
    assert len(started) == 1


def test_after_a_worker_died_the_next_one_is_started_a_moment_later(store: Store, monkeypatch) -> None:
    started = []
    monkeypatch.setattr(tending, "_popen", lambda *given: started.append(given) or os.getpid())
    for since, count in ((0.0, 0), (tending.RESTART_PAUSE_SECONDS, 1)):
        row = (2**22 + 1, 0.0, tending.device_name(""), time.time() - since, 0.0)
        store.database.execute(
            "INSERT OR REPLACE INTO workers (pid, created, device, started, heartbeat) VALUES (?, ?, ?, ?, ?)", row
        )
        assert tending._start(store, "") is None
        assert len(started) == count


def test_a_process_that_only_has_the_number_is_left_alone(store: Store) -> None:
    process = pretend_to_run(store, tiny())
    store.database.execute("UPDATE runs SET pid_created = pid_created - 100, cancel = 1, cancel_time = 0")
    jobs.supervise(store)
    assert process.poll() is None
    assert store.run(tiny().run).state == "cancelled"
    process.kill()
    process.wait()


def test_workers_that_die_at_once_are_not_started_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edc_core.jobs.supervisor.RESTART_PAUSE_SECONDS", 0)
    with closing(Store(tmp_path)) as store:
        store.register("a-run", tiny().config.model_dump(mode="json"), [], {"dataset": {"digest": ""}})
        monkeypatch.setenv("EDC_DEVICE", "nonsense")
        monkeypatch.setattr("edc_core.jobs.supervisor.wanted_device", lambda: None)
        said = until(lambda: jobs.supervise(store))
        assert "no worker stays alive" in said
        assert store.database.row("SELECT COUNT(*) FROM workers")[0] == 3
    assert "EDC_DEVICE is 'nonsense'" in (tmp_path / "logs" / "worker.log").read_text()


def test_a_worker_knows_its_home_and_nobodys_codes(in_class: None, tmp_path: Path) -> None:
    environment = worker_environment(tmp_path)
    assert environment["EDC_HOME"] == str(tmp_path)
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"
    assert not {"EDC_CLASS_CODE", "EDC_TEACHER_CODE"} & set(environment)


def test_a_worker_looks_for_data_sets_where_the_app_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EDC_DATA", f"sets:{Path.home()}/more".replace(":", os.pathsep))
    places = worker_environment(tmp_path)["EDC_DATA"].split(os.pathsep)
    assert places == [str(tmp_path / "sets"), str(Path.home() / "more"), str(tmp_path / "data")]
    monkeypatch.setenv("EDC_DATA", "")
    monkeypatch.chdir(tmp_path / "data")
    assert not worker_environment(tmp_path).get("EDC_DATA")


def test_whoever_has_not_entered_the_class_starts_nothing(store: Store, in_class: None) -> None:
    with pytest.raises(Refused, match="enter its code"):
        jobs.submit(store, tiny(), Person(session="x"))


def test_a_full_disk_is_told_to_whoever_polls(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.supervise(store) is None
    monkeypatch.setattr("edc_core.jobs.supervisor.MIN_FREE_BYTES", 2**70)
    assert "is full: free some space" in jobs.supervise(store)


def test_a_class_that_launches_in_the_same_second_mixes_nothing_up(store: Store, in_class: None) -> None:
    def launch(number: int) -> jobs.Ticket:
        seed = 0 if number < 5 else number  # five of the ten want the same
        with closing(Store(store.home)) as own:
            return jobs.submit(own, tiny(seed), Person(f"p{number}", f"P{number}"))

    with ThreadPoolExecutor(10) as pool:
        tickets = list(pool.map(launch, range(10)))
    assert [ticket.outcome for ticket in tickets].count("joined") == 4
    assert sorted(jobs.places(store).values()) == [1, 2, 3, 4, 5, 6]
    assert sorted(store.run(tiny(0).run).submitters) == [f"p{number}" for number in range(5)]
    for number in range(5, 10):
        assert store.run(tickets[number].run).submitters == [f"p{number}"]
