"""The paper's own figures for a choice, drawn as the paper's."""

from functools import cache

from edc_core.design_space.choice import Evidence
from edc_core.figures.miniatures.miniature import FAINT, framed
from edc_core.figures.plotly_objects import go


@cache
def evidence_figure(evidence: Evidence) -> go.Figure:
    """Horizontal bars, top-1 in percent; grey, so that nobody takes them for this lab's. Drawn once: copy to change."""
    names, values = zip(*reversed(evidence.rows), strict=True)
    figure = go.Figure(
        go.Bar(
            x=values,
            y=names,
            orientation="h",
            marker={"color": FAINT},
            text=[f"{value:.1f}" for value in values],
            textposition="outside",
            textfont={"size": 15},
            cliponaxis=False,
        )
    )
    framed(figure, "the paper's top-1 (%)", "", 70 + 34 * len(values))
    figure.update_xaxes(range=[0, 1.15 * max(values)], showticklabels=False, showgrid=False)
    return figure
