"""The plots of ladders: rungs with their intervals, the paper's beside them but apart, and the waterfall."""

import re
import textwrap
from collections.abc import Mapping, Sequence

from plotly.subplots import make_subplots

from edc_core.ablation.effects import GainRange, Step
from edc_core.design_space.paper_tables import WHERE, Rung
from edc_core.design_space.presets import PRESETS
from edc_core.figures.colours import OKABE_ITO, PRESET_COLOURS
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, GREY, PERCENT, framed, grey
from edc_core.intervals import MIN_SEEDS, Estimate
from edc_core.wording.grammar import plural

TOP1 = "top-1 (%)"
UP, DOWN = OKABE_ITO["blue"], OKABE_ITO["vermillion"]
ROW, HEAD = 54, 90  # pixels of height: of a rung, and of the axis
PANEL = 96  # pixels of height of a panel's title
NAME = 30  # pixels of height of a bound's name under the plot
DASHES = ("dot", "dash", "longdash", "dashdot")
Bounds = Sequence[tuple[str, float]]  # floors and ceilings: what each is, and its top-1 in percent
NOUGHT = re.compile(r"[+-](?=0\.?0*(?![\d.]))")  # the sign of 0, 0.0, 0.00
WIDE = 26  # characters of a label's line


def signed(text: str) -> str:
    """Figures with a true minus sign, and nought without any."""
    return NOUGHT.sub("", text).replace("-", "−")


def wrapped(text: str, width: int = WIDE) -> str:
    """A label on as many lines as it needs."""
    return "<br>".join(textwrap.wrap(text, width, break_long_words=False)) or text


def ladder(rungs: Sequence[Step], axis: str = TOP1, ink: str | None = None, bounds: Bounds = ()) -> go.Figure:
    """Rungs from the top down, each with its 95 % interval and what it adds over the one before, in points."""
    figure = go.Figure()
    found = _rungs(rungs)
    _ladder(figure, found, ink)
    rows = _rows(figure, [name for name, _, _ in found], axis, ink).update_xaxes(autorangeoptions=PERCENT)
    return _between(rows, bounds, len(found), ink)


def paper_beside(
    ours: Sequence[Step], papers: Sequence[Rung], axis: str = TOP1, ink: str | None = None, bounds: Bounds = ()
) -> go.Figure:
    """Two panels with an axis each: what was measured here, and the rungs as the paper prints them, without intervals.

    They share no scale: other images, other networks, another protocol. Only the shapes may be compared.
    """
    found = _rungs(ours)
    panels = ["<b>measured here</b>", f"<b>printed in the paper</b><br>{wrapped(WHERE, 34)}"]
    figure = make_subplots(1, 2, subplot_titles=panels, horizontal_spacing=0.16)
    _ladder(figure, found, ink, row=1, col=1)
    _paper(figure, papers, ink, row=1, col=2)
    framed(figure, axis, "", HEAD + PANEL + ROW * max(len(found), len(papers), 1), ink)
    for column, names in enumerate(([name for name, _, _ in found], [rung.name for rung in papers]), 1):
        figure.update_yaxes(**_named(names), col=column)
    figure.update_xaxes(showgrid=True, zeroline=False, autorangeoptions=PERCENT)
    figure.update_xaxes(title_text="top-1 (%), as printed", col=2)
    figure.update_annotations(font={"size": FONT, "color": ink})
    for title in figure.layout.annotations[:2]:
        title.update(yshift=14, yanchor="bottom")
    _clear(figure, ink).update_layout(margin={"t": PANEL, "r": 50}, showlegend=False)
    return _between(figure, bounds, len(found), ink, row=1, col=1)


def waterfall(
    rungs: Sequence[Step],
    ranges: Mapping[str, GainRange],
    axis: str = TOP1,
    ink: str | None = None,
    bounds: Bounds = (),
) -> go.Figure:
    """Each step as a bar from the level before it; the thin line is the range of its gain over all orders.

    `ranges` is by the steps' names. Start and end are marks with 95 % intervals: the axis need not begin at nil.
    """
    if not rungs:
        return _rows(go.Figure(), [], axis, ink)
    figure = go.Figure()
    for row, (before, step) in enumerate(zip(rungs, rungs[1:], strict=False), 1):
        _bar(figure, row, before.level.mean, step, ranges.get(step.name), ink)
    names = [rungs[0].name, *(step.name for step in rungs[1:]), "all on"]
    for row, level in ((0, rungs[0].level), (len(rungs), rungs[-1].level)):
        _mark(figure, row, names[row], level, None, GREY, ink)
    return _between(_rows(figure, names, axis, ink), bounds, len(names), ink)


def _bar(figure: go.Figure, row: int, base: float, step: Step, span: GainRange | None, ink: str | None) -> None:
    gain = step.gain.mean
    said = f"{step.name}: {_told(step.gain, ' points')}"
    if span is not None:
        said += f"<br>over all orders {signed(f'{span.low:+z.1f} to {span.high:+z.1f}')} points"
        figure.add_scatter(
            x=[base + span.low, base + span.high],
            y=[row, row],
            mode="lines+markers",
            line={"color": grey(1), "width": 2},
            marker={"symbol": "line-ns", "size": 14, "line": {"width": 2, "color": grey(1)}},
            hoverinfo="skip",
        )
    figure.add_bar(
        x=[gain],
        y=[row],
        base=[base],
        orientation="h",
        width=0.44,
        marker={"color": UP if gain >= 0 else DOWN, "opacity": 0.85},
        hovertemplate=f"{said}<extra></extra>",
    )
    _note(figure, base + gain / 2, row, f"<b>{signed(f'{gain:+z.1f}')}</b>", ink)


def _rungs(rungs: Sequence[Step]) -> list[tuple[str, Estimate, float | None]]:
    """(name, level, gain over the one before)."""
    return [(step.name, step.level, step.gain and step.gain.mean) for step in rungs]


def _alone(name: str) -> bool:
    """Whether it is a baseline or a control, which adds nothing to a rung before."""
    return name in PRESETS and PRESETS[name].kind != "ladder"


def _ladder(figure: go.Figure, rungs: Sequence[tuple[str, Estimate, float | None]], ink: str | None, **cell) -> None:
    _way(figure, [None if _alone(name) else level.mean for name, level, _ in rungs], **cell)
    for place, (name, level, gain) in enumerate(rungs):
        _mark(figure, place, name, level, gain, PRESET_COLOURS.get(name, UP), ink, **cell)


def _paper(figure: go.Figure, rungs: Sequence[Rung], ink: str | None, **cell) -> None:
    levels = [rung.top1 for rung in rungs]
    _way(figure, levels, **cell)
    figure.add_scatter(
        x=levels,
        y=list(range(len(rungs))),
        mode="markers",
        marker={"symbol": "diamond", "size": 14, "color": GREY},
        customdata=[wrapped(f"CONFIG {rung.name}: {rung.adds}", 60) for rung in rungs],
        hovertemplate="%{customdata}<br>%{x:.1f} %<extra></extra>",
        **cell,
    )
    for row, (level, last) in enumerate(zip(levels, [None, *levels], strict=False)):
        _note(figure, level, row, _level(level, None if last is None else level - last), ink, **cell)


def _way(figure: go.Figure, levels: Sequence[float | None], **cell) -> None:
    """From rung to rung; nothing leads to what stands alone."""
    line = {"color": grey(0.7), "width": 2, "shape": "vh"}
    figure.add_scatter(x=levels, y=list(range(len(levels))), mode="lines", line=line, hoverinfo="skip", **cell)


def _mark(
    figure: go.Figure, place: int, name: str, level: Estimate, gain: float | None, colour: str, ink: str | None, **cell
) -> None:
    """A level with its interval; over it the figure, and what it adds."""
    said = f"{wrapped(name, 60)}: {_told(level, ' %')}"
    bar = {"type": "data", "array": [level.half], "color": colour, "thickness": 4, "width": 6}
    figure.add_scatter(
        x=[level.mean],
        y=[place],
        mode="markers",
        marker={"size": 15, "color": colour, "line": {"width": 1, "color": grey(0.9)}},
        error_x=None if level.half is None else bar,
        hovertemplate=f"{said}<extra></extra>",
        **cell,
    )
    _note(figure, level.mean, place, _level(level.mean, gain), ink, **cell)


def _level(level: float, gain: float | None) -> str:
    return f"<b>{level:.1f}</b>" + ("" if gain is None else f"  ({signed(f'{gain:+z.1f}')})")


def _note(figure: go.Figure, x: float, y: float, text: str, ink: str | None, **cell) -> None:
    figure.add_annotation(x=x, y=y, text=text, showarrow=False, yshift=21, font={"size": FONT, "color": ink}, **cell)


def _told(found: Estimate, unit: str) -> str:
    few = "" if found.count >= MIN_SEEDS else "only "
    return signed(f"{found.text(unit, 2)}, {few}{found.count} {plural(found.count, 'seed')}")


def _rows(figure: go.Figure, names: Sequence[str], axis: str, ink: str | None) -> go.Figure:
    """Names on the left, from the top down."""
    framed(figure, axis, "", HEAD + ROW * (len(names) or 1), ink)
    figure.update_yaxes(**_named(names))
    figure.update_xaxes(zeroline=False, showgrid=True)
    return _clear(figure, ink).update_layout(showlegend=False)


def _between(figure: go.Figure, bounds: Bounds, rows: int, ink: str | None, **cell) -> go.Figure:
    """Floors and ceilings as upright lines, named under the plot."""
    if not bounds or not rows:
        return figure
    figure.update_traces(showlegend=False)
    for (name, top1), dash in zip(sorted(bounds, key=lambda bound: bound[1]), DASHES, strict=False):
        line = {"color": grey(0.95), "width": 2, "dash": dash}
        ends = {"x": [top1, top1], "y": [-0.8, rows - 0.4]}
        figure.add_scatter(**ends, mode="lines", line=line, name=f"{name} {top1:.1f}", hoverinfo="name", **cell)
    under = {"orientation": "v", "x": 0, "y": -66 / (ROW * rows), "yanchor": "top", "traceorder": "normal"}
    legend = under | {"font": {"size": FONT - 1, "color": ink}}
    return figure.update_layout(showlegend=True, legend=legend, height=figure.layout.height + NAME * len(bounds))


def _named(names: Sequence[str]) -> dict:
    labels = [wrapped(name) for name in names]
    grid = {"showgrid": False, "zeroline": False}
    return {"tickvals": list(range(len(names))), "ticktext": labels, "range": [len(names) - 0.4, -0.8], **grid}


def _clear(figure: go.Figure, ink: str | None) -> go.Figure:
    """No background of its own: the page's shows through, light or dark."""
    return figure.update_layout(
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", hoverlabel_font_size=FONT, font_color=ink
    )
