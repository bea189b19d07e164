"""What an ablation can be bet on, known before its first result; and the answers once they are measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from edc_core.ablation.confounds import CONFOUNDS
from edc_core.ablation.design import Design
from edc_core.ablation.effects import main_effects
from edc_core.ablation.factors import WATERFALL, Factor
from edc_core.ablation.results import Row, by_cell
from edc_core.design_space.extension_choices import SWITCHES
from edc_core.design_space.presets import PRESETS
from edc_core.intervals import Estimate, paired_difference
from edc_core.pipeline.prepare import dataset_name

TEXTS = {
    "factorial": "What does it bring on average over every combination of the others?",
    "fractional": "What does it bring on average over the combinations of the others?",
    "waterfall": "What does it bring on average over every combination of the others?",
    "one-at-a-time": "What does it bring alone, with all others off?",
    "leave-one-out": "What does it bring last, with all others on?",
}


@dataclass(frozen=True)
class Question:
    """One comparison: `name` less `against` where cells are named, else the factor `name` on less off."""

    name: str
    title: str
    text: str
    against: str | None = None


def questions(design: Design) -> list[Question]:
    """The comparisons that a design answers, each in points of top-1."""
    if design.kind == "ladder":
        return _rungs(design.presets)
    if design.kind == "confounds":
        entries = [entry for entry in CONFOUNDS if entry.against]
        return [Question(entry.name, entry.name, entry.question, entry.against) for entry in entries]
    titles = {factor.name: factor.title for factor in WATERFALL} if design.kind == "waterfall" else _titles(design)
    return [Question(name, title, TEXTS[design.kind]) for name, title in titles.items()]


def _titles(design: Design) -> dict[str, str]:
    return {name: SWITCHES[name].title for name in SWITCHES if name in design.choices}


def _rungs(presets: Sequence[str]) -> list[Question]:
    """Each CONFIG over the one before it; every other preset over the last CONFIG."""
    rungs = [name for name in presets if PRESETS[name].kind == "ladder"] or list(presets)
    found = [
        Question(name, f"{name} over {before}", f"What does {name} bring over {before}, the rung before?", before)
        for before, name in zip(rungs, rungs[1:], strict=False)
    ]
    others = [name for name in presets if name not in rungs]
    last = rungs[-1]
    return found + [Question(name, f"{name} over {last}", f"How far is {name} from {last}?", last) for name in others]


def about(design: Design, rows: Sequence[Row]) -> list[Row]:
    """The rows that bets are about: of the design's first data set, IPC and student."""
    dataset = dataset_name(design.datasets[0])
    found = [row for row in rows if row.dataset == dataset and row.ipc == design.ipcs[0]]
    student = design.students[0] if design.students else (found[0].student if found else "")
    return [row for row in found if row.student == student]


def measured_outcome(design: Design, rows: Sequence[Row], factors: Sequence[Factor]) -> dict[str, Estimate]:
    """The questions that are answered so far, by name: gains in points, paired by seed."""
    rows = about(design, rows)
    if design.kind in ("factorial", "fractional", "waterfall"):
        cells = by_cell(rows, on=True)
        found = main_effects(cells, factors) if cells else []
        return {effect.names[0]: effect.estimate for effect in found if not effect.is_nil}
    if design.kind in ("one-at-a-time", "leave-one-out"):
        return _switched(design, by_cell(rows, on=True))
    cells = by_cell(rows)
    asked = [(one.name, cells.get(one.name, {}), cells.get(one.against, {})) for one in questions(design)]
    return {name: found for name, ours, theirs in asked if (found := paired_difference(ours, theirs))}


def _switched(design: Design, cells: dict) -> dict[str, Estimate]:
    """Each choice on less off: alone, or beside all of the others."""
    found = {}
    others = frozenset() if design.kind == "one-at-a-time" else frozenset(design.choices)
    for name in design.choices:
        gain = paired_difference(cells.get(others | {name}, {}), cells.get(others - {name}, {}))
        if gain:
            found[name] = gain
    return found
