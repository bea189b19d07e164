"""Plots of ladders: gains in points, intervals where there are any, and the paper's rungs never in our series."""

import pytest

from edc_core.ablation.factors import Factor
from edc_core.ablation.order_effects import Step, gain_ranges, stepwise_gains
from edc_core.design_space.paper_tables import rungs
from edc_core.figures.ladder import ladder, paper_beside, signed, waterfall, wrapped
from edc_core.intervals import estimate

CELLS = {
    frozenset(): {0: 40.0, 1: 42.0, 2: 41.0},
    frozenset({"a"}): {0: 45.0, 1: 46.5, 2: 46.0},
    frozenset({"b"}): {0: 39.0, 1: 41.5, 2: 40.0},
    frozenset({"a", "b"}): {0: 48.0, 1: 50.0, 2: 49.0},
}


FACTORS = (Factor("a", "a", {}), Factor("b", "b", {}))


def notes(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def test_a_ladder_shows_levels_with_intervals_and_paired_gains_in_points() -> None:
    found = stepwise_gains(CELLS, ("a", "b"))
    figure = ladder(found, ink="#101010")
    marks = [trace for trace in figure.data if trace.mode == "markers"]
    assert [mark.x[0] for mark in marks] == pytest.approx([41.0, 45.8333, 49.0], abs=1e-3)
    assert marks[0].error_x.array[0] == pytest.approx(found[0].level.half)
    assert notes(figure) == ["<b>41.0</b>", "<b>45.8</b>  (+4.8)", "<b>49.0</b>  (+3.2)"]
    assert figure.layout.plot_bgcolor == figure.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert list(figure.layout.yaxis.ticktext) == ["all off", "a", "b"]
    kept = figure.layout.xaxis.autorangeoptions  # an interval of two seeds does not stretch the axis beyond 0 to 100 %
    assert (kept.minallowed, kept.maxallowed) == (0, 100)


def test_a_single_seed_has_no_interval_and_an_empty_ladder_is_drawn() -> None:
    figure = ladder([Step("A", estimate([50.0]), None), Step("B", estimate([49.5]), estimate([-0.5]))])
    assert all(trace.error_x.array is None for trace in figure.data if trace.mode == "markers")
    assert notes(figure)[1] == "<b>49.5</b>  (−0.5)"
    assert "1 seed" in figure.data[1].hovertemplate
    assert notes(ladder([])) == notes(waterfall([], {})) == []


def test_the_papers_rungs_have_a_panel_and_an_axis_of_their_own() -> None:
    figure = paper_beside([Step(name, estimate([50.0, 51.0, 52.0]), None) for name in "ABC"], rungs())
    own = [trace for trace in figure.data if trace.xaxis == "x"]
    papers = [trace for trace in figure.data if trace.xaxis == "x2"]
    assert len(own) + len(papers) == len(figure.data)
    assert [list(trace.x) for trace in papers] == [[31.4, 34.4, 38.7, 39.5, 46.2, 48.0, 48.6]] * 2
    assert not any(trace.error_x.array for trace in papers)
    assert "printed in the paper" in notes(figure)[1]


def test_a_waterfalls_bars_stand_on_the_level_before_with_the_range_over_orders() -> None:
    figure = waterfall(stepwise_gains(CELLS, ("b", "a")), gain_ranges(CELLS, FACTORS))
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert [(bar.base[0], bar.x[0]) for bar in bars] == [pytest.approx((41.0, -0.8333), abs=1e-3)] + [
        pytest.approx((40.1667, 8.8333), abs=1e-3)
    ]
    assert bars[0].marker.color != bars[1].marker.color
    lines = [trace.x for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers"]
    assert list(lines[0]) == pytest.approx([41 - 0.8333, 41 + 3.1667], abs=1e-3)
    assert list(figure.layout.yaxis.ticktext) == ["all off", "b", "a", "all on"]


def test_floors_and_ceilings_stand_across_every_chart_of_levels_with_their_names() -> None:
    found = stepwise_gains(CELLS, ("a", "b"))
    bounds = [("all real images", 90.0), ("floor: random images, hard labels", 30.0)]
    ours = [Step(name, estimate([50.0, 51.0]), None) for name in "ABC"]
    for figure in (
        ladder(found, bounds=bounds),
        waterfall(found, gain_ranges(CELLS, FACTORS), bounds=bounds),
        paper_beside(ours, rungs(), bounds=bounds),
    ):
        named = {trace.name: trace for trace in figure.data if trace.showlegend is not False}
        assert list(named) == ["floor: random images, hard labels 30.0", "all real images 90.0"]
        assert [tuple(trace.x) for trace in named.values()] == [(30.0, 30.0), (90.0, 90.0)]
        assert all(trace.xaxis in (None, "x") for trace in named.values())  # never in the paper's panel
        assert figure.layout.showlegend
    assert not ladder(found).layout.showlegend


def test_nought_has_no_sign_and_what_is_not_nought_keeps_its_own() -> None:
    assert [signed(text) for text in ("+0.0", "-0.00 points", "-0.05 to +0.50", "-10", "+0")] == [
        *("0.0", "0.00 points", "−0.05 to +0.50", "−10", "0")
    ]


def test_long_labels_are_wrapped() -> None:
    assert wrapped("baseline's observers for the images") == "baseline's observers for<br>the images"
