"""Plots of effects, interactions and costs: points and intervals as computed, never shares in percent."""

from pathlib import Path

import pytest

from edc_core.ablation.contrasts import Contrast
from edc_core.ablation.design import factors_of
from edc_core.ablation.effects import Effect, interactions, main_effects, shapley
from edc_core.ablation.factors import Factor
from edc_core.ablation.matrix import profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import by_cell, rows_of
from edc_core.ablation.tidy_table import table as tidy_table
from edc_core.design_space.paper_tables import TABLES, rungs, table
from edc_core.figures.ablation import contrasts, effects, front, pareto, shares
from edc_core.figures.ablation import interactions as interactions_figure
from edc_core.figures.effects import DOWN, GREY, UP
from edc_core.figures.pareto import Point
from edc_core.intervals import Estimate, estimate
from edc_core.store import StageResults
from tests.support.stored_matrices import stored_matrix

FACTORS = (Factor("a", "first", {}), Factor("b", "second", {}))
TITLES = {factor.name: factor.title for factor in FACTORS}


def cells(noise: float = 0.1) -> dict:
    """a +4, b -2, together 1 more; seeds differ by a shift and a little in b."""
    return {
        frozenset(on): {
            seed: 50 + seed + 4 * ("a" in on) - (2 + noise * seed) * ("b" in on) + (len(on) == 2) for seed in range(3)
        }
        for on in ((), ("a",), ("b",), ("a", "b"))
    }


def marks(figure) -> list:
    return [trace for trace in figure.data if trace.mode == "markers" and trace.x[0] is not None]


def test_effects_stand_by_size_with_intervals_and_colours_of_their_sign() -> None:
    found = main_effects(cells(), FACTORS)
    figure = effects(found, TITLES)
    first, second = marks(figure)
    assert list(figure.layout.yaxis.ticktext) == ["first", "second"]
    assert (first.x[0], second.x[0]) == pytest.approx((4.5, -1.6))
    assert second.error_x.array[0] == pytest.approx(found[1].estimate.half)
    assert (first.marker.color, second.marker.color) == (UP, DOWN)
    assert "points" in figure.layout.xaxis.title.text
    assert "%" not in figure.layout.xaxis.title.text.replace("95 %", "")


def test_an_interval_with_zero_is_grey_and_one_seed_has_none() -> None:
    figure = contrasts(
        [
            Contrast("B", "A", Estimate(0.2, -0.4, 0.8, 5)),
            Contrast("C", "A", estimate([1.0])),
        ]
    )
    first, second = marks(figure)
    assert first.marker.color == second.marker.color == GREY
    assert second.error_x.array is None
    assert "1 seed" in second.hovertemplate
    assert list(figure.layout.yaxis.ticktext) == ["B − A", "C − A"]


def test_shares_stand_beside_main_effects_in_points_negative_ones_too() -> None:
    found, mains = shapley(cells(), FACTORS), main_effects(cells(), FACTORS)
    figure = shares(found, mains, TITLES)
    assert [trace.x[0] for trace in marks(figure)] == pytest.approx([4.5, 4.5, -1.6, -1.6])
    assert sum(share.estimate.mean for share in found) == pytest.approx(2.9)


def test_a_main_effect_has_its_own_colour_whatever_its_share_has() -> None:
    share, main = (Effect(("a",), estimate(values), {}) for values in ([1.0, 9.0, 2.0], [4.0, 4.1, 4.2]))
    shown = marks(shares([share], [main], TITLES))
    assert [trace.marker.color for trace in shown if trace.x[0] is not None] == [GREY, UP]


def test_interactions_mark_what_excludes_zero_and_say_how_many_would_by_chance() -> None:
    figure = interactions_figure(interactions(cells(), FACTORS), TITLES)
    (heat,) = figure.data
    assert heat.z[0][0] == pytest.approx(0.5)
    notes = [note.text for note in figure.layout.annotations]
    assert any("by chance alone" in note for note in notes)
    assert "seeds" in heat.customdata[0][0]


def test_the_front_is_what_no_other_beats() -> None:
    known = {"a": (10, 50.0), "b": (20, 49.0), "c": (20, 60.0), "d": (90, 60.0)}
    points = [Point(name, None, cost, estimate([top1])) for name, (cost, top1) in known.items()]
    assert [point.name for point in front(points)] == ["a", "c"]


def test_pareto_of_bytes_is_logarithmic_with_units_and_of_seconds_says_when_none_are_kept(tmp_path: Path) -> None:
    matrix = stored_matrix(
        tmp_path, "ladder", lambda job: (50.0 + job.ipc + job.seed, 51.0 + job.ipc + job.seed), kind="ladder",
        presets=("A", "G"), settings="tiny", ipcs=(1, 10), seeds=2,
    )  # fmt: skip
    lookup = ScoreLookup(StageResults(tmp_path), (tmp_path,))
    figure = pareto(tidy_table(matrix, lookup), x="bytes")
    assert figure.layout.xaxis.type == "log"
    assert "bytes" in figure.layout.xaxis.title.text
    assert len([trace for trace in figure.data if trace.hovertemplate]) == 4
    assert pareto(rows_of(matrix, lookup)).data
    empty = pareto(tidy_table(matrix, lookup), x="seconds")
    assert "no seconds are kept" in empty.layout.annotations[0].text


def test_every_figure_of_a_real_design_has_a_transparent_page_and_its_titles(tmp_path: Path) -> None:
    matrix = stored_matrix(tmp_path, "f", kind="factorial", choices=("flatness", "backbones"), settings="tiny")
    factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
    found = by_cell(rows_of(matrix, ScoreLookup(StageResults(tmp_path), (tmp_path,))), on=True)
    titles = {factor.name: factor.title for factor in factors}
    figure = effects(main_effects(found, factors), titles, ink="#123456")
    assert set(figure.layout.yaxis.ticktext) == set(titles.values())
    assert figure.layout.xaxis.title.font.color == "#123456"


def test_the_papers_tables_are_kept_as_printed() -> None:
    assert [(rung.name, rung.top1) for rung in rungs()] == list(
        zip("ABCDEFG", (31.4, 34.4, 38.7, 39.5, 46.2, 48.0, 48.6), strict=True)
    )
    assert all(table(name) for name in TABLES)
    assert {row["method"] for row in table("table1_main")} >= {"RDED", "EDC"}
