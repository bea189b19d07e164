"""How much each observer's logits count in a soft label."""

from edc_core.config import RunConfig
from edc_core.figures.miniatures.miniature import FAINT, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go


def votes(config: RunConfig, look: Look) -> Miniature:
    """The label committee's shares of the vote, from the stored observers' own accuracies; the other way in grey.

    An observer that has not been trained yet has no bar.
    """
    names = [name for name in config.relabel.observers if name in look.observers]
    scores = [look.observers[name]["val_top1"] for name in names]
    total = sum(scores) or 1.0
    shares = {"equal": [100 / len(names)] * len(names) if names else [], "accuracy": [100 * s / total for s in scores]}
    chosen = config.relabel.voting
    figure = go.Figure()
    for voting, values in sorted(shares.items(), key=lambda one: one[0] == chosen):
        colour = STRONG if voting == chosen else FAINT
        title = {"equal": "equal votes", "accuracy": "votes by accuracy"}[voting]
        text = [f"{value:.1f}" for value in values]
        figure.add_bar(x=names, y=values, name=title, marker={"color": colour}, text=text, textposition="outside")
    framed(figure, "", "share of the vote (%)")
    figure.update_yaxes(range=[0, 1.25 * max([*shares["equal"], *shares["accuracy"]], default=1)])
    apart = max(scores, default=0.0) - min(scores, default=0.0)
    hint = f"Top-1 on {config.squeeze.scored_on}"
    return Miniature(
        "Compare the two bars of each observer: observers that are nearly as good as one another vote nearly alike.",
        figure,
        readings=(Reading("best and worst observer", f"{apart:.1f} points apart", hint),),
    )
