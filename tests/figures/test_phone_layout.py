"""Figures for a phone: panels in one column, texts on lines that fit; the wide figure stays as it was."""

import re

import numpy as np
import plotly.graph_objects as go

from edc_core.ablation.effects import Effect
from edc_core.figures.effects import effects
from edc_core.figures.judge import Line, Mark, levels, same_labels
from edc_core.figures.landscape import Surface, contours, in_space, line_between
from edc_core.figures.phone_layout import LETTER, WIDTH, narrowed
from edc_core.figures.students import table_map
from edc_core.intervals import estimate

LONG = "a name of a choice that is far longer than a phone is wide"


def surface(name: str, own: str | None = None) -> Surface:
    side = np.linspace(-1, 1, 5)
    return Surface(name, side, side, np.add.outer(side**2, side**2), np.full((5, 5), 50.0), own=own)


def longest(text: str) -> int:
    return max(len(re.sub("<.*?>", "", line)) for line in text.split("<br>"))


def test_panels_stand_under_one_another_in_their_order() -> None:
    wide = contours([surface(name) for name in "abcd"])
    found = narrowed(wide)
    tops = [axis.domain for axis in found.select_yaxes()]
    assert all(axis.domain == (0, 1) for axis in found.select_xaxes())
    assert all(under[1] < over[0] for over, under in zip(tops, tops[1:], strict=False))
    titles = {note.text: note.y for note in found.layout.annotations}
    assert [titles[name] for name in "abcd"] == [top for _, top in tops]
    assert found.layout.height > 2 * WIDTH + wide.layout.height / 2
    assert {axis.title.text for axis in found.select_yaxes()} == {"direction 2, in filter norms"}
    assert {axis.domain[0] for axis in wide.select_xaxes()} == {0, wide.layout.xaxis2.domain[0]}  # untouched


def test_titles_and_names_are_wrapped_to_what_a_phone_holds() -> None:
    found = narrowed(line_between(surface("one"), LONG, LONG))
    assert longest(found.layout.xaxis.title.text) * LETTER < WIDTH
    rows = narrowed(effects([Effect((LONG,), estimate([1.0, 2.0, 3.0]), ())], {}))
    assert all(longest(name) <= 20 for name in rows.layout.yaxis.ticktext)
    assert "+2.0 ± 2.5" in rows.layout.yaxis.ticktext[0]  # what stands at the right margin of a wide figure
    assert not rows.layout.annotations


def test_names_of_levels_and_marks_go_to_the_legend() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[1, 2], name="curve"))
    levels(figure, [Mark(LONG, 70.0), Mark("floor", 71.0)], None)
    for found in (
        narrowed(figure),
        narrowed(same_labels([Line("set", "#000000")], False, [Mark(LONG, 70.0)], "top-1")),
    ):
        named = [trace.name.replace("<br>", " ") for trace in found.data if trace.name]
        assert f"{LONG} 70.0" in named
        assert not any(LONG in note.text for note in found.layout.annotations)


def test_a_heat_maps_figures_take_two_lines() -> None:
    cell = estimate([80.0, 81.0, 82.0])
    found = narrowed(table_map(["set"], ["one", "two"], [[cell, cell]]))
    assert {note.text for note in found.layout.annotations} == {"81.0<br>±\N{NO-BREAK SPACE}2.5"}


def test_a_surface_in_space_is_as_high_as_wide() -> None:
    assert narrowed(in_space(surface("one"))).layout.height == 380
