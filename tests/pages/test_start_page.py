"""The first minute: the question, its answer in figures, and the ways on."""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from edc_core import jobs
from edc_core.design_space import citations
from edc_core.figures.race import Runner, race
from edc_core.judging import blind_comparison as duel
from edc_core.store import Store
from pages.start import first_actions as start_ways
from pages.start.tour import STOPS
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.crowd import add, prepared, press


def page(**address: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join(part.value for part in (*app.title, *app.markdown, *app.caption))


def pair_of(store: Store, ours: float, theirs: float, seed: int = 0, protocol: str | None = None) -> list[str]:
    made = [prepared(preset, seed, protocol=protocol) for preset in ("G", "random")]
    return [add(store, run, top1=top1) for run, top1 in zip(made, (ours, theirs), strict=True)]


def test_an_empty_store_offers_the_first_run(bare_store: Store) -> None:
    app = page()
    assert app.button(key="start_run").label == "Run EDC now"
    assert app.button(key="start_open").disabled
    assert "No run is finished here yet" in said(app)


def test_the_question_gives_nothing_away_and_a_click_answers_it(bare_store: Store) -> None:
    for seed in range(3):
        pair_of(bare_store, 84.0, 75.0 - seed / 10, seed)
    app = page()
    assert app.title[0].value == "Which set teaches better?"
    assert len(app.get("image")) == 2
    assert not app.metric
    assert "EDC's" not in said(app)
    assert [button.label for button in app.button if "teaches better" in button.label] == [
        "Set 1 teaches better",
        "Set 2 teaches better",
    ]
    press(app, "start_pick_left")
    assert max(metric.value for metric in app.metric) == "84.0 %"
    first = app.metric[0].label == "EDC's images"
    assert f"Set {1 if first else 2}, EDC's images, teaches better by 9.1 points" in said(app)
    assert "3 seeds, 10,000 test images" in said(app)
    assert ("You were right." in said(app)) == first
    assert ("You were wrong." in said(app)) != first
    assert "**Set 1** · your pick" in said(app)


def test_one_seed_calls_nobody_right(bare_store: Store) -> None:
    pair_of(bare_store, 84.0, 75.0)
    app = page()
    press(app, "start_pick_left")
    assert "EDC's images, scores 9.0 points more" in said(app)
    assert "one run each" in said(app)
    assert "Repeat both with 3 seeds to be sure" in said(app)
    assert "You were" not in said(app)


def test_three_sentences_and_three_links_stand_before_the_question(bare_store: Store) -> None:
    app = page()
    about, links = [part.value for part in app.markdown][:2]
    assert len(about.split(". ")) == 3
    assert about.count("EDC") == 2
    assert f"[Paper]({citations.PAPER}) · [Code]({citations.CODE})" in links
    assert "@inproceedings{shao2024" in app.code[0].value
    assert "@software{edclab" in app.code[0].value


def test_a_finished_run_is_the_best_condensed_set_of_the_embedded_data(bare_store: Store) -> None:
    pair_of(bare_store, 81.5, 81.8)
    better = add(bare_store, prepared("G", 1), top1=82.5)
    add(bare_store, prepared("G", 2), "running")
    assert start_ways.best_finished([run for run in bare_store.runs() if run.state == "finished"]).id == better
    control = add(bare_store, prepared("herding"), top1=90.0)
    only = [bare_store.run(control)]
    assert start_ways.best_finished(only).id == control


def test_places_are_drawn_for_each_session(bare_store: Store) -> None:
    pair_of(bare_store, 84.0, 75.0)
    seen = set()
    for _ in range(20):
        app = page()
        press(app, "start_pick_left")
        seen.add(app.metric[0].value)
        if len(seen) == 2:
            break
    assert seen == {"84.0 %", "75.0 %"}


def test_a_difference_within_chance_is_called_so(bare_store: Store) -> None:
    pair_of(bare_store, 80.4, 80.0)
    app = page()
    press(app, "start_pick_right")
    assert "It is a tie." in said(app)
    assert "You chose Set 2" in said(app)
    assert "within chance" in said(app)


def test_the_switch_takes_the_labels_away_where_both_were_judged_so(bare_store: Store) -> None:
    pair_of(bare_store, 82.0, 81.0)
    app = page()
    press(app, "start_pick_left")
    assert app.toggle(key="start_hard").disabled
    pair_of(bare_store, 78.0, 72.0, protocol="hard")
    app.run()
    app.toggle(key="start_hard").set_value(True).run()
    assert not app.exception
    assert sorted(metric.value for metric in app.metric) == ["72.0 %", "78.0 %"]
    assert "EDC's images lose 4.0 points and random real images lose 9.0 points" in said(app)


def test_seeds_decide_what_chance_is(bare_store: Store) -> None:
    for seed, (ours, theirs) in enumerate(((82.0, 81.0), (82.4, 81.5), (81.8, 80.7))):
        pair_of(bare_store, ours, theirs, seed)
    runs = bare_store.runs()
    found = duel.verdict(*duel.choose_pair(runs).runs, runs)
    assert found.points == pytest.approx(1.0)
    assert found.basis == "3 seeds"
    assert found.told_apart  # paired by seed the difference hardly moves
    one = [run for run in runs if run.seed == 0]
    alone = duel.verdict(*duel.choose_pair(one).runs, one)
    assert not alone.told_apart
    assert alone.margin == pytest.approx(1.96 * 100 * ((0.82 * 0.18 + 0.81 * 0.19) / 10_000) ** 0.5, rel=1e-3)


def test_students_decide_it_where_the_images_are_one_draw(bare_store: Store) -> None:
    names = pair_of(bare_store, 82.0, 81.0)
    runs, changed = [bare_store.run(name) for name in names], []
    for run, values in zip(runs, ((82.0, 82.4, 81.8), (81.0, 81.5, 80.7)), strict=True):
        students = [
            {"student": "convnet-d2-w8", "seed": seed, "top1": value, "top1_ema": value}
            for seed, value in enumerate(values)
        ]
        changed.append(replace(run, result=run.result | {"students": students}))
    runs = changed
    found = duel.verdict(*runs, runs)
    assert found.points == pytest.approx(1.0)
    assert found.margin == pytest.approx(4.3027 * 0.1 / 3**0.5, rel=1e-3)
    assert found.basis == "one draw of images, 3 students"


def test_the_pair_is_judged_alike_and_edc_comes_first(bare_store: Store) -> None:
    add(bare_store, prepared("A"))
    add(bare_store, prepared("G", 1))
    assert duel.choose_pair(bare_store.runs()) is None  # A's labels and schedule are others
    add(bare_store, prepared("random", 1))
    add(bare_store, prepared("herding", 1))
    ours, theirs = duel.choose_pair(bare_store.runs()).runs
    assert (ours.preset, theirs.preset) == ("G", "random")
    assert duel.choose_pair([]) is None


def test_the_races_curves_are_called_as_the_sets_and_names_are_escaped() -> None:
    """Its ends are of held-out images: figures there would stand beside the test images' and differ from them."""
    ends = (("a<b", "Set 1", 80.0), ("c", "Set 2", 79.5))
    drawn = race([Runner(name, label, "#000", "", [1, 2], [10.0, end]) for name, label, end in ends], 10.0)
    assert re.findall(r"race-value[^>]*>([^<]*)<", drawn) == ["Set 1", "Set 2"]
    assert "Set 1, a&lt;b, ends at 80.0 percent" in drawn
    assert "held-out images" in drawn
    assert "guessing" in drawn
    assert "all real images" not in drawn


def test_the_race_has_a_ceiling_where_an_observer_is_known() -> None:
    runners = [Runner("a", "Set 1", "#000", "", [1, 2], [10.0, 80.0])]
    assert "taught by all real images: 89 %" in race(runners, 10.0, 88.9)


def test_a_run_is_submitted_with_a_seed_that_nobody_has_finished(
    bare_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start_ways, "IPC", 2)
    monkeypatch.setattr(start_ways, "PROFILES", {"tiny": "Tiny"})
    monkeypatch.setattr(start_ways, "DEFAULT", "tiny")
    monkeypatch.setenv("EDC_THREADS", "1")
    add(bare_store, prepared("G", 0))
    app = page()
    press(app, "start_run")
    started = next(run for run in bare_store.runs() if run.state != "finished")
    assert started.seed == 1
    assert app.query_params["run"] == started.id
    jobs.stop(bare_store, started.id, jobs.Person(teacher=True))


def test_a_run_in_the_address_is_followed(bare_store: Store) -> None:
    name = add(bare_store, prepared("G"))
    app = page(run=name)
    assert app.title[0].value == "A finished run"
    assert "Which set" not in said(app)


def test_only_the_visitors_run_is_called_theirs(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edc_core.jobs.queue.supervise", lambda store: None)
    for session, title in (("me", "Your run"), ("somebody else", "One run, live")):
        monkeypatch.setattr(
            start_ways, "current_person", lambda session=session: jobs.Person(teacher=True, session=session)
        )
        made = jobs.submit(bare_store, prepared("G"), jobs.Person(teacher=True, session="me"))
        assert page(run=made.run).title[0].value == title


def test_a_run_that_is_gone_is_said_in_a_sentence(bare_store: Store) -> None:
    app = page(run="gone")
    assert "is not in the store" in app.warning[0].value


@pytest.mark.parametrize("number", range(1, len(STOPS) + 1))
def test_any_stop_of_the_tour_can_be_sent(bare_store: Store, number: int) -> None:
    stop = STOPS[number - 1]
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    at_page(app, stop.page)
    app.query_params["tour"] = str(number)
    app.run()
    assert not app.exception
    assert f"{number} of {len(STOPS)}" in said(app)
    assert stop.say in said(app)
    assert len([button for button in app.button if button.label == "Next"]) == (number < len(STOPS))


def test_the_machine_says_what_it_is_busy_with(bare_store: Store) -> None:
    assert "idle" in said(page())
    add(bare_store, prepared("G", 2), "running")
    add(bare_store, prepared("A"), "queued")
    assert "busy with EDC, IPC 2, seed 2, 1 waiting" in said(page())


def test_read_only_closes_the_button(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    assert page().button(key="start_run").disabled


def test_the_start_page_loads_neither_torch_nor_pandas() -> None:
    code = (
        "import sys, pages.start.duel, pages.start.first_actions, pages.start.machine_status;"
        "print([name for name in ('torch', 'pyarrow.parquet', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.replace("'", '"')) == []


def test_sets_that_nobody_judged_without_a_teacher_can_be(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edc_core.jobs.queue.supervise", lambda store: None)  # no worker computes here
    pair_of(bare_store, 82.0, 81.0)
    app = press(page(), "start_pick_left")
    press(app, "start_judge")
    waiting = [run for run in bare_store.runs() if run.state == "queued"]
    assert sorted((run.preset, run.settings["protocol"]) for run in waiting) == [
        ("G", "hard"),
        ("random", "hard"),
    ]
    assert "the switch opens when both are done" in said(app)
