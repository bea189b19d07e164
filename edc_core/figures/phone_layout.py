"""Figures for a phone's window: panels in one column, names on several lines, nothing cut.

Plotly wraps no text and keeps panels side by side however narrow they are. So a copy is laid out again here, by what
a figure holds and not by which one it is; colours and data stay.
"""

import math
import re
import textwrap

from edc_core.figures.class_names import MARKUP
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import grey

WIDTH = 296  # pixels of a figure in a window of 360, within a frame
TYPE, SMALL = 13, 11  # pixels of letters, and of those on crowded fields
LETTER, LINE = 6.6, 18  # pixels of a letter's width and of a line's height at that size
MARK = 46  # pixels before a name in a legend
NAME = 15  # letters of a row's name on one line
PANEL, ROW = 250, 104  # pixels of height: of a panel without named rows, of a row whose name stands over its marks
# One letter each, that no line ends within.
ENTITIES = {entity: chr(0xE000 + place) for place, entity in enumerate(MARKUP.values())}
CROWDED = 5  # columns of a heat map from which its figures are small


def narrowed(figure: go.Figure) -> go.Figure:
    """A copy that is readable where a window is 360 to 600 pixels wide."""
    shown = go.Figure(figure)
    shown.update_layout(font_size=TYPE, legend_font_size=TYPE)
    if any(trace.type == "surface" for trace in shown.data):
        return shown.update_layout(height=380)
    shown.update_xaxes(tickfont_size=TYPE - 1, title_font_size=TYPE)
    shown.update_yaxes(tickfont_size=TYPE - 1, title_font_size=TYPE)
    height = shown.layout.height or 450
    shown.update_layout(height=height, margin_r=14)
    panels = _stack(shown)
    _fields(shown)
    _beside(shown)
    _over(shown)
    _levels(shown)
    left = _names(shown)
    _notes(shown, panels)
    _titles(shown, left)
    _bars(shown)
    _legend(shown, bool(panels), left)
    return shown


def wrapped(text: str, width: int) -> str:
    """Each of a text's lines on as many as it needs."""
    for entity, letter in ENTITIES.items():
        text = text.replace(entity, letter)
    text = "<br>".join(line for part in text.split("<br>") for line in textwrap.wrap(part, width) or [""])
    for entity, letter in ENTITIES.items():
        text = text.replace(letter, entity)
    return text


def _lines(text: str) -> int:
    return text.count("<br>") + 1


def _taller(figure: go.Figure, pixels: float) -> None:
    figure.layout.height += max(math.ceil(pixels), 0)


def _axes(figure: go.Figure, letter: str) -> dict[str, go.layout.XAxis | go.layout.YAxis]:
    """Axes by the names that traces call them: x, x2, ..."""
    found = figure.select_xaxes() if letter == "x" else figure.select_yaxes()
    return {axis.plotly_name.replace("axis", ""): axis for axis in found}


def _inside(figure: go.Figure) -> float:
    """Pixels of height between the margins."""
    margin = figure.layout.margin
    return figure.layout.height - (80 if margin.t is None else margin.t) - (80 if margin.b is None else margin.b)


# Panels -------------------------------------------------------------------------------------------


def _stack(figure: go.Figure) -> list[go.layout.Annotation]:
    """Panels that stand side by side, one under the other; returns their titles."""
    across = _axes(figure, "x")
    panels = [(across[axis.anchor], axis) for axis in _axes(figure, "y").values() if axis.anchor in across]
    if len({x.domain for x, _ in panels}) < 2:
        return []
    panels.sort(key=lambda pair: (-pair[1].domain[0], pair[0].domain[0]))
    titles = [_title_of(figure, x, y) for x, y in panels]
    gap = 40 + LINE * (3 + max(_lines(wrapped(title.text, 38)) if title else 0 for title in titles))
    side = max(_inside(figure) * (y.domain[1] - y.domain[0]) if y.ticktext else PANEL for _, y in panels)
    whole = len(panels) * side + (len(panels) - 1) * gap
    figure.update_layout(height=figure.layout.height - _inside(figure) + whole)
    for number, ((x, y), title) in enumerate(zip(panels, titles, strict=True)):
        top = 1 - number * (side + gap) / whole
        x.domain, y.domain = (0, 1), (max(top - side / whole, 0), top)
        y.title = y.title if y.title.text else panels[0][1].title
        if title:
            title.update(
                text=wrapped(title.text, 38), font_size=TYPE, x=0, xanchor="left", align="left", y=top, yanchor="bottom"
            )
    return [title for title in titles if title]


def _title_of(figure: go.Figure, x: go.layout.XAxis, y: go.layout.YAxis) -> go.layout.Annotation | None:
    """The note that `make_subplots` puts over a panel."""
    for note in figure.layout.annotations:
        over = (note.xref, note.yref) == ("paper", "paper") and abs(note.y - y.domain[1]) < 0.01
        if over and x.domain[0] <= note.x <= x.domain[1]:
            return note
    return None


# Notes --------------------------------------------------------------------------------------------


def _fields(figure: go.Figure) -> None:
    """A heat map's figures on fields as narrow as they are here."""
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    if not maps:
        return
    columns = max(len(trace.x) for trace in maps)
    size = SMALL if columns <= CROWDED else SMALL - 1
    for note in figure.layout.annotations:
        if note.xref in (None, "x") and note.yref in (None, "y"):
            note.update(text=note.text.replace("● ", "").replace(" ± ", "<br>±\N{NO-BREAK SPACE}"), font_size=size)
        else:
            note.text = note.text.replace("● ", "")
    figure.update_traces(textfont_size=size, showscale=False, selector={"type": "heatmap"})
    figure.update_xaxes(tickangle=-90)


def _beside(figure: go.Figure) -> None:
    """Figures at the right margin go under their rows' names."""
    axis = figure.layout.yaxis
    if not axis.ticktext:
        return
    names, rest = list(axis.ticktext), []
    for note in figure.layout.annotations:
        if note.xref == "paper" and note.x > 1 and note.yref in (None, "y"):
            row = axis.tickvals.index(round(note.y))
            names[row] = f"{wrapped(names[row], NAME)}<br><b>{note.text}</b>"
        else:
            rest.append(note)
    axis.ticktext, figure.layout.annotations = names, rest


def _over(figure: go.Figure) -> None:
    """Names that stand in the plot, left of its axis, go over their rows' marks."""
    axis = figure.layout.xaxis
    if not axis.domain or axis.domain[0] == 0:
        return
    axis.domain = (0, 0.84)
    rows = len(figure.layout.yaxis.tickvals)
    figure.layout.height += rows * ROW - math.floor(_inside(figure))
    for note in figure.layout.annotations:
        if note.xref == "paper" and note.yref == "y":
            left = note.x == 0
            note.update(y=note.y - 0.42 if left else note.y, yshift=0, font_size=TYPE if left else TYPE + 2)
    for strip in figure.layout.images:
        strip.update(y=math.floor(strip.y) - 0.22, yanchor="middle", sizey=0.18)


def _levels(figure: go.Figure) -> None:
    """Names of lines that cross the plot go to the legend."""
    named, rest = [], []
    rows = figure.layout.yaxis.tickvals
    for note in figure.layout.annotations:
        across = note.yref in (None, "y") and (note.xref or "x") != "x" and not rows
        upright = note.yref == "paper" and note.xref in (None, "x") and len(note.text) > NAME + 6
        (named if across or upright else rest).append(note)
    if not named:
        return
    if not figure.layout.showlegend and figure.layout.showlegend is not None:
        figure.update_traces(showlegend=False)
    figure.layout.annotations = rest
    for note in reversed(named) if rows else named:
        line = {"color": grey(0.95), "width": 2, "dash": "dash"}
        figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name=note.text, showlegend=True)
    figure.update_layout(showlegend=True)
    if rows:
        figure.layout.margin.t = 12


def _notes(figure: go.Figure, panels: list[go.layout.Annotation]) -> None:
    """What stands over the plot, on lines that fit."""
    for note in figure.layout.annotations:
        if "paper" not in (note.xref, note.yref) or any(note.text == title.text for title in panels):
            continue
        if note.yref == "paper" and note.y >= 1:
            note.update(text=wrapped(note.text, 40), font_size=TYPE, align="right")
            more = LINE * (_lines(note.text) - 1)
            figure.layout.margin.t = (figure.layout.margin.t or 20) + more
            _taller(figure, more)
            if note.xref == "x":  # beside an upright line, where there may be no room
                note.update(xref="paper", x=0, xanchor="left", xshift=0)


# Axes ---------------------------------------------------------------------------------------------


def _names(figure: go.Figure) -> float:
    """Rows' names on short lines, and rows as high as their names; returns the pixels that they take."""
    most = 0.0
    for name, axis in _axes(figure, "y").items():
        texts, places = _labels(figure, name, axis)
        if texts:
            # A name with its figure under it is wrapped already.
            texts = [text if "<b>" in text else wrapped(text, NAME) for text in texts]
            axis.update(tickmode="array", tickvals=places, ticktext=texts)
            span = axis.domain[1] - axis.domain[0] if axis.domain else 1
            needed = len(texts) * (max(map(_lines, texts)) * LINE + 8)
            _taller(figure, needed / span - _inside(figure))
            longest = max(len(re.sub("<.*?>", "", line)) for text in texts for line in text.split("<br>"))
            most = max(most, longest * LETTER + 8)
        elif axis.showticklabels is not False and axis.visible is not False:
            most = max(most, 30 + (LINE if axis.title.text else 0))
    return most


def _labels(figure: go.Figure, name: str, axis: go.layout.YAxis) -> tuple[list[str], list]:
    """A vertical axis' names and where they stand; none where it counts."""
    if axis.showticklabels is False:
        return [], []
    if axis.ticktext:
        return list(axis.ticktext), list(axis.tickvals)
    found = dict.fromkeys(
        place
        for trace in figure.data
        if (trace["yaxis"] or "y") == name and trace["y"] is not None
        for place in trace["y"]
        if isinstance(place, str)
    )
    return list(found), list(found)


def _titles(figure: go.Figure, left: float) -> None:
    """Axes' titles on lines as long as their axes."""
    right = 46 if any(axis.side == "right" for axis in _axes(figure, "y").values()) else 14
    more = 0
    for axis in _axes(figure, "x").values():
        if axis.title.text:
            axis.title.text = wrapped(axis.title.text, int((WIDTH - left - right) / LETTER))
            more = max(more, _lines(axis.title.text) - 1)
    _taller(figure, LINE * more)
    for axis in _axes(figure, "y").values():
        if axis.title.text:
            span = axis.domain[1] - axis.domain[0] if axis.domain else 1
            axis.title.text = wrapped(axis.title.text, max(int((_inside(figure) * span - 60) / LETTER), 20))


def _bars(figure: go.Figure) -> None:
    """A colour bar lies under the plot."""
    barred = [trace for trace in figure.data if trace.type == "contour" and trace.showscale]
    if not barred:
        return
    lying = {"orientation": "h", "x": 0.5, "xanchor": "center", "y": 0, "yref": "container", "yanchor": "bottom"}
    barred[0].colorbar.update(lying, len=1, thickness=14, title_side="top")
    barred[0].colorbar.update(title_font_size=TYPE, tickfont_size=TYPE - 1)
    barred[0].colorbar.title.text += "<br>\N{NO-BREAK SPACE}"  # else it would touch the bar
    below = 62 + LINE * _lines(figure.layout.xaxis.title.text or "")
    figure.layout.margin.b = below + 70
    _taller(figure, below + 60)


def _legend(figure: go.Figure, panels: bool, left: float) -> None:
    """The legend over the plot, under it where panels have titles; each name on lines that fit."""
    shown = [trace for trace in figure.data if trace.name and trace.showlegend is not False and "showlegend" in trace]
    if figure.layout.showlegend is False or len(shown) < 1 or (len(shown) == 1 and not figure.layout.showlegend):
        return
    for trace in shown:
        trace.name = wrapped(trace.name, max(int((WIDTH - left - MARK) / LETTER), 20))
    height = sum(LINE * _lines(trace.name) + 4 for trace in shown)
    inside = _inside(figure)
    _taller(figure, height)
    legend = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    if panels:
        title = 50 + LINE * _lines(figure.layout.xaxis.title.text or "")
        legend |= {"y": -title / inside, "yanchor": "top"}
    figure.update_layout(legend=legend)
