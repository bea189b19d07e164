"""Figures for a paper: the print style, names and captions, and files where kaleido is there."""

import re
from pathlib import Path

import numpy as np
import pytest

from edc_core.errors import SettingsError
from edc_core.figures import save
from edc_core.figures.plotly_objects import go
from edc_core.figures.print_style import INK, LAID_OUT, WIDTHS, for_print, shrinkage

needs_kaleido = pytest.mark.skipif(save.drawing_browser() is None, reason="needs kaleido and Chromium")


def dark_figure() -> go.Figure:
    """As a dark page draws it, with a long name, a hover and a button."""
    figure = go.Figure(go.Scatter(x=[1, 2, 3], y=[40.0, 60.5, 71.0], name="EDC without flatness regularisation"))
    figure.update_xaxes(title_text="epoch", tickfont_color="#EEF2F6").update_yaxes(title_text="top-1 (%)")
    buttons = [{"buttons": [{"label": "log", "method": "relayout"}]}]
    return figure.update_layout(font_color="#EEF2F6", updatemenus=buttons, height=400, showlegend=True)


@pytest.mark.parametrize("inches", WIDTHS)
def test_a_printed_figure_is_white_black_and_without_what_paper_cannot_use(inches: float) -> None:
    shown, before = for_print(dark_figure(), inches), dark_figure()
    assert "eef2f6" not in shown.to_json().lower()
    layout = shown.layout
    assert (layout.paper_bgcolor, layout.plot_bgcolor, layout.font.color) == ("white", "white", INK)
    assert (len(layout.updatemenus), layout.hovermode) == (0, False)
    assert layout.width * shrinkage(inches) == pytest.approx(inches * 96)
    assert list(shown.data[0].y) == list(before.data[0].y)
    assert 9 <= (layout.legend.font.size or layout.font.size or 12) * shrinkage(inches) <= 12  # 6.75 to 9 points


def test_an_axis_of_numbers_keeps_its_numbers_in_one_column() -> None:
    figure = go.Figure(go.Scatter(x=np.arange(3), y=np.array([1.0, 2.0, 4.0])))
    assert for_print(figure, 3.25).layout.yaxis.ticktext is None
    printed, given = (shown.to_plotly_json()["data"][0] for shown in (for_print(figure, 3.25), figure))
    assert printed["y"] == given["y"]


def test_a_width_or_format_that_figures_lack_is_refused() -> None:
    with pytest.raises(SettingsError, match="width is 5 inches, but a figure is 3.25 or 6.75 wide"):
        for_print(dark_figure(), 5)
    with pytest.raises(SettingsError, match="format is 'eps'"):
        save.figure_bytes(dark_figure(), "eps", 3.25)


def test_a_name_at_the_right_border_stands_left_of_its_point() -> None:
    named = {"mode": "markers+text", "textposition": "middle right"}
    figure = go.Figure([go.Scatter(x=[x], y=[x], text=[f"  run {x}"], **named) for x in (1, 10, 1000)])
    figure.update_xaxes(type="log")
    assert [trace.textposition for trace in for_print(figure, 3.25).data] == ["middle right"] * 2 + ["middle left"]


def test_a_file_is_named_by_content_and_width() -> None:
    assert save.file_name("Gain of each choice, IPC 10", 3.25, "pdf") == "gain-of-each-choice-ipc-10-3.25in.pdf"
    assert save.file_name("../\\:*", 6.75, "svg") == "figure-6.75in.svg"
    assert len(save.file_name("x" * 500, 6.75, "svg")) < 100


def test_without_a_browser_the_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    save.drawing_browser.cache_clear()
    monkeypatch.setattr(save, "find_spec", lambda name: None)
    with pytest.raises(save.FigureError, match=r"nothing on this machine can draw .*: install the extra 'figures'"):
        save.figure_bytes(dark_figure(), "pdf", 3.25)
    save.drawing_browser.cache_clear()


def test_one_figure_is_drawn_at_a_time() -> None:
    busy = pytest.raises(save.FigureError, match="another figure is being drawn, .*: try again in a few seconds")
    with save.one_at_a_time(0), busy:
        save.figure_bytes(dark_figure(), "svg", 3.25, patience=0)
    with save.one_at_a_time(0):
        pass  # free again


@needs_kaleido
def test_files_are_as_wide_as_they_say_and_the_caption_is_beside_them(tmp_path: Path) -> None:
    files = save.write_figures([(dark_figure(), "Accuracy by epoch", "Top-1 by epoch.")], tmp_path, 3.25)
    assert [file.name for file in files] == [f"accuracy-by-epoch-3.25in.{kind}" for kind in (*save.FORMATS, "txt")]
    pdf, svg, png, text = (file.read_bytes() for file in files)
    assert float(re.search(rb"MediaBox \[0 0 ([\d.]+)", pdf)[1]) == pytest.approx(3.25 * 72, abs=0.5)
    assert float(re.search(rb'width="([\d.]+)"', svg)[1]) == pytest.approx(3.25 * 96)
    assert int.from_bytes(png[16:20]) == 975  # at 300 dots an inch
    assert LAID_OUT[3.25] == 390
    assert text == b"Top-1 by epoch.\n"
