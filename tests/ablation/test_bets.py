"""The prediction ledger: sealed for good, one a person, closed by the first result, scored as computed by hand."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.ablation import factors_of, parse_design
from edc_core.ablation.bet_seals import is_intact
from edc_core.ablation.bets import leaderboard, place_bet, placed_bets, ranks, score_bet, shown_sign, spearman
from edc_core.ablation.matrix import profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.questions import measured_outcome, questions
from edc_core.ablation.results import rows_of
from edc_core.errors import SettingsError
from edc_core.intervals import Estimate
from edc_core.jobs import Refused, classroom, enter_class
from edc_core.store import StageResults, Store
from tests.support.stored_matrices import EFFECTS, stored_matrix

CHOICES = ("flatness", "small-batch", "ema-evaluation")
DESIGN = parse_design({"kind": "factorial", "settings": "tiny", "choices": CHOICES})


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def ranked(store: Store, who: str, *ranking: str, **more):
    return place_bet(store, "one", who, who, {"ranking": ranking}, design=DESIGN, **more)


def test_a_bet_is_kept_as_it_was_sealed(store: Store) -> None:
    placed = ranked(store, "ada", "small-batch", "flatness")
    (kept,) = placed_bets(store, "one")
    assert kept == placed
    assert kept.intact
    assert not kept.in_the_open
    assert kept.sealed["design"] == DESIGN.model_dump(mode="json")
    file = kept.file()
    assert is_intact(file)
    assert kept.seal in file
    for changed in (
        file.replace('"small-batch",\n    "flatness"', '"flatness",\n    "small-batch"'),
        file.replace('"seeds": 3', '"seeds": 2'),
        file.replace(str(kept.time), str(kept.time - 3600)),
        "{}",
        "no JSON",
    ):
        assert changed != file
        assert not is_intact(changed)


def test_the_store_lets_nobody_change_a_bet_or_take_it_back(store: Store) -> None:
    ranked(store, "ada", "small-batch", "flatness")
    for statement in ("UPDATE bets SET time = 0", "DELETE FROM bets"):
        with pytest.raises(sqlite3.IntegrityError):
            store.database.execute(statement)
    assert placed_bets(store, "one")[0].intact


def test_a_bet_that_was_changed_behind_the_store_is_told(store: Store) -> None:
    """Whoever has the file may take the triggers away; the seal does not fit then."""
    ranked(store, "ada", "small-batch", "flatness")
    tampered(store.home)
    assert not placed_bets(store, "one")[0].intact


def tampered(home: Path) -> None:
    """Every bet as if it had been another order."""
    with closing(sqlite3.connect(home / "store.sqlite")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute('UPDATE bets SET bet = replace(bet, \'"ranking": [\', \'"ranking": ["luck", \')')


def test_one_bet_a_person_and_ablation(store: Store) -> None:
    ranked(store, "ada", "small-batch", "flatness")
    with pytest.raises(Refused, match="ada has bet on this ablation already"):
        ranked(store, "ada", "flatness", "small-batch")
    ranked(store, "bob", "flatness", "small-batch")
    place_bet(store, "two", "ada", "ada", {"signs": {"flatness": 1}}, design=DESIGN)
    assert [bet.person for bet in placed_bets(store, "one")] == ["ada", "bob"]


def test_bets_close_with_the_first_result(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="closed with the first result, and 1 is measured"):
        ranked(store, "ada", "small-batch", "flatness", results=1)
    late = ranked(store, "ada", "small-batch", "flatness", results=24, open_lab=True)
    assert late.in_the_open
    assert "open lab" in late.sealed["note"]
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    with pytest.raises(Refused, match="lab is read-only"):
        ranked(store, "bob", "small-batch", "flatness")


@pytest.mark.parametrize(
    ("bet", "sentence"),
    [
        ({}, "says nothing"),
        ({"ranking": ["flatness"]}, "rank at least two"),
        ({"ranking": ["flatness", "flatness"]}, "each once"),
        ({"ranking": ["flatness", "luck"]}, "'luck' is no question"),
        ({"gains": {"flatness": 400}}, "at most 100 points"),
        ({"signs": {"flatness": -1}, "gains": {"flatness": 2}}, "another"),
        ({"signs": {"flatness": 2}}, "signs"),
    ],
)
def test_a_wrong_bet_is_refused_in_a_sentence(store: Store, bet: dict, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        place_bet(store, "one", "ada", "ada", bet, design=DESIGN)
    assert not placed_bets(store, "one")


def test_scores_as_by_hand(store: Store) -> None:
    """small-batch +8, EMA undecided at +2, flatness -1."""
    outcome = {
        "flatness": Estimate(-1.0, -1.5, -0.5, 3),
        "small-batch": Estimate(8.0, 7.0, 9.0, 3),
        "ema-evaluation": Estimate(2.0, -1.0, 5.0, 3),
    }

    def scored(who: str, **bet):
        return score_bet(place_bet(store, "one", who, who, bet, design=DESIGN), outcome)

    said = scored("ada", gains={"flatness": 1.0, "small-batch": 6.0, "ema-evaluation": 3.0})
    assert (said.right, said.asked) == (1, 2)  # EMA's sign is open; flatness was wrong
    assert said.rank == pytest.approx(1.0)
    assert said.error == pytest.approx((2 + 2 + 1) / 3)
    neither = scored("bob", signs={"ema-evaluation": 0, "flatness": 0, "small-batch": 1})
    assert (neither.right, neither.asked, neither.error) == (2, 3, None)
    order = scored("cy", ranking=["ema-evaluation", "small-batch", "flatness"])
    assert order.rank == pytest.approx(0.5)
    assert (order.asked, order.error) == (0, None)
    assert scored("di", ranking=["small-batch", "ema-evaluation"]).rank == pytest.approx(1.0)  # the rest is last
    nearer = scored("eve", gains={"flatness": 1.0, "small-batch": 8.0, "ema-evaluation": 2.0})
    assert (nearer.right, nearer.asked, nearer.rank) == (said.right, said.asked, said.rank)
    board = leaderboard(placed_bets(store, "one"), outcome)
    assert [bet.nickname for bet, _ in board] == ["eve", "ada", "di", "bob", "cy"]


def test_one_seed_decides_no_sign(store: Store) -> None:
    outcome = {"flatness": Estimate(0.3, None, None, 1), "small-batch": Estimate(-2.0, None, None, 1)}
    bet = place_bet(store, "one", "ada", "ada", {"signs": {"flatness": 0, "small-batch": -1}}, design=DESIGN)
    assert score_bet(bet, outcome).asked == 0
    assert not shown_sign(outcome["small-batch"])


def test_rank_correlation() -> None:
    assert ranks([3.0, 1.0, 3.0]) == [2.5, 1.0, 2.5]
    assert spearman([1, 2, 3, 4], [10, 9, 8, 7]) == pytest.approx(-1)
    # Ties: the correlation of the ranks (1, 2.5, 2.5, 4) and (1, 2, 3, 4).
    assert spearman([1, 2, 2, 3], [1, 2, 3, 4]) == pytest.approx(4.5 / (4.5 * 5) ** 0.5)
    assert spearman([1, 1], [1, 2]) is None
    assert spearman([], []) is None


@pytest.mark.parametrize("kind", ["ladder", "one-at-a-time", "leave-one-out", "factorial", "confounds", "waterfall"])
def test_every_question_of_a_design_is_answered_by_its_cells(tmp_path: Path, kind: str) -> None:
    level = {}

    def by_number(job) -> tuple[float, float]:
        value = 50 + level.setdefault(job.cell.name, 2.0 * len(level)) + 0.5 * job.seed
        return value, value

    own = kind in ("ladder", "confounds")
    matrix = stored_matrix(tmp_path, kind, by_number if own else None, kind=kind, profile="lab-quick", seeds=2)
    factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
    asked = questions(matrix.design)
    found = measured_outcome(matrix.design, rows_of(matrix, ScoreLookup(StageResults(tmp_path), (tmp_path,))), factors)
    assert list(found) == [question.name for question in asked]
    for question in asked:
        if own:
            expected = level[question.name] - level[question.against]
        else:
            expected = EFFECTS[question.name] + 0.05 * (question.name == "flatness")
            pairs = {"factorial": 0.625, "leave-one-out": 1.25}.get(kind, 0.0)
            expected += pairs * (question.name in ("small-batch", "ema-evaluation"))
        assert found[question.name].mean == pytest.approx(expected)


def game() -> None:
    """A page with a bundled, finished factorial, as the choices page shows it."""
    import os
    from pathlib import Path

    import streamlit as st

    from edc_core.ablation import ScoreLookup, factors_of
    from edc_core.ablation.matrix import profile_of
    from edc_core.ablation.results import rows_of
    from pages.choices.bet_ledger import render_ledger
    from pages.shared.page_frame import open_lab
    from tests.support.stored_matrices import stored_matrix

    place, bundled = Path(os.environ["EDC_HOME"]) / "kept", os.environ["TEST_BUNDLED"] == "1"
    measured = bundled or os.environ["TEST_BUNDLED"] == "half"
    choices = ["flatness", "small-batch", "ema-evaluation"]
    matrix = stored_matrix(place, "made", kind="factorial", settings="tiny", choices=choices)
    factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
    with open_lab() as opened:
        rows = rows_of(matrix, ScoreLookup(opened.store.stage_results, (place,))) if measured else []
        if render_ledger(opened, "made", matrix.design, rows, factors, bundled, bundled=bundled):
            st.text("the results")


def texts(app: AppTest) -> str:
    return " ".join(one.value for kind in (app.text, app.caption, app.error) for one in kind)


def seal(app: AppTest, who: str, *ranking: str) -> AppTest:
    app.text_input(key="bets_name_made").set_value(who)
    app.multiselect(key="bets_rank_made").set_value(list(ranking))
    next(button for button in app.button if button.label == "Seal this bet").click()
    return app.run()


def test_a_game_on_bundled_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setenv("TEST_BUNDLED", "1")
    app = AppTest.from_function(game, default_timeout=30).run()
    assert "the results" in texts(app)
    app.button(key="bets_guess").click().run()
    assert "the results" not in texts(app)
    assert "just for fun" in texts(app)
    seal(app, "", "small-batch", "flatness")
    assert "the results" not in texts(app)
    assert "does not fit" in texts(app)
    seal(app, "Ada", "small-batch", "ema-evaluation", "flatness")
    assert not app.exception
    assert "the results" in texts(app)
    board, beside = (frame.value for frame in app.dataframe)
    assert list(board["who"]) == ["Ada"]
    assert list(board["order"]) == ["1.00"]
    assert "open lab" in board["note"][0]
    assert list(beside["question"])[0] == "smaller batch size"
    assert list(beside["bet on place"]) == ["1", "2", "3"]
    other = AppTest.from_function(game, default_timeout=30)
    other.query_params["bet"] = "first"
    assert "the results" not in texts(other.run())
    seal(other, "ada", "flatness", "small-batch")
    assert "has bet on this ablation already" in texts(other)
    other.button(key="bets_show").click().run()
    assert "the results" in texts(other)


def test_in_a_class_pupils_bet_before_they_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    for name, value in {"EDC_HOME": str(tmp_path), "TEST_BUNDLED": "1", "EDC_CLASS_CODE": "oak"}.items():
        monkeypatch.setenv(name, value)
    _, token = enter_class(store, classroom(), "oak", "Ada")
    app = AppTest.from_function(game, default_timeout=30)
    app.session_state["_access_token"] = token
    assert "the results" not in texts(app.run())
    app.multiselect(key="bets_rank_made").set_value(["small-batch", "flatness"])
    next(button for button in app.button if button.label == "Seal this bet").click().run()
    assert "the results" in texts(app)
    again = AppTest.from_function(game, default_timeout=30)  # another tab of the same person
    again.session_state["_access_token"] = token
    assert "the results" in texts(again.run())


def test_sealed_before_the_first_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_HOME", str(tmp_path))
    monkeypatch.setenv("TEST_BUNDLED", "0")
    app = AppTest.from_function(game, default_timeout=30).run()
    seal(app, "Ada", "small-batch", "flatness")
    assert not app.exception
    assert "1 sealed bet: Ada. Bets are open." in texts(app)
    assert "small" not in texts(app)  # on what, nobody is told
    app.button(key="bets_another").click().run()
    seal(app, "Bob", "flatness", "small-batch")
    assert "2 sealed bets: Ada, Bob" in texts(app)
    monkeypatch.setenv("TEST_BUNDLED", "half")  # the first results are in
    assert "Bets are closed; they are scored when everything is measured." in texts(app.run())
    late = AppTest.from_function(game, default_timeout=30).run()
    assert "Bets are closed" in texts(late)
    assert "Seal this bet" not in [button.label for button in late.button]
    assert "no longer fits" not in texts(app)
    tampered(tmp_path)
    assert "It no longer fits: the bet in the store was changed." in texts(app.run())
    store = Store(tmp_path)
    assert [json.loads(bet.file())["sealed"]["nickname"] for bet in placed_bets(store, "made")] == ["Ada", "Bob"]
    store.close()
