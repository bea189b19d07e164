"""What the teacher does to the whole class's work, and that nobody else can."""

import pytest

from edc_core import jobs
from edc_core.jobs import Person, Refused
from edc_core.store import Store
from edc_core.store.states import MatrixState
from tests.support.classes import join
from tests.support.crowd import add, prepared
from tests.support.queued import two_by_two

pytestmark = pytest.mark.usefixtures("in_class")


def busy(store: Store) -> tuple[Person, str, str, str]:
    """A teacher; a run at work, one that waits, and a matrix that hands in more."""
    teacher, ada = join(store, "Ms T", teacher=True), join(store, "Ada")
    working, waiting = (jobs.submit(store, prepared("G", seed), ada).run for seed in (0, 1))
    store.mark_running(working)
    matrix = jobs.submit_matrix(store, two_by_two(1), ada)
    assert len(store.alive()) > 2
    return teacher, working, waiting, matrix


def test_stop_all_stops_what_runs_and_empties_the_queue_for_good(store: Store) -> None:
    teacher, working, waiting, matrix = busy(store)
    kept = add(store, prepared("A"))
    said = jobs.stop_everything(store, teacher)
    assert said.startswith("1 run told to stop and ")
    assert store.run(working).cancel  # its process stops within two seconds
    assert [run.id for run in store.alive()] == [working]
    assert store.run(waiting).state == "cancelled"
    assert jobs.find_matrix(store, matrix).state == MatrixState.STOPPED
    assert jobs.enqueue_next_runs(store) == 0
    assert store.run(kept).state == "finished"


def test_clear_queue_lets_what_runs_go_on(store: Store) -> None:
    teacher, working, waiting, _ = busy(store)
    jobs.clear_queue(store, teacher)
    assert not store.run(working).cancel
    assert store.run(waiting).state == "cancelled"
    assert [run.id for run in store.alive()] == [working]
    assert jobs.clear_queue(store, teacher) == "nothing runs or waits."


@pytest.mark.parametrize("act", ["stop_everything", "clear_queue"])
def test_a_student_stops_nothing_of_the_class(store: Store, act: str, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, working, waiting, _ = busy(store)
    for who in (join(store, "Ben"), Person(), Person(teacher=True, session="forged")):
        with pytest.raises(Refused, match="for the teacher of the class"):
            getattr(jobs, act)(store, who)
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    with pytest.raises(Refused, match="read-only"):
        getattr(jobs, act)(store, teacher)
    assert not store.run(working).cancel
    assert store.run(waiting).state == "queued"
