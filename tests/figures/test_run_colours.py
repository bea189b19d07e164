"""Colours of runs: the preset's own, else one that what differs decides, on light pages and dark ones."""

from edc_core.figures.colours import OKABE_ITO, colour_of
from edc_core.figures.run_colours import CHANGED_COLOURS, run_colour, shaded
from edc_core.runs.run_table import name_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from tests.support.crowd import prepared

PAGES = ("#FFFFFF", "#12171F")  # .streamlit/config.toml


def run_of(preset: str, seed: int = 0, changes: str = "{}") -> RunRecord:
    config = prepared(preset, seed, changes=changes).config
    return RunRecord(f"r{seed}", 0.0, RunState.FINISHED, preset, "x", 2, seed, config.model_dump(mode="json"), [], {})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_run_that_is_a_preset_has_the_presets_colour() -> None:
    for preset in ("G", "EDC", "A", "C", "SRe2L", "random", "RDED"):
        assert run_colour(run_of(preset)) == run_colour(run_of(preset), dark=True) == colour_of(preset)


def test_what_differs_decides_the_colour_and_the_seed_does_not() -> None:
    changed = [run_of("G", seed, '{"synthesise.flatness": "none"}') for seed in (0, 1)]
    first, again = map(run_colour, changed)
    assert first == again
    assert first in {light for light, _ in CHANGED_COLOURS}
    assert (first, run_colour(changed[0], dark=True)) in CHANGED_COLOURS
    others = {run_colour(run_of("G", changes=f'{{"evaluate.zeta": {zeta}}}')) for zeta in (1.1, 1.2, 1.3, 1.4, 1.5)}
    assert len(others) > 1
    assert OKABE_ITO["blue"] not in others | {first}


def test_edc_without_one_choice_is_no_other_choices_colour() -> None:
    off = {
        "synthesise.flatness": '"none"',
        "evaluate.zeta": "1.0",
        "synthesise.alpha": "1.0",
        "synthesise.crop_area_min": "0.08",
        "score.weights": '"raw"',
    }
    found = [run_colour(run_of("G", changes=f'{{"{path}": {value}}}')) for path, value in off.items()]
    assert len(set(found)) == len(off)


def test_a_changed_runs_colour_stands_out_from_the_page() -> None:
    for pair in CHANGED_COLOURS:
        for colour, page in zip(pair, PAGES, strict=True):
            bright, faint = sorted((luminance(colour), luminance(page)), reverse=True)
            assert (bright + 0.05) / (faint + 0.05) >= 3, colour


def test_a_repeated_colour_is_shaded() -> None:
    assert shaded(["#0072B2", "#8A8F98", "#0072B2"]) == ["#0072B2", "#8A8F98", "#00446B"]


def test_settings_that_are_a_rungs_have_its_colour() -> None:
    settings = {"synthesise.flatness": "none", "evaluate.zeta": 1.5}
    assert name_of(run_of("C")).preset == "C"
    assert name_of(run_of("G", changes=str(settings).replace("'", '"'))).preset == ""
