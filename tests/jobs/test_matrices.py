"""Whole matrices in the queue: handed in a few at a time, in turn, stopped, resumed, grown, ended by a worker."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.ablation.progress import DONE, FAILED, LATER, QUEUED, RUNNING, STOPPED
from edc_core.errors import EDCError
from edc_core.jobs import Person, Refused
from edc_core.jobs.matrix_feeder import _end
from edc_core.jobs.queue import claim
from edc_core.performance.remaining import remaining_work
from edc_core.store import Store
from tests.conftest import edc
from tests.support.photos import small_photos
from tests.support.queued import answer_for, two_by_two

ADA, BEN = Person("ada", "Ada"), Person("ben", "Ben")
TEACHER = Person("t", "Teacher", teacher=True)


def counts(store: Store, name: str) -> dict[str, int]:
    found = jobs.state_of_matrix(store, name)
    states = (DONE, RUNNING, QUEUED, LATER, FAILED, STOPPED)
    return {state: found.count(state) for state in states if found.count(state)}


def test_runs_are_handed_in_a_few_at_a_time_and_nothing_twice(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(), ADA, "mine")
    assert counts(store, name) == {QUEUED: 2, LATER: 6}  # one place is left for a run of one's own
    assert jobs.enqueue_next_runs(store) == 0
    first = claim(store)
    assert jobs.enqueue_next_runs(store) == 1
    assert counts(store, name) == {RUNNING: 1, QUEUED: 2, LATER: 5}
    answer_for(store, name, first)
    assert counts(store, name)[DONE] == 2  # raw and averaged weights are scored in one training
    ended = 1
    while run := claim(store):
        answer_for(store, name, run)
        ended += 1
        jobs.enqueue_next_runs(store)
    assert (ended, counts(store, name)) == (4, {DONE: 8})
    assert jobs.find_matrix(store, name).state == "finished"


def test_what_is_answered_already_is_not_run(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA)
    while run := claim(store):
        answer_for(store, name, run)
        jobs.enqueue_next_runs(store)
    again = jobs.submit_matrix(store, two_by_two(1), BEN)
    assert again != name
    assert claim(store) is None
    assert jobs.find_matrix(store, again).state == "finished"


def test_a_matrix_takes_turns_with_a_newcomer(store: Store) -> None:
    jobs.submit_matrix(store, two_by_two(), ADA)
    theirs = jobs.submit_matrix(store, two_by_two(first_seed=10), BEN)
    runs_of_ben = {job.prepared.run for job in jobs.expand_matrix(jobs.find_matrix(store, theirs).design).jobs}
    taken = []
    for _ in range(4):
        run = claim(store)
        taken.append(run in runs_of_ben)
        store.finish(run, "failed", error="enough")
        jobs.enqueue_next_runs(store)
    assert sorted(taken[:2]) == sorted(taken[2:]) == [False, True]


def test_stop_and_resume_keep_what_is_done(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(), ADA)
    answer_for(store, name, claim(store))
    jobs.enqueue_next_runs(store)
    jobs.stop_matrix(store, name, ADA)
    assert claim(store) is None
    assert jobs.enqueue_next_runs(store) == 0
    assert jobs.find_matrix(store, name).state == "stopped"
    stopped = counts(store, name)
    assert stopped[DONE] == 2
    assert QUEUED not in stopped
    time.sleep(0.01)
    jobs.resume_matrix(store, name, ADA)
    assert counts(store, name) == {DONE: 2, QUEUED: 2, LATER: 4}


def test_a_matrix_that_was_started_again_meanwhile_is_not_ended(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA)
    seen = jobs.find_matrix(store, name)
    jobs.stop_matrix(store, name, ADA)
    time.sleep(0.01)
    jobs.resume_matrix(store, name, ADA)
    _end(store, seen, "finished")  # whoever looked before
    assert jobs.find_matrix(store, name).state == "running"
    _end(store, jobs.find_matrix(store, name), "finished")
    assert jobs.find_matrix(store, name).state == "finished"


def test_what_is_still_stopping_when_a_matrix_goes_on_is_tried_again(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA)
    run = claim(store)
    jobs.stop_matrix(store, name, ADA)
    jobs.resume_matrix(store, name, ADA)
    store.finish(run, "cancelled")  # it obeys only now
    assert STOPPED not in counts(store, name)


def test_stopping_leaves_alone_what_another_matrix_needs(store: Store) -> None:
    one = jobs.submit_matrix(store, two_by_two(1), ADA)
    other = jobs.submit_matrix(store, two_by_two(2), ADA)
    jobs.stop_matrix(store, one, ADA)
    assert counts(store, other)[QUEUED] == 2


def test_failures_end_a_matrix_and_are_tried_again_when_asked(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA)
    while run := claim(store):
        store.finish(run, "failed", error="the disk is full.")
        jobs.enqueue_next_runs(store)
    found = jobs.state_of_matrix(store, name)
    assert jobs.find_matrix(store, name).state == "finished"
    assert {place.error for place in found.failed} == {"the disk is full."}
    time.sleep(0.01)
    jobs.resume_matrix(store, name, ADA)
    assert counts(store, name)[QUEUED] == 2


def test_more_seeds_run_only_the_new_ones(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA)
    while run := claim(store):
        answer_for(store, name, run)
        jobs.enqueue_next_runs(store)
    jobs.add_seeds(store, name, 1, ADA)
    assert jobs.find_matrix(store, name).design.seeds == 2
    assert counts(store, name) == {DONE: 4, QUEUED: 2, LATER: 2}


def test_a_held_matrix_begins_when_asked(store: Store) -> None:
    name = jobs.submit_matrix(store, two_by_two(1), ADA, held=True)
    assert (jobs.enqueue_next_runs(store), claim(store)) == (0, None)
    assert jobs.find_matrix(store, name).state == "held"
    assert jobs.submit_matrix(store, two_by_two(1), ADA) == name  # the same design is the same matrix
    assert counts(store, name)[QUEUED] == 2


def test_only_its_owner_and_the_teacher_change_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    name = jobs.submit_matrix(store, two_by_two(1), ADA, "mine")
    changes = (
        lambda person: jobs.stop_matrix(store, name, person),
        lambda person: jobs.resume_matrix(store, name, person),
        lambda person: jobs.add_seeds(store, name, 1, person),
        lambda person: jobs.rename_matrix(store, name, "another", person),
        lambda person: jobs.delete_matrix(store, name, person),
    )
    for change in changes:
        with pytest.raises(Refused, match="is Ada's: ask them"):
            change(BEN)
    asked = jobs.find_matrix(store, name)
    assert [jobs.may_change_matrix(asked, person) for person in (ADA, BEN, TEACHER, Person())] == [1, 0, 1, 0]
    with monkeypatch.context() as patch:
        patch.setenv("EDC_READ_ONLY", "1")
        assert not any(jobs.may_change_matrix(asked, person) for person in (ADA, BEN, TEACHER))
    for change in changes:
        change(TEACHER)
    assert jobs.all_matrices(store) == []
    with pytest.raises(Refused, match="enter its code"):
        jobs.submit_matrix(store, two_by_two(), Person())
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    with pytest.raises(Refused, match="lab is read-only"):
        jobs.submit_matrix(store, two_by_two(), ADA)


def test_a_matrix_whose_data_set_is_gone_is_stopped_and_forgotten(store: Store, tmp_path: Path) -> None:
    photos = small_photos(tmp_path / "photos")
    lost = jobs.submit_matrix(store, two_by_two(1, datasets=[str(photos)], ipcs=[1]), ADA)
    other = jobs.submit_matrix(store, two_by_two(1), BEN)
    shutil.rmtree(photos)
    with pytest.raises(EDCError, match="photos"):
        jobs.state_of_matrix(store, lost)
    jobs.stop_matrix(store, other, BEN)  # the lost one is at work still
    assert counts(store, other)[STOPPED] == 2
    jobs.stop_matrix(store, lost, ADA)
    jobs.delete_matrix(store, lost, ADA)
    assert [asked.id for asked in jobs.all_matrices(store)] == [other]


def test_the_forecast_counts_each_shared_stage_once(store: Store) -> None:
    design = two_by_two(3)
    expected = remaining_work(jobs.expand_matrix(design), store)
    assert (expected.runs, expected.answered) == (12, 0)
    by_stage = [stage.stage for stage in expected.forecast.stages]
    assert by_stage.count("synthesise") == 3  # one a seed: both choices belong to the students
    assert by_stage.count("evaluate") == by_stage.count("score") == 6
    assert len({stage.key for stage in expected.forecast.stages}) == expected.stages == len(by_stage)
    assert expected.shared > expected.stages
    alone = remaining_work(jobs.expand_matrix(two_by_two(1)), store).forecast.seconds
    assert alone < expected.forecast.seconds < 3 * alone + 1
    assert expected.forecast.memory_mb > 100


def test_a_bet_in_the_store_is_never_changed_or_taken_back(store: Store) -> None:
    row = ("b1", "m-1", "ada", "Ada", 1.0, "{}", "seal")
    store.database.execute("INSERT INTO bets VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    for statement in (
        "UPDATE bets SET time = 2",
        "DELETE FROM bets",
        "INSERT OR REPLACE INTO bets VALUES ('b1', 'm-1', 'ada', 'Ada', 2.0, '{}', 'x')",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            store.database.execute(statement)
    assert [tuple(row) for row in store.database.rows("SELECT time, settings FROM bets")] == [(1.0, "seal")]


def test_a_worker_ends_a_matrix_with_no_page_open(tmp_path: Path, begun: Callable[[Path], Path]) -> None:
    with closing(Store(begun(tmp_path))) as store:
        name = jobs.submit_matrix(store, two_by_two(1), Person(teacher=True, session="gone"), held=True)
        store.database.execute("UPDATE ablation_work SET state = 'running' WHERE ablation = ?", (name,))
        edc("worker", home=tmp_path, EDC_THREADS="1", EDC_WORKER_IDLE_SECONDS="0.2", EDC_MAX_QUEUED_PER_SESSION="1")
        assert counts(store, name) == {DONE: 4}
        assert jobs.find_matrix(store, name).state == "finished"
        assert len([run for run in store.runs() if run.origin == "ablation"]) == 2
