"""The Recipe page's state as settings, without a page."""

import pytest

from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES, PRESETS, SWITCHES
from edc_core.errors import SettingsError
from pages.recipe.pipeline_steps import STEPS
from pages.recipe.recipe_state import Recipe, format_changes, read_changes
from tests.support.recipe_commands import as_typed


@pytest.mark.parametrize(
    ("preset", "protocol", "ipc", "says"),
    [
        ("random", "hard", 1, ("No observer is needed", "1 image per class, not optimised")),
        ("RDED", None, 10, ("1 network learns the real images", "10 images per class")),
        ("G", None, 10, ("4 networks learn the real images", "10 images per class")),
    ],
)
def test_the_steps_count_as_one_speaks(preset: str, protocol: str | None, ipc: int, says: tuple[str, str]) -> None:
    config = configure(preset, "fashion-mnist-mini", get_profile("lab"), ipc, 0, protocol)
    captions = [text(config) for _, text in STEPS]
    for caption, start in zip(captions, says, strict=False):
        assert caption.startswith(start)


def test_changes_survive_the_address() -> None:
    changes = {
        "synthesise.alpha": 0.7,
        "relabel.observers": ("wrn-10-2", "convnet-d2-w32"),
        "initialise.single_class": "T-shirt; 100 %",
        "initialise.kind": "single-class",
        "views.epochs": None,
        "views.steps": 40,
        "synthesise.flip": False,
    }
    assert read_changes(format_changes(changes)) == changes
    recipe = Recipe(changes=changes)
    assert as_typed(recipe.command("lab")) == recipe.config()


def test_a_list_that_is_no_list_of_changes_names_itself() -> None:
    with pytest.raises(SettingsError, match="alpha"):
        read_changes("alpha")


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch_is_its_tables_off_and_on_and_undoes_itself(preset: str, name: str) -> None:
    recipe = Recipe(preset, table="lab-smoke")
    for on in (False, True):
        moved = recipe.switched(name, on)
        assert moved.is_on(name) is on
        assert moved.config() == as_typed(moved.command("lab"))
    assert recipe.switched(name, not recipe.is_on(name)).switched(name, recipe.is_on(name)) == recipe


def test_edc_differs_in_nothing_and_the_ladder_in_what_it_lacks() -> None:
    assert Recipe("EDC").differences() == []
    assert {one.choice for one in Recipe("A").differences()} == set(CHOICES)
    assert {one.path for one in Recipe("random").differences()} == {"synthesise.iterations"}
    assert [one.path for one in Recipe(changes={"synthesise.alpha": 0.7}).differences()] == ["synthesise.alpha"]


def test_what_is_not_read_is_no_difference() -> None:
    changes = {"synthesise.flatness": "none", "synthesise.flatness_weight": 2.0}
    assert [one.path for one in Recipe(changes=changes).differences()] == ["synthesise.flatness"]


def test_back_to_the_presets_value_is_no_change() -> None:
    recipe = Recipe().changed({"synthesise.alpha": 0.7}).changed({"synthesise.alpha": 0.5})
    assert recipe == Recipe()
