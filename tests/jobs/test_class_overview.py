"""The class as its teacher sees it, read from a real store."""

import time

import pytest

from edc_core import jobs
from edc_core.jobs import Person, Refused
from edc_core.store import Store
from tests.support.classes import ROOM, join
from tests.support.crowd import add, prepared


@pytest.mark.usefixtures("in_class")
def test_the_overview_names_everybody_with_their_work_and_their_best_run(store: Store) -> None:
    teacher, ada, ben = join(store, "Ms T", teacher=True), join(store, "Ada"), join(store, "ben")
    for person, seed, top1 in ((ada, 0, 71.0), (ada, 1, 74.0), (ben, 1, 74.0)):
        run = jobs.submit(store, prepared("G", seed), person).run
        if store.run(run).state.is_alive:
            add(store, prepared("G", seed), top1=top1)
    waiting = jobs.submit(store, prepared("A"), ben).run
    found = jobs.class_overview(store, teacher)
    assert [(one.nickname, one.teacher) for one in found.members] == [("Ada", False), ("ben", False), ("Ms T", True)]
    one, other, last = found.members
    assert (one.best.seed, one.best.result["top1"], len(one.launched), len(one.asked)) == (1, 74.0, 2, 0)
    assert [run.id for run in other.asked] == [waiting]
    assert last.best is None
    assert len(found.runs) == 3  # the shared one once
    assert all(one.is_active for one in found.members)


@pytest.mark.usefixtures("in_class")
def test_who_has_not_been_back_for_long_is_not_active(store: Store) -> None:
    teacher, ada = join(store, "Ms T", teacher=True), join(store, "Ada")
    store.database.execute("UPDATE people SET created = 0, seen = ? WHERE id = ?", (time.time() - 3600, ada.id))
    assert not jobs.class_overview(store, teacher).students[0].is_active


@pytest.mark.usefixtures("in_class")
def test_a_visit_notes_that_somebody_is_here(store: Store) -> None:
    _, token = jobs.enter_class(store, ROOM, ROOM.code, "Ada")
    jobs.person_of_token(store, ROOM, token)
    seen = store.database.row("SELECT seen FROM people")[0]
    assert time.time() - seen < 60
    jobs.person_of_token(store, ROOM, token)  # a moment later: nothing is written again
    assert store.database.row("SELECT seen FROM people")[0] == seen


@pytest.mark.parametrize("who", [Person(), Person("ada", "Ada"), Person(teacher=True, session="x")])
@pytest.mark.usefixtures("in_class")
def test_nobody_but_the_teacher_reads_it(store: Store, who: Person) -> None:
    with pytest.raises(Refused, match="for the teacher of the class"):
        jobs.class_overview(store, who)


def test_without_a_class_there_is_nothing_to_read(store: Store) -> None:
    with pytest.raises(Refused, match="serve --class CODE"):
        jobs.class_overview(store, Person(teacher=True))
