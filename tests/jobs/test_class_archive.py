"""A new class in the place of another: everything leaves the lists, nothing computed is lost."""

from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.ablation.bets import place_bet, placed_bets
from edc_core.api import list_runs
from edc_core.jobs import Person, Refused, WrongCode
from edc_core.store import Store
from tests.conftest import edc
from tests.support.classes import ROOM, enter, join
from tests.support.crowd import add, prepared
from tests.support.queued import two_by_two

pytestmark = pytest.mark.usefixtures("in_class")


def computed(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (home / "artefacts").rglob("*") if path.is_file()}


def lesson(store: Store) -> tuple[Person, Person, str]:
    """A teacher and Ada, who finished a run, bet and left another in the queue; the finished one."""
    teacher, ada = join(store, "Ms T", teacher=True), join(store, "Ada")
    run = jobs.submit(store, prepared("G"), ada).run
    add(store, prepared("G"), top1=74.0)
    jobs.submit(store, prepared("A"), ada)
    matrix = jobs.submit_matrix(store, two_by_two(1), ada, held=True)
    place_bet(store, matrix, ada.id, "Ada", {"ranking": ["smoothing-schedule", "ema-evaluation"]}, design=two_by_two(1))
    return teacher, ada, run


def test_a_new_class_starts_empty_and_every_result_stays(store: Store) -> None:
    teacher, ada, run = lesson(store)
    files, (asked,) = computed(store.home), jobs.all_matrices(store)
    assert jobs.archive_class(store, teacher) == "1 person and 2 runs archived: the next class can come in."
    assert computed(store.home) == files
    assert [one.nickname for one in jobs.class_overview(store, teacher).members] == ["Ms T"]
    assert run not in {one.id for one in store.runs()}
    assert run in {one.id for one in store.runs(archived=True)}
    assert run not in edc("runs", home=store.home).stdout
    assert run in edc("runs", "--archived", home=store.home).stdout
    assert run in list(list_runs(store.home)["run"])
    assert store.run(run).result["top1"] == 74.0  # by a link
    assert store.alive() == []
    assert placed_bets(store, asked.id) == []
    assert store.database.row("SELECT COUNT(*) FROM bets")[0] == 1
    assert jobs.all_matrices(store)[0].archived


def test_the_students_of_the_old_class_are_out_and_their_nicknames_free(store: Store) -> None:
    teacher, (ada, token) = join(store, "Ms T", teacher=True), enter(store, "Ada")
    code = jobs.create_return_code(store, ada.id, teacher)
    jobs.archive_class(store, teacher)
    assert jobs.person_of_token(store, ROOM, token) is None
    with pytest.raises(WrongCode):
        jobs.enter_class(store, ROOM, code, "Ada")
    with pytest.raises(Refused, match="no longer in the class"):
        jobs.create_return_code(store, ada.id, teacher)
    assert join(store, "Ada").id != ada.id


def test_an_archived_run_that_somebody_asks_for_again_is_theirs_at_once(store: Store) -> None:
    teacher, _, run = lesson(store)
    jobs.archive_class(store, teacher)
    ben = join(store, "Ben")
    assert jobs.submit(store, prepared("G"), ben).outcome == "finished"
    assert (store.run(run).owner, store.run(run).archived) == (ben.id, None)
    assert jobs.class_overview(store, teacher).students[0].best.id == run


def test_a_run_that_the_teacher_launched_too_stays(store: Store) -> None:
    teacher, ada = join(store, "Ms T", teacher=True), join(store, "Ada")
    run = jobs.submit(store, prepared("G"), ada).run
    jobs.submit(store, prepared("G"), teacher)
    jobs.archive_class(store, teacher)
    assert (store.run(run).owner, store.run(run).archived) == (teacher.id, None)


def test_an_archived_class_comes_back_whole(store: Store) -> None:
    teacher, ada, run = lesson(store)
    jobs.archive_class(store, teacher)
    (old,) = jobs.archived_classes(store, teacher)
    assert (old.students, old.runs) == (1, 2)
    namesake = join(store, "ADA")
    with pytest.raises(Refused, match="'Ada' is in both classes"):
        jobs.restore_class(store, old.moment, teacher)
    store.database.execute("DELETE FROM people WHERE id = ?", (namesake.id,))
    assert jobs.restore_class(store, old.moment, teacher) == "1 person brought back with their runs."
    assert run in {one.id for one in store.runs()}
    assert jobs.archived_classes(store, teacher) == []


def test_nobody_but_the_teacher_ends_a_class(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher, ada, run = lesson(store)
    for who in (ada, Person(), Person(teacher=True, session="forged")):
        with pytest.raises(Refused, match="for the teacher"):
            jobs.archive_class(store, who)
        with pytest.raises(Refused, match="for the teacher"):
            jobs.restore_class(store, 0.0, who)
        with pytest.raises(Refused, match="for the teacher"):
            jobs.archived_classes(store, who)
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    with pytest.raises(Refused, match="read-only"):
        jobs.archive_class(store, teacher)
    assert store.run(run).archived is None


def test_an_empty_class_is_not_archived(store: Store) -> None:
    with pytest.raises(Refused, match="nobody has joined"):
        jobs.archive_class(store, join(store, "Ms T", teacher=True))
