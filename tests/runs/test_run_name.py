"""Names of runs: what differs from the nearest preset, and never a rung's letter."""

import json
from typing import Any

import pytest

from edc_core.design_space.compose import configure
from edc_core.design_space.presets import PRESETS
from edc_core.design_space.profiles import PROFILES
from edc_core.runs.run_name import preset_title, run_name


def named(preset: str, protocol: str | None = None, profile: str = "lab", **changes: Any) -> str:
    return str(run_name(settings_of(preset, protocol, profile, **changes)))


def settings_of(preset: str, protocol: str | None = None, profile: str = "lab", **changes: Any) -> dict[str, Any]:
    paths = {path.replace("__", "."): value for path, value in changes.items()}
    config = configure(preset, "fashion-mnist-mini", PROFILES[profile], 10, 3, protocol, paths)
    return json.loads(config.model_dump_json())


@pytest.mark.parametrize(
    ("preset", "changes", "expected"),
    [
        ("G", {}, "EDC"),
        ("EDC", {}, "EDC"),
        ("G", {"synthesise__flatness": "none"}, "EDC without flatness"),
        ("EDC", {"evaluate__zeta": 1.5}, "EDC with zeta 1.5"),
        ("EDC", {"evaluate__zeta": 1.0}, "EDC without smoothed schedule"),
        ("EDC", {"initialise__kind": "rded", "initialise__scorer": "resnet18-w16"}, "EDC with RDED mosaics"),
        ("EDC", {"initialise__kind": "noise", "synthesise__iterations": 300}, "EDC without real initialisation"),
        (
            "EDC",
            {"synthesise__flatness": "none", "evaluate__lr": 0.002},
            "EDC without flatness and with learning rate 0.002",
        ),
        (
            "EDC",
            {"synthesise__flatness": "none", "views__batch_size": 50, "synthesise__alpha": 0.25},
            "EDC, 3 changes",
        ),
        ("EDC", {"synthesise__residual": 0.5}, "EDC with data residual"),
        ("EDC", {"relabel__observers": ["resnet18-w16"]}, "EDC with labels by resnet18-w16"),
        ("RDED", {}, "RDED"),
        ("RDED", {"views__shuffle_tiles": 3}, "RDED with shuffled tiles 3"),
        ("random", {}, "Random images"),
        ("EDC", {"synthesise__iterations": 0}, "Random images"),
        ("random", {"synthesise__iterations": 150}, "EDC"),
        ("SRe2L", {"synthesise__crop_curriculum": "easy_to_hard"}, "CDA"),
        ("A", {}, "All choices off"),
        ("B", {}, "Only real initialisation"),
        ("A", {"synthesise__flatness": "logit"}, "Only flatness"),
        ("E", {}, "EDC, 3 changes"),
        ("F", {}, "EDC without weak augmentation and EMA evaluation"),
    ],
)
def test_a_run_is_called_by_what_differs_from_the_nearest_preset(preset: str, changes: dict, expected: str) -> None:
    assert named(preset, **changes) == expected


def test_draws_and_judges_change_no_name_but_stand_in_the_list() -> None:
    settings = settings_of("EDC", evaluate__seeds=3, score__split="val", synthesise__seed=9, evaluate__zeta=1.5)
    name = run_name(settings)
    assert str(name) == "EDC with zeta 1.5"
    assert name.changed == ("zeta 1.5", "synthesise seed 9", "seeds 3", "split val")


def test_every_preset_has_a_name_of_its_own_and_no_letter() -> None:
    names = {preset: named(preset) for preset in PRESETS}
    assert not {"A", "B", "C", "D", "E", "F", "G"} & set(names.values())
    assert names.pop("G") == names["EDC"]
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize("profile", ["lab-quick", "tiny", "cifar-10"])
def test_another_profile_is_no_change(profile: str) -> None:
    assert named("EDC", profile=profile) == "EDC"
    assert named("random", "hard", profile) == "Random images"


def test_settings_of_another_version_keep_their_presets_name() -> None:
    settings = settings_of("G")
    settings["evaluate"]["unheard_of"] = 1
    assert str(run_name(settings)) == "EDC"
    assert str(run_name(settings | {"preset": "from-elsewhere"})) == "from-elsewhere"


@pytest.mark.parametrize(
    ("preset", "title"), [("G", "EDC"), ("EDC", "EDC"), ("D", "Rung D"), ("RDED", "RDED"), ("random", "Random images")]
)
def test_a_preset_is_called_by_its_name_and_a_letter_is_said_to_be_a_rung(preset: str, title: str) -> None:
    assert preset_title(preset) == title
