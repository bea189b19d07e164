"""The teacher's page: what it shows, and to whom."""

from urllib.parse import unquote

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.ablation.bets import place_bet
from edc_core.store import Store
from pages.shared import access
from pages.teacher.board import board_address
from tests.support.app_pages import at_address
from tests.support.classes import ROOM, enter, join
from tests.support.crowd import add, prepared, press
from tests.support.queued import answer_for, two_by_two


@pytest.fixture(autouse=True)
def in_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", ROOM.code)
    monkeypatch.setenv("EDC_TEACHER_CODE", ROOM.teacher_code)
    monkeypatch.setattr(jobs, "supervise", lambda store: None)  # no worker: the rows are what they are


def page(token: str | None, **address: str) -> AppTest:
    """The page for who holds a token."""
    app = at_address("teacher", **address)
    if token:
        app.session_state[access.TOKEN] = token
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest) -> str:
    return unquote(str([element.proto for element in app.get("html")]))


def test_the_teacher_sees_the_code_and_who_is_here_with_their_best(bare_store: Store) -> None:
    (_, token), (ada, _) = enter(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada <b>")
    jobs.submit(bare_store, prepared("G"), ada)
    add(bare_store, prepared("G"), top1=74.5)
    app = page(token)
    assert ROOM.code in sent(app)
    assert ROOM.teacher_code not in sent(app)  # it may stand on a projector
    assert not app.error
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["nickname"], row["best"], row["with"]) == ("Ada <b>", 74.5, "EDC, IPC 2, seed 0")
    assert any("1 person joined" in one.value for one in app.markdown)


def test_a_student_at_the_pages_address_gets_one_sentence_and_a_forged_cookie_the_join_form(bare_store: Store) -> None:
    enter(bare_store, "Ms T", teacher=True)
    app, forged = page(enter(bare_store, "Ada")[1]), page("x" * 32)
    said = "This page is for the teacher of the class: enter with the teacher's code to use it."
    assert [one.value for one in app.error] == [said]
    assert [field.label for field in forged.text_input] == ["Class code", "Nickname"]
    assert [one.value for one in app.title] == ["Class"]
    for one in (app, forged):
        assert not one.dataframe
        assert "qr" not in sent(one)


def test_an_open_lab_says_how_a_class_is_opened(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EDC_CLASS_CODE")
    assert "serve --class CODE" in page(None).error[0].value


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://192.168.1.7:8501/teacher", "http://192.168.1.7:8501"),
        ("https://lab.example.org/edc/teacher/", "https://lab.example.org/edc"),
        ("https://lab.example.org/", "https://lab.example.org"),
        ("javascript:alert(1)", None),
        (None, None),
    ],
)
def test_the_board_has_the_address_of_the_teachers_own_browser(url: str | None, address: str | None) -> None:
    assert board_address(url, "teacher") == address


def test_stop_all_says_what_it_did_and_asks_each_time_who_presses(bare_store: Store) -> None:
    (teacher, token), ada = enter(bare_store, "Ms T", teacher=True), join(bare_store, "Ada")
    run = jobs.submit(bare_store, prepared("G"), ada).run
    hidden = page(token, hide="stop")
    assert not [one for one in hidden.button if one.label in ("Stop all", "Clear queue")]
    app = press(page(token), "teacher_stop_everything")
    assert app.success[0].value == "1 taken out of the queue: what is finished is kept."
    assert bare_store.run(run).state == "cancelled"
    jobs.resume(bare_store, run, ada)
    bare_store.database.execute("DELETE FROM people WHERE id = ?", (teacher.id,))
    press(app, "teacher_stop_everything")  # an old page of who is a teacher no longer
    assert bare_store.run(run).state == "queued"


def choose(app: AppTest, view: str) -> AppTest:
    app.segmented_control(key="teacher_view").set_value(view).run()
    assert not app.exception
    assert not app.error
    return app


def test_the_best_runs_are_ranked_with_who_launched_them_among_those_scored_alike(bare_store: Store) -> None:
    (_, token), ada, ben = enter(bare_store, "Ms T", teacher=True), join(bare_store, "Ada"), join(bare_store, "Ben")
    for preset, ipc, people, top1 in (("A", 2, [ada], 61.0), ("G", 2, [ada, ben], 74.0), ("G", 3, [ben], 90.0)):
        for person in people:
            jobs.submit(bare_store, prepared(preset, ipc=ipc), person)
        add(bare_store, prepared(preset, ipc=ipc), top1=top1)
    app = choose(page(token), "Best runs")
    rows = app.dataframe[0].value.to_dict("records")
    assert [(row["place"], row["who"], row["top1"]) for row in rows] == [(1, "Ada, Ben", 74.0), (2, "Ada", 61.0)]
    assert len(app.selectbox(key="teacher_contest").options) == 2


def test_a_click_in_the_duel_is_a_vote_that_the_teacher_can_show(bare_store: Store) -> None:
    (_, token), (_, student) = enter(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada")
    enter(bare_store, "Ben")
    add(bare_store, prepared("G"), top1=74.0)
    add(bare_store, prepared("random"), top1=61.0)
    start = at_address("start")
    start.session_state[access.TOKEN] = student
    start.session_state["start_order"] = True  # EDC is at the left
    press(start.run(), "start_pick_left")
    app = choose(page(token), "Votes of the duel")
    assert any(one.value == "1 of 2 voted in the duel on Start." for one in app.markdown)
    assert any(one.value == "Still to vote: Ben" for one in app.caption)
    assert not app.metric  # the class may be looking on
    app.toggle(key="teacher_votes").set_value(True).run()
    shown = [(one.value, one.delta) for one in app.metric]
    assert shown == [("1 vote", "teaches 74.0 %"), ("0 votes", "teaches 61.0 %")]
    assert any("13.0 points apart" in one.value and "one run each" in one.value for one in app.caption)


def test_the_bets_of_the_class_are_listed_until_they_can_be_scored(bare_store: Store) -> None:
    (_, token), (ada, _) = enter(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada")
    matrix = jobs.submit_matrix(bare_store, two_by_two(1), ada, held=True)
    bet = {"ranking": ["smoothing-schedule", "ema-evaluation"]}
    place_bet(bare_store, matrix, ada.id, "Ada", bet, design=two_by_two(1))
    app = choose(page(token), "Bets")
    assert any("1 sealed bet: Ada." in one.value for one in app.markdown)
    jobs.resume_matrix(bare_store, matrix, ada)
    while waiting := bare_store.alive():
        for run in waiting:
            answer_for(bare_store, matrix, run.id)
        jobs.enqueue_next_runs(bare_store)
    (row,) = choose(page(token), "Bets").dataframe[0].value.to_dict("records")
    assert (row["place"], row["who"]) == (1, "Ada")


def test_a_new_class_is_asked_for_once_more_and_can_be_brought_back(bare_store: Store) -> None:
    (_, token), (ada, _) = enter(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada")
    app = page(token)
    assert "Archives 1 person" in " ".join(one.value for one in app.markdown)  # before the button that does it
    app = press(app, "teacher_archive_class")
    assert app.success[0].value == "1 person and 0 runs archived: the next class can come in."
    assert any("Nobody has joined yet" in one.value for one in app.info)
    back = next(button.key for button in app.button if button.key.startswith("teacher_back_"))
    press(app, back)
    assert jobs.class_overview(bare_store, jobs.Person("t", "Ms T", True)).students[0].id == ada.id
