"""The two committees, by what is known of their members."""

import math

from edc_core.config import RunConfig
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.miniatures.miniature import FAINT, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go

SEATS = {
    (True, True): ("images and labels", OKABE_ITO["blue"]),
    (True, False): ("images only", OKABE_ITO["green"]),
    (False, True): ("labels only", OKABE_ITO["vermillion"]),
    (False, False): ("not seated", FAINT),
}


def committee(config: RunConfig, look: Look) -> Miniature:
    """Every known observer as a box at its own accuracy; the box's area grows with its parameters.

    Accuracies and sizes are the stored observers' own; one that has not been trained yet has no box.
    """
    images = config.synthesise.observers if config.synthesise.is_active("observers") else ()
    labels = config.relabel.observers if config.relabel.is_active("observers") else ()
    names = sorted(look.observers, key=lambda name: look.observers[name]["val_top1"])
    figure = go.Figure()
    for seat, (title, colour) in SEATS.items():
        seated = [name for name in names if (name in images, name in labels) == seat]
        if not seated:
            continue
        facts = [look.observers[name] for name in seated]
        sizes = [fact["parameters"] for fact in facts]
        figure.add_scatter(
            x=[fact["val_top1"] for fact in facts],
            y=seated,
            name=title,
            mode="markers+text",
            text=[f"  {_short(size)}" for size in sizes],
            textposition="middle right",
            textfont={"size": 14},
            marker={"symbol": "square", "color": colour, "size": [_side(size) for size in sizes]},
        )
    framed(figure, f"top-1 on {config.squeeze.scored_on} (%)", "")
    figure.update_yaxes(categoryorder="array", categoryarray=names)
    if names:
        scores = [look.observers[name]["val_top1"] for name in names]
        figure.update_xaxes(range=[min(scores) - 0.6, max(scores) + 0.3 * (max(scores) - min(scores)) + 1])
    unknown = [name for name in dict.fromkeys((*images, *labels)) if name not in look.observers]
    readings = [
        Reading("image committee", f"{len(images)}", ", ".join(images)),
        Reading("label committee", f"{len(labels)}", ", ".join(labels)),
    ]
    if unknown:
        readings.append(Reading("to be trained first", ", ".join(unknown), "These observers are not stored yet"))
    return Miniature(
        "Look at who sits where: a weak observer can be good company for images and a poor judge of labels."
        " Beside each, its parameters.",
        figure,
        readings=tuple(readings),
    )


def _side(parameters: int) -> float:
    """A square's side in pixels, its area growing with the logarithm of the size."""
    return 12 * math.sqrt(max(math.log10(parameters) - 3, 0.5))


def _short(count: int) -> str:
    return f"{count / 1e6:.1f} M" if count >= 1e6 else f"{count / 1e3:.0f} k"
