"""Runs beside each other as plotly figures."""

from collections.abc import Callable, Sequence

from edc_core.figures.colours import OKABE_ITO, PRESET_DASHES
from edc_core.figures.plotly_objects import go
from edc_core.figures.run_colours import run_colour
from edc_core.store.run_record import RunRecord

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
Curves = dict[str, tuple[list[int], list[float]]]


def compared_accuracy(
    runs: Sequence[RunRecord],
    names: Sequence[str],
    curves: Callable[[str], Curves],
    ceiling: tuple[str, float] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Students' top-1 on held-out images by epoch, a line a run in its colour on a light page or a dark one.

    Shown are the weights (raw or averaged) that the run's settings score; of several students the
    first. `curves` gives a stage's curves by its key, `ceiling` the best observer's name and top-1 on these images.
    Runs of one colour differ by their dashes.
    """
    figure = go.Figure()
    used: dict[str, list[str]] = {}
    for run, name in zip(runs, names, strict=True):
        kind = run.settings["score"]["weights"]
        key = next((node["key"] for node in run.plan if node["stage"] == "evaluate"), None)
        steps, values = (curves(key) if key else {}).get(f"top1/{kind}", ([], []))
        if not steps:
            continue
        colour = run_colour(run, dark)
        taken = used.setdefault(colour, [])
        dash = PRESET_DASHES.get(run.preset, "solid")
        dash = next((other for other in (dash, *DASHES) if other not in taken), dash)
        taken.append(dash)
        figure.add_scatter(
            x=steps, y=values, name=name, mode="lines+markers", line={"color": colour, "width": 3, "dash": dash}
        )
    levels = [("guessing", _guessing(runs), "bottom right")]
    if ceiling:
        levels.append((f"{ceiling[0]}, trained on all real images: {ceiling[1]:.1f}", ceiling[1], "top left"))
    for name, level, place in levels if figure.data else ():
        if level is not None:
            label = {"annotation_text": name, "annotation_position": place}
            figure.add_hline(level, line={"dash": "dot", "width": 1, "color": OKABE_ITO["grey"]}, **label)
    _lay_out(figure)
    if not figure.data:
        figure.add_annotation(
            text="no curve yet", showarrow=False, font_size=18, x=0.5, y=0.5, xref="paper", yref="paper"
        )
    return figure


def _lay_out(figure: go.Figure) -> None:
    """Axes, legend and margins of curves by epoch."""
    figure.update_layout(
        height=380,
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        legend={"orientation": "h", "y": -0.25, "font_size": 15},
        font_size=15,
        showlegend=True,
    )
    figure.update_xaxes(title="epoch", rangemode="tozero", tickfont_size=15)
    figure.update_yaxes(title="top-1 on held-out images (%)", tickfont_size=15)


def _guessing(runs: Sequence[RunRecord]) -> float | None:
    """Top-1 of a guess in percent, where all runs have as many classes."""
    counts = {len(run.manifest["dataset"]["classes"]) for run in runs}
    return 100 / counts.pop() if len(counts) == 1 else None
