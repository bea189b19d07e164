"""The Recipe page: every option of every choice as a person would move it."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.design_space.choice import Choice, Control
from edc_core.design_space.compose import parse_changes
from edc_core.design_space.presets import CHOICES, SWITCHES
from edc_core.errors import SettingsError
from pages.recipe.recipe_state import Recipe, format_changes, read_changes
from tests.conftest import ROOT
from tests.support.app_pages import at_page
from tests.support.recipe_commands import as_typed, command


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    def open_with(**address: str) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(tmp_path))
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        for name, value in address.items():
            app.query_params[name] = value
        return healthy(at_page(app, "recipe").run())

    return open_with


def healthy(app: AppTest) -> AppTest:
    assert not app.exception
    assert not app.error, [error.value for error in app.error]
    return app


def profile_shown(app: AppTest) -> str:
    return app.selectbox(key="chosen_profile").value


def shown(app: AppTest) -> Recipe:
    """The recipe that the address says."""
    state = app.session_state
    changes = read_changes(state["set"] or "")
    return Recipe(state["preset"] or "G", state["dataset"], profile_shown(app), state["ipc"], state["seed"], changes)


def check(app: AppTest) -> None:
    """What stands on the page agrees with what `run` would make of it, and with EDC where nothing differs."""
    healthy(app)
    recipe = shown(app)
    assert as_typed(command(app)) == recipe.config()
    count = len(recipe.differences())
    expected = "This is EDC" if count == 0 else f"{count} setting"
    assert any(expected in text.value for text in app.markdown)
    acts = {button.key: button.disabled for button in app.button if button.key in ("recipe.launch", "recipe.watch")}
    assert list(acts.values()) == [False]  # launch it, or show the run that answers already


def widget(app: AppTest, control: Control):
    kinds = {"slider": app.slider, "number": app.number_input, "switch": app.toggle, "networks": app.multiselect}
    key = f"recipe.{control.path}"
    if control.kind in kinds:
        return kinds[control.kind](key=key)
    if control.kind == "text":
        return app.text_input(key=key)
    options = app.get("button_group")
    return next((one for one in options if one.key == key), None) or app.selectbox(key=key)


def values(control: Control, recipe: Recipe) -> list:
    """Every option, or a few values across the range."""
    if control.kind == "options":
        return [option for option in control.options if option != "imported"]
    if control.kind == "switch":
        return [True, False]
    if control.kind == "networks":
        return [["wrn-10-2"], ["convnet-d2-w32", "resnet18-w16"]]
    if control.kind == "network":
        return ["convnet-d2-w32"]
    if control.kind == "text":
        return ["Coat"]
    low, high = control.bounds
    kind = int if control.whole else float
    return [kind(low or 0), kind(min(high, 50) if high else 5)]


@pytest.mark.parametrize("name", SWITCHES)
def test_every_option_of_every_choice(page, name: str) -> None:
    app = page(choice=name)
    check(app)
    for on in (False, True):
        check(app.toggle(key=f"recipe.switch.{name}").set_value(on).run())
    for control in SWITCHES[name].controls:
        app.text_input(key="set").set_value(format_changes(state_that_reads(control, name).changes)).run()
        for value in values(control, shown(app)):
            found = widget(app, control)
            (found.set_value(value) if hasattr(found, "set_value") else found.select(value)).run()
            recipe = shown(app)
            assert recipe.value(control.path) == (tuple(value) if isinstance(value, list) else value)
            settings_are_right_or_said(app, recipe)
    check(app.text_input(key="set").set_value("").run())


def state_that_reads(control: Control, name: str) -> Recipe:
    """EDC, or EDC with the choice on or one of its options changed, so that the control is there."""
    others = [(other.path, option) for other in SWITCHES[name].controls for option in other.options]
    states = [
        Recipe(),
        Recipe().switched(name, True),
        *(Recipe().changed({path: option}) for path, option in others if option != "imported"),
    ]
    return next(state for state in states if state.reads(control.path))


def settings_are_right_or_said(app: AppTest, recipe: Recipe) -> None:
    """A combination that works can be launched; one that does not is a sentence, and nothing can be."""
    wrong = complaint(recipe)
    if wrong is None:
        check(app)
        return
    healthy(app)
    assert wrong in [warning.value for warning in app.warning]
    assert app.button(key="recipe.launch").disabled


def complaint(recipe: Recipe) -> str | None:
    try:
        recipe.config()
    except SettingsError as error:
        return str(error)
    return None


def test_an_option_opens_what_hangs_on_it(page) -> None:
    app = page(choice="real-initialisation")
    assert "recipe.initialise.tiles" not in [slider.key for slider in app.slider]
    app.selectbox(key="recipe.initialise.kind").select("rded").run()
    check(app)
    assert app.slider(key="recipe.initialise.tiles")
    assert "initialise.kind=rded" in app.session_state["set"]


def test_a_link_restores_the_recipe(page) -> None:
    app = page(preset="C", set="synthesise.alpha=0.7;evaluate.zeta=2.5", ipc="5", seed="3", settings="tiny")
    check(app)
    assert shown(app) == Recipe(
        "C", "fashion-mnist-mini", "tiny", 5, 3, {"synthesise.alpha": 0.7, "evaluate.zeta": 2.5}
    )


def test_another_preset_takes_the_changes_back(page) -> None:
    app = page(set="synthesise.alpha=0.7")
    app.selectbox(key="recipe.preset").select("SRe2L").run()
    check(app)
    assert shown(app) == Recipe("SRe2L")


def test_a_wrong_combination_is_a_sentence_and_cannot_be_launched(page) -> None:
    for wrong in ("relabel.labels=hard", "synthesise.alpha=7", "synthesise.observers=", "nonsense", "a.b=1", "ipc.x=1"):
        app = page(set=wrong)
        assert app.warning, wrong
        assert app.button(key="recipe.launch").disabled, wrong


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("synthesise.iterations=abc", "synthesise.iterations is 'abc'"),
        ("synthesise.iterations=[1]", "synthesise.iterations is (1,)"),
        ("synthesise.iterations=1e400", "synthesise.iterations is inf"),
        ("synthesise.observers=5", "synthesise.observers is 5"),
        ("synthesise.observers=[1,2]", "synthesise.observers is 1"),
        ("synthesise.flatness={}", "synthesise.flatness is {}"),
        ("relabel.observers=null", "relabel.observers is None"),
        ("evaluate.students=null", "evaluate.students is None"),
    ],
)
def test_a_value_of_the_wrong_kind_is_a_sentence_and_the_list_shows_the_presets(page, wrong: str, says: str) -> None:
    app = page(set=wrong)
    assert says in app.warning[0].value
    assert app.button(key="recipe.launch").disabled
    assert read_changes(format_changes(read_changes(wrong))) == read_changes(wrong)
    path = wrong.partition("=")[0]
    assert Recipe(changes=read_changes(wrong)).value(path) == Recipe().value(path)


def test_a_link_may_hide_launch(page) -> None:
    app = page(hide="launch")
    assert "recipe.launch" not in [button.key for button in app.button]


def test_a_new_choice_appears_with_no_page_edited(page, monkeypatch: pytest.MonkeyPatch) -> None:
    dropping = Choice(
        "dropping layers", ("synthesise",), "slowness", r"p", "no layer", "half of them", "nowhere",
        explained="Fewer layers, faster steps.",
        controls=(Control("synthesise.layer_drop_prob", "Dropped", "Share of layers", 0, 0.9, 0.1),),
        off_values={"synthesise.layer_drop_prob": 0.0}, on_values={"synthesise.layer_drop_prob": 0.5},
    )  # fmt: skip
    monkeypatch.setitem(CHOICES, "dropping", dropping)
    app = page()
    assert not app.toggle(key="recipe.switch.dropping").value
    app.button(key="recipe.open.dropping").click().run()
    app.toggle(key="recipe.switch.dropping").set_value(True).run()
    check(app)
    assert app.slider(key="recipe.synthesise.layer_drop_prob").value == 0.5
    assert parse_changes([app.session_state["set"]]) == {"synthesise.layer_drop_prob": 0.5}


def test_a_finished_recipe_answers_at_once(page, tiny_run: dict, shared_home: Path, monkeypatch) -> None:
    app = page(settings="tiny", ipc="2")
    monkeypatch.setenv("EDC_HOME", str(shared_home))
    healthy(app.run())
    assert any(f"This exact run: **{tiny_run['top1_ema']:.2f} %**" in text.value for text in app.markdown)
    assert app.button(key="recipe.watch")


def test_every_picture_of_a_miniature_is_named_for_those_who_cannot_see_it(page) -> None:
    pictures = [image.alt for group in page().get("image") for image in group.proto.imgs]
    assert "Gaussian noise" in pictures
    assert all(pictures)


@pytest.mark.parametrize("name", [name for name, choice in SWITCHES.items() if choice.evidence])
def test_printed_figures_are_said_to_be_of_the_papers_own_protocol(page, name: str) -> None:
    said = [caption.value for caption in healthy(page(choice=name)).caption]
    assert any(
        "The paper's figures, not measured here" in text and "the best epoch on the test set" in text for text in said
    )


def test_an_older_link_opens_its_profile_by_todays_name(page) -> None:
    assert profile_shown(page(settings="sprint")) == "lab-smoke"
    assert profile_shown(page(profile="lab-quick")) == "lab-quick"


def test_a_switch_opens_its_panel_says_what_it_shows_and_leads_back_to_edc(page) -> None:
    app = page(profile="lab-quick")
    texts = [text.value for text in app.markdown]
    assert any(":blue-badge[images] :green-badge[accuracy] :violet-badge[sharpness]" in text for text in texts)
    assert any("no measurable effect on this data set; the paper: +1.7 on ImageNet-1k" in text for text in texts)
    healthy(app.toggle(key="recipe.switch.ema-evaluation").set_value(False).run())
    assert app.session_state["choice"] == "ema-evaluation"
    assert any("hurts a student that has not settled (−2.7 ± 0.8 without" in text.value for text in app.markdown)
    app.button(key="recipe.reset").click().run()
    check(app)
    assert shown(app) == Recipe(table="lab-quick")


def test_where_nothing_is_stored_the_bar_says_so_and_names_no_accuracy(page) -> None:
    app = page(profile="lab-quick", set="synthesise.alpha=0.3")
    assert any(text.value.startswith("Not measured here: **about") for text in app.markdown)
    assert not any("→ **" in text.value for text in app.markdown)


def test_another_profile_takes_its_own_numbers_for_a_switch_that_is_off(page) -> None:
    app = page(choice="real-initialisation", profile="lab")
    app.toggle(key="recipe.switch.real-initialisation").set_value(False).run()
    app.selectbox(key="chosen_profile").set_value("lab-smoke").run()
    by_menu = shown(app).config().synthesise.iterations
    other = page(choice="real-initialisation", profile="lab-smoke")
    other.toggle(key="recipe.switch.real-initialisation").set_value(False).run()
    assert by_menu == shown(other).config().synthesise.iterations
