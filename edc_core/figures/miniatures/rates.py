"""The learning-rate schedules side by side."""

from edc_core.config import EvaluateConfig, RunConfig
from edc_core.figures.miniatures.miniature import FAINT, STRONG, Look, Miniature, Reading, framed
from edc_core.figures.plotly_objects import go
from edc_core.training.schedules import AdaptiveDecay, multistep, smoothed_cosine, ssrs

POINTS = 241
DASHES = {"cosine": "solid", "ssrs": "dash", "multistep": "dot", "alrs": "dashdot", "constant": "longdash"}


def schedules(config: RunConfig, look: Look) -> Miniature:
    """Every schedule's factor on the base rate over one training, the chosen one in colour.

    ALRS follows the loss, so it is shown on a made-up one that falls as 2^(-7 progress).
    """
    wanted = config.evaluate
    lines = curves(wanted)
    figure = go.Figure()
    for name, values in [
        *((n, v) for n, v in lines.items() if n != wanted.schedule),
        (wanted.schedule, lines[wanted.schedule]),
    ]:
        chosen = name == wanted.schedule
        line = {"color": STRONG if chosen else FAINT, "width": 4 if chosen else 2, "dash": DASHES[name]}
        figure.add_scatter(
            x=[100 * i / (POINTS - 1) for i in range(POINTS)],
            y=values,
            name=NAMES[name](wanted),
            mode="lines",
            line=line,
        )
    framed(figure, "training (%)", "learning rate (share of the base)")
    figure.update_yaxes(range=[0, 1.04])
    mean = sum(lines[wanted.schedule]) / POINTS
    return Miniature(
        "Look at the right end: how much of the learning rate is left when training stops.",
        figure,
        readings=(
            Reading("rate at the end", f"{100 * lines[wanted.schedule][-1]:.0f} %", "of the base rate"),
            Reading("mean rate", f"{100 * mean:.0f} %", "over the whole training, of the base rate"),
        ),
    )


def _smoothed(config: EvaluateConfig) -> str:
    return f"smoothed cosine, ζ = {config.zeta:g}"


NAMES = {
    "cosine": _smoothed,
    "plain": lambda config: "cosine (ζ = 1)",
    "ssrs": lambda config: f"SSRS, ζ = {config.zeta:g}",
    "multistep": lambda config: f"multi-step, γ = {config.gamma:g}",
    "alrs": lambda config: f"ALRS, γ = {config.gamma:g}",
    "constant": lambda config: "constant",
}
DASHES["plain"] = "solid"


def curves(config: EvaluateConfig) -> dict[str, list[float]]:
    """Each schedule's factor at `POINTS` moments; ALRS and the constant only where they are chosen."""
    progress = [i / (POINTS - 1) for i in range(POINTS)]
    lines = {
        "plain": [smoothed_cosine(p, 1.0) for p in progress],
        "ssrs": [ssrs(p, config.zeta) for p in progress],
        "multistep": [multistep(p, config.gamma) for p in progress],
        "cosine": [smoothed_cosine(p, config.zeta) for p in progress],
    }
    if config.schedule == "constant":
        lines["constant"] = [1.0] * POINTS
    if config.schedule == "alrs":
        lines["alrs"] = _adaptive(config, progress)
    return lines


def _adaptive(config: EvaluateConfig, progress: list[float]) -> list[float]:
    schedule = AdaptiveDecay(config.gamma)
    factors = []
    for p in progress:
        factors.append(schedule(p))
        schedule.on_epoch_end(2.0 ** (-7 * p))
    return factors
