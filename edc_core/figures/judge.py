"""The plots of a judgement: sets side by side under the same labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, grey
from edc_core.intervals import MIN_SEEDS, Estimate
from edc_core.wording.grammar import plural

ROW = 66  # pixels of height that a set has in the first chart


@dataclass(frozen=True)
class Line:
    """One set in the comparison: its estimates with soft labels and with hard ones."""

    name: str
    colour: str
    soft: Estimate | None = None
    hard: Estimate | None = None
    soft_seeds: Sequence[float] = ()
    hard_seeds: Sequence[float] = ()
    strip: str | None = None  # a PNG of some of its images, as a data address
    ours: bool = False

    def shown(self, hard: bool) -> tuple[Estimate | None, Sequence[float]]:
        return (self.hard, self.hard_seeds) if hard else (self.soft, self.soft_seeds)


@dataclass(frozen=True)
class Mark:
    """A floor or a ceiling of the accuracy axis."""

    name: str
    top1: float


def same_labels(
    lines: Sequence[Line], hard: bool, marks: Sequence[Mark], axis: str, ink: str | None = None
) -> go.Figure:
    """Different images under the same labels: one row a set, its seeds, mean and 95 % interval.

    The other kind of labels stays as a faint mark, so that the loss is seen; floors and ceilings are
    vertical lines. `axis` names what was scored, with its unit; `ink` is the page's colour of text.
    """
    figure = go.Figure()
    for row, line in enumerate(lines):
        _ghost(figure, row, *line.shown(not hard)[:1], line.shown(hard)[0], line.colour)
        _point(figure, row, *line.shown(hard), line)
    ordered = sorted(marks, key=lambda mark: mark.top1)
    notes = [note for row, line in enumerate(lines) for note in _labels(row, line, line.shown(hard)[0], ink)]
    figure.update_layout(  # at once: plotly checks all it has again for each that is added alone
        annotations=notes + [_name_of(mark, number, ink) for number, mark in enumerate(ordered)],
        images=[_strip(row, line.strip) for row, line in enumerate(lines) if line.strip],
        shapes=[_vertical(mark, len(lines)) for mark in ordered],
    )
    low, high = _range(lines, marks)
    figure.update_xaxes(title=axis, range=[low, high], domain=[0.29, 0.89], showgrid=True, gridcolor=grey(0.25))
    figure.update_xaxes(title_font={"size": FONT, "color": ink}, tickfont={"size": FONT, "color": ink}, zeroline=False)
    rows = [len(lines) - 0.4, -0.6]
    figure.update_yaxes(
        range=rows, tickvals=list(range(len(lines))), showticklabels=False, showgrid=False, zeroline=False
    )
    figure.update_layout(
        height=ROW * len(lines) + 70 + 26 * len(marks), showlegend=False, font_size=FONT, hoverlabel_font_size=FONT
    )
    figure.update_layout(margin={"l": 0, "r": 0, "t": 12 + 26 * len(marks), "b": 10})
    return figure


def _ghost(figure: go.Figure, row: int, other: Estimate | None, shown: Estimate | None, colour: str) -> None:
    """The same set with the other labels: a hollow mark and the way from it."""
    if other is None:
        return
    if shown is not None:
        figure.add_scatter(
            x=[other.mean, shown.mean],
            y=[row, row],
            mode="lines",
            line={"color": colour, "width": 2, "dash": "dot"},
            opacity=0.55,
            hoverinfo="skip",
        )
    marker = {"symbol": "circle-open", "size": 13, "color": colour, "line_width": 2}
    figure.add_scatter(x=[other.mean], y=[row], mode="markers", marker=marker, opacity=0.6, hoverinfo="skip")


def _point(figure: go.Figure, row: int, shown: Estimate | None, seeds: Sequence[float], line: Line) -> None:
    """Each seed as a small dot, the mean large, its interval as a bar."""
    if shown is None:
        return
    dots = {"size": 8, "color": line.colour, "opacity": 0.75}
    offsets = [row + 0.26] * len(seeds)
    figure.add_scatter(x=list(seeds), y=offsets, mode="markers", marker=dots, hovertemplate="one seed: %{x:.2f} %")
    if shown.count >= MIN_SEEDS:
        figure.add_scatter(
            x=[shown.low, shown.high],
            y=[row, row],
            mode="lines",
            line={"color": line.colour, "width": 6},
            opacity=0.6,
            hoverinfo="skip",
        )
    marker = {"size": 20 if line.ours else 16, "color": line.colour, "line": {"width": 2, "color": grey(0.9)}}
    said = f"{line.name}: {shown.text(' %', 2)}, {shown.count} {plural(shown.count, 'seed')}<extra></extra>"
    figure.add_scatter(x=[shown.mean], y=[row], mode="markers", marker=marker, hovertemplate=said)


def _labels(row: int, line: Line, shown: Estimate | None, ink: str | None) -> list[dict]:
    """Left of the axis the set's name over some of its images, right of it the figure."""
    name = f"<b>{line.name}</b>" if line.ours else line.name
    place = {"xref": "paper", "yref": "y", "showarrow": False, "font": {"size": FONT + 1, "color": ink}}
    place |= {"y": row, "yanchor": "middle"}
    said = "not yet"
    if shown is not None:
        few = "one seed" if shown.count == 1 else f"{shown.count} seeds"
        spread = f"± {shown.half:.1f}" if shown.count >= MIN_SEEDS else few
        said = f"<b>{shown.mean:.1f}</b><br><span style='font-size:13px'>{spread}</span>"
    left = {"x": 0, "text": name, "xanchor": "left", "align": "left", "yshift": 16 if line.strip else 0}
    return [left | place, {"x": 1, "text": said, "xanchor": "right", "align": "right"} | place]


def _strip(row: int, source: str) -> dict:
    """Some of a set's images, under its name."""
    place = {"xref": "paper", "yref": "y", "x": 0, "y": row + 0.03, "xanchor": "left", "yanchor": "top"}
    return {"source": source, "sizex": 0.245, "sizey": 0.42, "sizing": "contain", "layer": "above"} | place


def _vertical(mark: Mark, rows: int) -> dict:
    line = {"color": grey(0.95), "width": 2, "dash": "dash"}
    ends = {"x0": mark.top1, "x1": mark.top1, "y0": -0.6, "y1": rows - 0.4}
    return {"type": "line", "line": line, "layer": "below"} | ends


def _name_of(mark: Mark, number: int, ink: str | None) -> dict:
    """Over the plot, each a line higher."""
    return {
        "x": mark.top1,
        "y": 1,
        "yref": "paper",
        "yshift": 26 * number + 2,
        "text": f"{mark.name} {mark.top1:.1f}",
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom",
        "font": {"size": FONT - 2, "color": ink},
    }


def _range(lines: Sequence[Line], marks: Sequence[Mark]) -> tuple[float, float]:
    """Room for everything with and without labels, so that the switch moves marks and not the axis.

    The whole scale while nobody has learnt: the marks alone would look like the ends of what is possible.
    """
    ends = [mark.top1 for mark in marks]
    for line in lines:
        for shown in (line.soft, line.hard):
            if shown is not None:
                ends += [shown.mean, *([shown.low, shown.high] if shown.count >= MIN_SEEDS else [])]
        ends += [*line.soft_seeds, *line.hard_seeds]
    if len(ends) == len(marks):
        return 0, 100
    low, high = min(ends), max(ends)
    pad = max(1.0, 0.06 * (high - low))
    return max(0, low - pad), min(100, high + pad)


NEAR = 6  # points of top-1 in which a line of text finds no room


def levels(figure: go.Figure, marks: Sequence[Mark], ink: str | None) -> None:
    """Floors and ceilings of a vertical accuracy axis."""
    ordered, crowded = sorted(marks, key=lambda mark: mark.top1), False
    for number, mark in enumerate(ordered):
        figure.add_hline(mark.top1, line={"color": grey(0.95), "width": 2, "dash": "dash"})
        before, crowded = crowded, number + 1 < len(ordered) and ordered[number + 1].top1 - mark.top1 < NEAR
        left = not before if crowded else number % 2 == 1  # in turn, so that near ones stay readable
        figure.add_annotation(
            x=0 if left else 1,
            y=mark.top1,
            xref="paper",
            text=f"{mark.name} {mark.top1:.1f}",
            showarrow=False,
            xanchor="left" if left else "right",
            yanchor="top" if crowded else "bottom",  # beneath its line, where the next one would strike it through
            font={"size": FONT - 2, "color": ink},
        )
