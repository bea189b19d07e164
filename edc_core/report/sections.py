"""The part of a report about one data set, IPC and student: its verdict in words, its charts, its figures."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from edc_core.ablation.analysis import AblationAnalysis
from edc_core.ablation.conclusions import LABELS, caution, rests_on, sentences
from edc_core.ablation.design import Design
from edc_core.ablation.effects import Effect, stepwise_gains
from edc_core.design_space.paper_tables import PROTOCOL, SOURCE, WHERE, rungs
from edc_core.design_space.presets import PRESETS
from edc_core.errors import SettingsError
from edc_core.figures import ablation as figures
from edc_core.intervals import Estimate, estimate
from edc_core.report.markup import Charts, element, listed, paragraphs, table

ESTIMATE = ("mean", "low", "high", "± half", "seeds")
SCORES_NEED = (
    "LRS and ARS are not told: LRS needs the same images with hard labels and random real images under the same"
    " labels, ARS each of them without augmentation too. The waterfall has these runs."
)
LABELLED = ("factorial", "fractional", "one-at-a-time", "leave-one-out")


def axis_of(design: Design) -> str:
    return "top-1 on held-out images (%)" if design.split == "val" else "top-1 on test images (%)"


def section(found: AblationAnalysis, tidy: Sequence[dict[str, Any]], charts: Charts) -> str:
    """Everything about one slice of a matrix, the verdict first."""
    if not found.rows:
        return element("p", "Nothing is measured yet.")
    axis = axis_of(found.design)
    warning = caution(found)
    parts = [
        element("p", warning, "warning") if warning else "",
        listed(sentences(found), "verdict"),
        *_main_charts(found, axis, charts),
        *_effects(found, charts),
        *_pairs(found, charts),
        element("h3", "How far this may be believed"),
        paragraphs(rests_on(found)),
        element("p", LABELS) if found.design.kind in LABELLED else "",
        element("h3", "The figures"),
        *_numbers(found),
        *_robust(tidy),
    ]
    return "\n".join(part for part in parts if part)


def _main_charts(found: AblationAnalysis, axis: str, charts: Charts) -> list[str]:
    if found.design.kind == "ladder":
        return _ladder(found, axis, charts)
    if found.full:
        return _told(found, axis, charts)
    return []


def _ladder(found: AblationAnalysis, axis: str, charts: Charts) -> list[str]:
    """Our rungs; the paper's in a panel of their own; baselines and controls among ours."""
    parts = [
        element("h3", "The ladder"),
        charts.add(
            figures.ladder(found.rungs, axis, bounds=found.bounds),
            "Mean top-1 of each rung with its 95 % interval over seeds.",
        ),
    ]
    ours = [rung for rung in found.rungs if PRESETS[rung.name].kind == "ladder"]
    if len(ours) > 1:
        caption = (
            f"Measured here, and apart from it what the paper prints ({SOURCE}, figure 1: {WHERE}; {PROTOCOL}). Other"
            " data, other networks and another protocol: the shapes may be compared, the levels not. E changes two"
            " things at once, and so does G."
        )
        parts.append(element("h3", "Beside the paper's ladder"))
        parts.append(charts.add(figures.paper_beside(ours, rungs(), axis, bounds=found.bounds), caption))
    return parts


def _told(found: AblationAnalysis, axis: str, charts: Charts) -> list[str]:
    """The climb in the order in which it is usually told, with what any other order would show."""
    try:
        path = [replace(step, name=found.titles.get(step.name, step.name)) for step in _steps(found)]
    except SettingsError:
        return []
    spans = {found.titles[name]: span for name, span in found.spans.items()}
    caption = (
        "Each bar is what its part adds in this order of switching on; the thin line is the range of that gain over"
        " all orders, as measured. Start and end carry 95 % intervals."
    )
    return [
        element("h3", "Step by step"),
        charts.add(figures.waterfall(path, spans, axis, bounds=found.bounds), caption),
    ]


def _steps(found: AblationAnalysis) -> list:
    return stepwise_gains(found.complete, tuple(factor.name for factor in found.factors))


def _effects(found: AblationAnalysis, charts: Charts) -> list[str]:
    if found.shares:
        caption = (
            "Main effect: mean with the choice less mean without it, over all combinations of the others. Share: its"
            " gain averaged over every order of switching on (Shapley); the shares sum to the whole gain, and one may"
            f" be negative. {figures.colour_key()}"
        )
        chart = charts.add(figures.shares(found.shares, found.mains, found.titles), caption)
        return [element("h3", "Which choices matter"), chart]
    if found.mains:
        caption = (
            "Mean with the choice less mean without it, over the combinations of the others. No shares of the gain are"
            f" told: they need a full factorial. {figures.colour_key()}"
        )
        chart = charts.add(figures.effects(found.mains, found.titles), caption)
        return [element("h3", "Which choices matter"), chart]
    if found.contrasts:
        caption = (
            "Differences paired by seed, with 95 % intervals: the first less the second. Blue where the first is better"
            " and vermillion where it is worse, each with an interval that leaves out zero; grey cannot be told apart."
        )
        return [element("h3", "Differences"), charts.add(figures.contrasts(found.contrasts), caption)]
    return []


def _pairs(found: AblationAnalysis, charts: Charts) -> list[str]:
    if not found.pairs:
        return []
    caption = (
        "Half the difference between one choice's effect with the other on and with it off, in points: above zero they"
        " help one another, below zero they do the same work twice."
    )
    chart = charts.add(figures.interactions(found.pairs, found.titles), caption)
    return [element("h3", "What choices do together"), chart]


def cost(tidy: Sequence[dict[str, Any]], axis: str, charts: Charts) -> str:
    """Accuracy against bytes where they differ, and against seconds where they are kept; of one student."""
    parts = []
    if len({row["image_bytes"] + row["label_bytes"] for row in tidy}) > 1:
        caption = (
            "Bytes of the images as eight-bit pixels and of every view's soft labels in half precision, were they"
            " stored ahead; hard labels weigh nothing here."
        )
        parts.append(charts.add(figures.pareto(tidy, "bytes", axis), caption))
    if {row["cell"] for row in tidy} == {row["cell"] for row in tidy if row["seconds_making"]}:
        caption = "Seconds of starting images and synthesis on the machine that made them; observers are not counted."
        parts.append(charts.add(figures.pareto(tidy, "seconds", axis), caption))
    return "\n".join(parts)


def _robust(tidy: Sequence[dict[str, Any]]) -> list[str]:
    """LRS and ARS by cell, or what they need."""
    by_cell: dict[str, dict[str, list[float]]] = {}
    for row in tidy:
        for name in ("lrs", "ars"):
            if row[name] is not None:
                by_cell.setdefault(row["cell"], {}).setdefault(name, []).append(row[name])
    if not by_cell:
        return [element("p", SCORES_NEED)]
    rows = [
        [cell, *(estimate(found[name]).text(digits=3) if name in found else None for name in ("lrs", "ars"))]
        for cell, found in by_cell.items()
    ]
    caption = (
        "Scores from 0 to 1, mean and 95 % interval over seeds. An ARS of 0.269 is level with random images; an LRS of"
        " 0.269 leads random images under the same labels by as much as it stays behind all real images."
        " LRS sets hard labels against all real training images with hard labels (the longest stored training of them)"
    )
    return [table(["cell", "LRS (labels)", "ARS (augmentation)"], rows, caption)]


def _numbers(found: AblationAnalysis) -> list[str]:
    """Every mean, effect and difference with its interval, and top-1 by seed."""
    parts = []
    families = {"main effect": found.mains, "share of the gain": found.shares, "together": found.pairs}
    for name, findings in families.items():
        if findings:
            rows = [[_title(found, one), *_values(one.estimate)] for one in findings]
            parts.append(table([name, *ESTIMATE], rows, "Points of top-1"))
    if found.contrasts:
        rows = [[one.name, one.against, *_values(one.estimate), one.question] for one in found.contrasts]
        parts.append(table(["cell", "less", *ESTIMATE, "what it asks"], rows, "Points of top-1, paired by seed"))
    by_cell: dict[str, dict[int, float]] = {}
    for row in found.rows:
        by_cell.setdefault(row.cell, {})[row.seed] = row.top1
    seeds = sorted({row.seed for row in found.rows})
    rows = [
        [name, *_values(found.levels[name]), *(values.get(seed) for seed in seeds)] for name, values in by_cell.items()
    ]
    parts.append(table(["cell", *ESTIMATE, *(f"seed {seed}" for seed in seeds)], rows, "Top-1 in percent"))
    return parts


def _title(found: AblationAnalysis, effect: Effect) -> str:
    return " and ".join(found.titles[name] for name in effect.names)


def _values(shown: Estimate) -> list[float | int | None]:
    return [shown.mean, shown.low, shown.high, shown.half, shown.count]
