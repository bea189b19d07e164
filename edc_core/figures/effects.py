"""What choices bring, as points with intervals, and what pairs of them do together.

All in points of top-1: shares of a gain may be negative, so they are never percentages.
"""

from collections.abc import Mapping, Sequence

from edc_core.ablation.contrasts import Contrast
from edc_core.ablation.effects import Effect
from edc_core.figures.ladder import DOWN, UP, signed
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import FONT, GREY, framed, grey
from edc_core.intervals import MIN_SEEDS, Estimate, count_excluding_zero, expected_false_alarms
from edc_core.wording.grammar import plural

ROW = 46  # pixels of height
POINTS = "points of top-1 (95 % interval)"
MARK = 12
SCALE = ((0.0, DOWN), (0.5, grey(0.1)), (1.0, UP))


def effects(found: Sequence[Effect], titles: Mapping[str, str], ink: str | None = None) -> go.Figure:
    """Main effects, the largest first; grey where the interval holds zero."""
    rows = [(_title(effect.names, titles), effect.estimate) for effect in _sorted(found)]
    return _forest(rows, "main effect, " + POINTS, ink)


def contrasts(found: Sequence[Contrast], ink: str | None = None) -> go.Figure:
    """Differences of two cells, paired by seed, in the order in which they are asked."""
    return _forest([(f"{one.name} − {one.against}", one.estimate) for one in found], "difference, " + POINTS, ink)


def _sorted(found: Sequence[Effect]) -> list[Effect]:
    return sorted(found, key=lambda effect: -effect.estimate.mean)


def _title(names: Sequence[str], titles: Mapping[str, str]) -> str:
    return " and ".join(titles.get(name, name) for name in names)


def _forest(rows: Sequence[tuple[str, Estimate]], axis: str, ink: str | None) -> go.Figure:
    figure = go.Figure()
    for place, (name, found) in enumerate(rows):
        _point(figure, place, name, found, _colour(found), ink)
    return _rows(figure, [name for name, _ in rows], axis, ink)


def _colour(found: Estimate) -> str:
    if not found.excludes_zero:
        return GREY
    return UP if found.mean > 0 else DOWN


def _point(figure: go.Figure, place: float, name: str, found: Estimate, colour: str, ink: str | None, **style) -> None:
    """A mark with its interval, and the figure at the right margin."""
    few = "" if found.count >= MIN_SEEDS else "only "
    said = f"{signed(found.text(' points', 2))}, {few}{found.count} {plural(found.count, 'seed')}"
    figure.add_scatter(
        x=[found.mean],
        y=[place],
        mode="markers",
        marker={"size": MARK, "color": colour, "symbol": "circle", "line": {"width": 2, "color": colour}} | style,
        error_x=_bar(found, colour),
        hovertemplate=f"{name}: {said}<extra></extra>",
        showlegend=False,
    )
    figure.add_annotation(
        x=1.01,
        y=place,
        xref="paper",
        text=signed(f"{found.mean:+z.1f}" + ("" if found.half is None else f" ± {found.half:.1f}")),
        showarrow=False,
        xanchor="left",
        font={"size": FONT - 1, "color": ink},
    )


def _bar(found: Estimate, colour: str) -> dict | None:
    if found.half is None:
        return None
    return {"type": "data", "array": [found.half], "color": colour, "thickness": 4, "width": 5}


def _rows(figure: go.Figure, names: Sequence[str], axis: str, ink: str | None) -> go.Figure:
    """Names on the left, from the top down, and the line at zero."""
    figure.add_vline(0, line={"color": grey(1), "width": 2}, layer="below")
    framed(figure, axis, "", ROW * len(names) + 80, ink).update_layout(margin_r=110)
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=list(names), range=[len(names) - 0.4, -0.6], showgrid=False
    )
    figure.update_yaxes(zeroline=False)
    figure.update_xaxes(zeroline=False, showgrid=True)
    return figure


def shares(
    shapley: Sequence[Effect], mains: Sequence[Effect], titles: Mapping[str, str], ink: str | None = None
) -> go.Figure:
    """Each choice's share of the whole gain, averaged over all orders, over its main effect (hollow), in points."""
    by_name = {effect.names: effect.estimate for effect in mains}
    ordered = _sorted(shapley)
    figure = go.Figure()
    for place, share in enumerate(ordered):
        name = _title(share.names, titles)
        _point(figure, place - 0.14, f"{name}, share", share.estimate, _colour(share.estimate), ink)
        if main := by_name.get(share.names):
            _hollow(figure, place + 0.24, f"{name}, main effect", main)
    for name, symbol in (("share of the gain (mean over all orders)", "circle"), ("main effect", "diamond-open")):
        marker = {"size": 13, "symbol": symbol, "color": GREY, "line_width": 2}
        figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=marker)
    names = [_title(share.names, titles) for share in ordered]
    return _rows(figure, names, POINTS, ink).update_layout(height=(ROW + 12) * len(names) + 110, margin_t=50)


def _hollow(figure: go.Figure, place: float, name: str, found: Estimate) -> None:
    colour = _colour(found)
    bar = _bar(found, colour)
    figure.add_scatter(
        x=[found.mean],
        y=[place],
        mode="markers",
        marker={"size": MARK - 1, "symbol": "diamond-open", "color": colour, "line_width": 2},
        error_x=bar and bar | {"thickness": 2},
        hovertemplate=f"{name}: {signed(found.text(' points', 2))}<extra></extra>",
        showlegend=False,
    )


def interactions(found: Sequence[Effect], titles: Mapping[str, str], ink: str | None = None) -> go.Figure:
    """Pairs of choices: how far they bring more together than apart, in points; bold where zero is left out."""
    names = list(dict.fromkeys(name for effect in found for name in effect.names))
    by_pair = {frozenset(effect.names): effect.estimate for effect in found}
    limit = max((abs(effect.estimate.mean) for effect in found), default=1.0) or 1.0
    columns, rows = names[:-1], names[1:]
    pairs = [[by_pair.get(frozenset((row, column))) if row != column else None for column in columns] for row in rows]
    shown = [
        [pair if names.index(row) > names.index(column) else None for column, pair in zip(columns, line, strict=True)]
        for row, line in zip(rows, pairs, strict=True)
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=[titles.get(name, name) for name in columns],
        y=[titles.get(name, name) for name in rows],
        z=[[pair and pair.mean for pair in line] for line in shown],
        zmin=-limit,
        zmax=limit,
        zmid=0,
        colorscale=SCALE,
        customdata=[[_interval(pair) for pair in line] for line in shown],
        hovertemplate="%{y} and %{x}: %{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=3,
        ygap=3,
        showscale=False,  # every field carries its figure
    )
    _numbers(figure, shown, [titles.get(n, n) for n in columns], [titles.get(n, n) for n in rows], limit, ink)
    note = (
        f"<b>● bold</b>: the 95 % interval leaves out zero ({count_excluding_zero(found)} of {len(found)};"
        f" by chance alone {expected_false_alarms(found):.1f} would)"
    )
    figure.add_annotation(x=1, y=1, xref="paper", yref="paper", text=note, showarrow=False, xanchor="right",
                          yanchor="bottom", font={"size": FONT - 1, "color": ink})  # fmt: skip
    framed(figure, "", "", 200 + 44 * len(rows), ink).update_layout(margin_t=36)
    figure.update_yaxes(autorange="reversed", showgrid=False, zeroline=False)
    return figure.update_xaxes(showgrid=False, zeroline=False, tickangle=-30)


def _interval(pair: Estimate | None) -> str:
    if pair is None:
        return ""
    return signed(f"{pair.text(' points', 2)}, {pair.count} {plural(pair.count, 'seed')}")


def _numbers(
    figure: go.Figure,
    shown: Sequence[Sequence[Estimate | None]],
    columns: Sequence[str],
    rows: Sequence[str],
    limit: float,
    ink: str | None,
) -> None:
    """Each pair's figure on its field; white where the field is dark."""
    for row, line in zip(rows, shown, strict=True):
        for column, pair in zip(columns, line, strict=True):
            if pair is None:
                continue
            text = signed(f"{pair.mean:+z.{1 if limit >= 1 else 2}f}")
            font = {"size": FONT - 1, "color": "#FFFFFF" if abs(pair.mean) > 0.8 * limit else ink}
            figure.add_annotation(
                x=column, y=row, text=f"<b>● {text}</b>" if pair.excludes_zero else text, showarrow=False, font=font
            )


def colour_key() -> str:
    """What the colours of these figures mean, to be said under them."""
    return (
        "Blue helps and vermillion harms, each with a 95 % interval that leaves out zero; grey cannot be told from"
        " nothing."
    )
