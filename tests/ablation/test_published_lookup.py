"""What is known of one setting: keys as a matrix has them, the other profile, and the Recipe page that says it."""

import json
import os
import re
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.ablation import ScoreLookup, choice_factors
from edc_core.ablation.factors import changes_of
from edc_core.ablation.published_lookup import active_choices, at_profile, find_published
from edc_core.ablation.published_scores import published_matrices
from edc_core.config import RunConfig
from edc_core.data import describe
from edc_core.design_space.compose import configure
from edc_core.design_space.presets import CHOICES, PRESETS
from edc_core.design_space.profiles import LAB, LAB_QUICK, TINY, Profile
from edc_core.errors import StoreError
from edc_core.intervals import estimate, paired_difference
from edc_core.store import StageResults
from edc_core.store.files import write_json
from pages.recipe.recipe_state import Recipe, format_changes, read_changes
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.stored_matrices import stored_matrix, top1

ALL = frozenset(CHOICES)
EVERY = [frozenset(on) for count in range(9) for on in combinations(CHOICES, count)]
DATA = "fashion-mnist-mini"


@pytest.fixture(scope="session")
def factorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the full factorial in the profile lab-quick, its figures made up."""
    place = tmp_path_factory.mktemp("ablations")
    stored_matrix(place, "factorial-brisk", kind="factorial", profile="lab-quick", seeds=3)
    return place


def setting(on: frozenset[str], table: Profile = LAB_QUICK, **changes) -> RunConfig:
    return configure("G", DATA, table, 10, 0, changes=changes_of(choice_factors(table), on) | changes)


def lookup(place: Path, home: Path) -> ScoreLookup:
    return ScoreLookup(StageResults(home), (place,))


def test_all_256_settings_answer_with_the_cells_of_the_matrix(factorial: Path, tmp_path: Path) -> None:
    about, found = describe(DATA), lookup(factorial, tmp_path)
    for on in EVERY:
        one = find_published(setting(on), setting(ALL), about, found)
        ours, edc = ({seed: top1(cell, seed) for seed in range(3)} for cell in (on, ALL))
        assert one.top1.mean == pytest.approx(estimate(list(ours.values())).mean)
        assert one.seeds == (0, 1, 2)
        if on == ALL:
            assert one.to_edc is None
        else:
            expected = paired_difference(ours, edc)
            assert (one.to_edc.mean, one.to_edc.low) == pytest.approx((expected.mean, expected.low))
        assert one.place == "the bundled factorial"


def test_seed_split_and_number_of_students_do_not_matter_and_other_settings_do(factorial: Path, tmp_path: Path) -> None:
    about, found = describe(DATA), lookup(factorial, tmp_path)
    plain = find_published(setting(ALL), setting(ALL), about, found)
    asked = configure("G", DATA, LAB_QUICK, 10, 7, changes={"score.split": "test", "evaluate.seeds": 3})
    assert find_published(asked, setting(ALL), about, found) == plain
    for changes in ({"synthesise.alpha": 0.4}, {"evaluate.students": ["wrn-10-1"]}, {"ipc": 1}, {"data.holdout": 500}):
        assert find_published(setting(ALL, **changes), setting(ALL), about, found) is None


@pytest.mark.parametrize("table", [LAB, LAB_QUICK], ids=lambda table: table.name)
def test_switches_are_read_back_from_settings(table: Profile) -> None:
    about = describe(DATA)
    for on in EVERY[::7]:
        assert active_choices(setting(on, table), table, about) == on
        assert at_profile(setting(on, table), LAB_QUICK, on) == setting(on)
    assert active_choices(configure("A", DATA, table, 10, 3), table, about) == frozenset()
    for preset in ("C", "SRe2L", "RDED", "random"):
        assert active_choices(configure(preset, DATA, table, 10, 0), table, about) is None
    assert active_choices(setting(ALL, table, **{"synthesise.lr": 0.1}), table, about) is None


def test_a_switch_that_changes_nothing_counts_as_on() -> None:
    assert active_choices(setting(ALL, TINY), TINY, describe(DATA)) == ALL


def test_the_store_answers_too_and_the_place_with_more_seeds_wins(factorial: Path, tmp_path: Path) -> None:
    from edc_core.ablation.published_lookup import reseeded
    from edc_core.stage_graph import build_stage_graph

    about = describe(DATA)
    for config, value in ((setting(ALL - {"flatness"}), 70.0), (setting(ALL), 72.0)):
        for seed in range(2):
            key = next(n.key for n in build_stage_graph(reseeded(config, seed), about.digest) if n.stage == "score")
            folder = tmp_path / "artefacts" / key
            folder.mkdir(parents=True)
            figures = {"top1": value + seed}
            write_json(folder / "score.json", {"split": "val", "raw": figures, "ema": figures})
    here = find_published(setting(ALL - {"flatness"}), setting(ALL), about, lookup(tmp_path / "none", tmp_path))
    assert (here.place, here.seeds, here.top1.mean, here.to_edc.mean) == ("this lab's own runs", (0, 1), 70.5, -2.0)
    both = find_published(setting(ALL - {"flatness"}), setting(ALL), about, lookup(factorial, tmp_path))
    assert both.place == "the bundled factorial"


def test_a_damaged_matrix_is_named(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text('{"format": 1,')
    with pytest.raises(StoreError, match=r"half\.json"):
        find_published(setting(ALL), setting(ALL), describe(DATA), lookup(tmp_path, tmp_path))


def test_a_matrix_that_was_made_anew_is_read_anew(tmp_path: Path) -> None:
    for moment, name in enumerate(("first", "second"), 1):
        write_json(tmp_path / "it.json", {"format": 1, "name": name})
        os.utime(tmp_path / "it.json", (moment, moment))
        assert [record["name"] for record in published_matrices(tmp_path)] == [name]


# The page -------------------------------------------------------------------------------------------


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, factorial: Path):
    def open_with(place: Path = factorial, **address: str) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(tmp_path))
        monkeypatch.setattr("edc_core.ablation.published_scores.PUBLISHED", place)
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at_page(app, "recipe")
        for name, value in address.items():
            app.query_params[name] = value
        return healthy(app.run())

    return open_with


def healthy(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def headline(app: AppTest) -> str | None:
    """What the bar says of the accuracy: "**80.3** ± 2.2 %", or "80.3 → **61.7** (−18.5 ± 2.7)"; None: nothing."""
    found = [
        text.value for text in app.markdown if re.fullmatch(r".*\*\*[\d.]+\*\*( ± [\d.]+)?( %| \(.*\))", text.value)
    ]
    return found[0] if found else None


def hint(app: AppTest) -> str:
    return next(text.help for text in app.markdown if text.value == headline(app))


def says(app: AppTest, text: str) -> bool:
    return any(text in one.value for one in (*app.markdown, *app.caption))


SHOWN = [frozenset(), ALL, *EVERY[3:-1:23]]


def test_every_setting_answers_at_once(page) -> None:
    app = page(profile="lab-quick")
    assert len(SHOWN) >= 12
    for on in SHOWN:
        recipe = Recipe(table="lab-quick")
        for name in CHOICES:
            recipe = recipe.switched(name, name in on)
        app.text_input(key="set").set_value(format_changes(recipe.changes)).run()
        ours, edc = ({seed: top1(cell, seed) for seed in range(3)} for cell in (on, ALL))
        mean = estimate(list(ours.values()))
        expected = f"**{mean.mean:.1f}** ± {mean.half:.1f} %"
        if on != ALL:
            gap, start = paired_difference(ours, edc), estimate(list(edc.values())).mean
            expected = f"{start:.1f} → **{mean.mean:.1f}** ({gap.mean:+.1f} ± {gap.half:.1f})".replace("-", "−")
        assert headline(healthy(app)) == expected
        weights = "averaged" if "ema-evaluation" in on else "raw"
        assert hint(app).startswith(f"Measured in advance: top-1 with {weights} ")
        assert "weights on held-out images, from the bundled factorial" in hint(app)
        assert says(app, "· 3 seeds")
    app.text_input(key="set").set_value("synthesise.alpha=0.3").run()
    assert headline(healthy(app)) is None
    assert says(app, "Not measured here: **about")


def test_it_is_said_where_fewer_seeds_stand_beside_edc(page, tmp_path: Path) -> None:
    place = tmp_path / "ladder"
    matrix = stored_matrix(place, "ladder", kind="ladder", presets=["RDED", "G"], profile="lab-quick")
    app = page(place, profile="lab-quick", preset="RDED")
    assert says(app, "· 3 seeds")
    record = json.loads((place / "ladder.json").read_text())
    last = next(job for job in matrix.jobs if job.prepared.config.preset == "G" and job.seed == 2)
    record["scores"] = {key: score for key, score in record["scores"].items() if key not in last.score_keys}
    write_json(place / "ladder.json", record)
    assert says(page(place, profile="lab-quick", preset="RDED"), "3 seeds (EDC 2)")


@pytest.mark.parametrize("address", [{}, {"preset": "A"}, {"set": "synthesise.flatness=none"}, {"preset": "E"}])
def test_at_the_labs_budget_the_brisk_answer_is_labelled_and_a_click_away(page, address: dict[str, str]) -> None:
    app = page(settings="lab", **address)
    before = headline(app)
    assert says(app, "profile lab-quick (a quarter of the steps")
    app.button(key="recipe.stored.switch").click().run()
    assert headline(healthy(app)) == before
    assert not says(app, "· profile lab-quick (")
    state = app.session_state
    chosen = app.selectbox(key="chosen_profile").value
    recipe = Recipe(state["preset"] or "G", DATA, chosen, changes=read_changes(state["set"]))
    assert recipe.table == "lab-quick"
    started = Recipe(address.get("preset", "G"), DATA, "lab", changes=read_changes(address.get("set", "")))
    assert [recipe.is_on(name) for name in CHOICES] == [started.is_on(name) for name in CHOICES]


def test_switching_the_budget_keeps_what_belongs_to_no_choice(page) -> None:
    app = page(
        settings="lab", set="synthesise.flatness=none;score.split=val;initialise.kind=noise;synthesise.iterations=300"
    )
    app.button(key="recipe.stored.switch").click().run()
    expected = {"synthesise.flatness": "none", "score.split": "val", "initialise.kind": "noise"}
    assert read_changes(app.session_state["set"]) == expected | {"synthesise.iterations": 100}


def test_an_untouched_preset_answers_at_another_budget_too(page, tmp_path: Path) -> None:
    place = tmp_path / "ladder"
    stored_matrix(place, "ladder", lambda job: (60.0, 61.0), kind="ladder", presets=["RDED", "G"], profile="lab-quick")
    app = page(place, settings="lab", preset="RDED")
    assert headline(app) == "61.0 → **60.0** (−1.0 ± 0.0)"
    assert "from the bundled ladder" in hint(app)
    app.button(key="recipe.stored.switch").click().run()
    assert (app.session_state["preset"], app.session_state["profile"]) == ("RDED", "lab-quick")
    assert headline(app) == "61.0 → **60.0** (−1.0 ± 0.0)"
    app.text_input(key="set").set_value("views.crop_area_min=0.3").run()
    assert headline(healthy(app)) is None


@pytest.mark.parametrize("preset", [name for name in PRESETS if name not in ("A", "B", "E", "F", "G", "EDC")])
def test_what_no_matrix_holds_has_no_answer(page, preset: str) -> None:
    assert headline(page(settings="lab", preset=preset)) is None


def test_without_matrices_the_page_is_as_ever_and_a_damaged_one_is_a_sentence(page, tmp_path: Path) -> None:
    assert headline(page(tmp_path / "none")) is None
    (tmp_path / "half.json").write_text("{")
    assert says(page(tmp_path), "Stored matrices cannot be read")


def test_a_new_matrix_is_seen_at_once(page, factorial: Path, tmp_path: Path) -> None:
    place = tmp_path / "ablations"
    place.mkdir()
    app = page(place, profile="lab-quick")
    assert headline(app) is None
    shutil.copy(factorial / "factorial-brisk.json", place)
    assert headline(healthy(app.run()))
