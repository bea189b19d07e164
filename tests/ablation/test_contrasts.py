"""Differences of two cells: which pairs a design asks for, and that they are paired by seed."""

import pytest

from edc_core.ablation.confounds import CONFOUNDS
from edc_core.ablation.contrasts import contrasts, ladder
from edc_core.ablation.design import Design, cells_of, parse_design
from edc_core.ablation.results import Row
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import SettingsError

TABLE = PROFILES["lab-quick"]
SEEDS = (2, 0, 7)  # points that a seed adds to every cell


def rows(design: Design, seeds: int = 3, student: str = "wrn-10-2") -> list[Row]:
    """Cell n has 50 + n points and its seed's; every seed's step also has a tenth of the seed's number."""
    return [
        Row(
            cell.name, cell.on, cell.preset, "fashion-mnist-mini", 10, student, seed, f"{place}-{seed}", "val",
            50.0 + place * (1 + seed / 10) + SEEDS[seed], 0.0, 0.0, None, f"{place}-{seed}",
        )
        for place, cell in enumerate(cells_of(design, TABLE))
        for seed in range(seeds)
    ]  # fmt: skip


def pairs(design: Design, found: list[Row] | None = None) -> dict[tuple[str, str], float]:
    return {
        (pair.name, pair.against): pair.estimate.mean
        for pair in contrasts(design, rows(design) if found is None else found)
    }


def test_each_rung_stands_against_the_one_before_and_the_first() -> None:
    design = parse_design({"kind": "ladder", "presets": ("A", "B", "C", "G", "SRe2L", "random")})
    found = pairs(design)
    assert list(found) == [
        ("B", "A"), ("C", "B"), ("C", "A"), ("G", "C"), ("G", "A"), ("SRe2L", "G"), ("random", "G"),
    ]  # fmt: skip
    assert found["C", "A"] == pytest.approx(2 * 1.1)
    assert found["SRe2L", "G"] == pytest.approx(1.1)


def test_presets_without_a_config_stand_in_the_order_in_which_they_are_named() -> None:
    design = parse_design({"kind": "ladder", "presets": ("random", "herding", "RDED")})
    assert list(pairs(design)) == [("herding", "random"), ("RDED", "herding"), ("RDED", "random")]


def test_a_ladders_gains_are_paired_and_missing_after_a_missing_rung() -> None:
    design = parse_design({"kind": "ladder", "presets": ("A", "B", "C", "G", "random")})
    found = [row for row in rows(design) if row.cell != "C" and (row.cell, row.seed) != ("B", 2)]
    rungs = ladder(design, found, contrasts(design, found))
    assert [rung.name for rung in rungs] == ["A", "B", "G", "random"]
    assert [rung.gain and rung.gain.mean for rung in rungs] == [None, pytest.approx(1.05), None, None]
    assert rungs[1].level.mean - rungs[0].level.mean != pytest.approx(1.05)  # of other seeds
    without_b = [row for row in rows(design) if row.cell != "B"]
    rungs = ladder(design, without_b, contrasts(design, without_b))
    assert [rung.name for rung in rungs if rung.gain] == ["G"]  # C over A, the first, is no step of one rung


def test_what_a_seed_shifts_in_all_cells_drops_out() -> None:
    design = parse_design({"kind": "ladder", "presets": ("A", "B")})
    (pair,) = contrasts(design, rows(design))
    assert pair.by_seed == pytest.approx({0: 1.0, 1: 1.1, 2: 1.2})
    assert pair.estimate.half == pytest.approx(4.3027 * 0.1 / 3**0.5)
    assert pair.standard_error == pytest.approx(0.1 / 3**0.5)
    assert pair.text() == "+1.1 points (95 % interval +0.9 to +1.3, 3 seeds)"
    assert not pair.few
    (pair,) = contrasts(design, rows(design, 2))
    assert pair.few
    assert "only 2 seeds" in pair.text()


def test_one_at_a_time_stands_against_all_off_and_leave_one_out_against_all_on() -> None:
    choices = ("flatness", "small-batch", "ema-evaluation")
    alone = parse_design({"kind": "one-at-a-time", "choices": choices})
    assert {against for _, against in pairs(alone)} == {"all off"}
    assert list(pairs(alone).values()) == pytest.approx([1.1, 2.2, 3.3])
    without = parse_design({"kind": "leave-one-out", "choices": choices})
    assert {against for _, against in pairs(without)} == {"all on"}
    found = contrasts(without, rows(without))
    assert len(found) == 3
    assert all(pair.question.startswith("What is lost without ") for pair in found)


def test_confounds_stand_against_what_they_are_read_beside() -> None:
    design = parse_design({"kind": "confounds"})
    found = contrasts(design, rows(design))
    beside = [(entry.name, entry.against, entry.question) for entry in CONFOUNDS if entry.against]
    assert [(pair.name, pair.against, pair.question) for pair in found] == beside
    assert found[0].estimate.mean == pytest.approx(1.1)


def test_only_what_is_measured_is_compared() -> None:
    design = parse_design({"kind": "ladder", "presets": ("A", "B", "C")})
    measured = [row for row in rows(design) if row.cell != "B" or row.seed == 1]
    found = {(pair.name, pair.against): pair for pair in contrasts(design, measured)}
    assert list(found["B", "A"].by_seed) == [1]
    assert found["B", "A"].text() == "+1.1 points (one seed, no interval)"
    assert found["C", "A"].estimate.count == 3
    assert pairs(design, [row for row in measured if row.cell == "A"]) == {}
    alone = parse_design({"kind": "one-at-a-time"})
    assert pairs(alone, [row for row in rows(alone) if row.on]) == {}


def test_a_factorial_has_effects_and_no_pairs_and_kinds_of_rows_do_not_mix() -> None:
    design = parse_design({"kind": "factorial", "choices": ("flatness", "ema-evaluation")})
    assert pairs(design) == {}
    with pytest.raises(SettingsError, match="rows of 2 kinds"):
        contrasts(design, rows(design) + rows(design, student="convnet-d3"))
