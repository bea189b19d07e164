"""Differences of two cells, paired by seed: the rungs of a ladder, one choice more or less, one confounder apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edc_core.ablation.confounds import CONFOUNDS
from edc_core.ablation.design import Design
from edc_core.ablation.order_effects import Step
from edc_core.ablation.results import Row, by_cell
from edc_core.design_space.extension_choices import SWITCHES
from edc_core.design_space.presets import PRESETS
from edc_core.errors import SettingsError
from edc_core.intervals import Estimate, MeasuredEffect, estimate


@dataclass(frozen=True)
class Contrast(MeasuredEffect):
    """One cell less another, in points of top-1; `question` is what the pair answers."""

    name: str
    against: str
    estimate: Estimate
    question: str = ""
    by_seed: Mapping[int, float] = field(default_factory=dict, hash=False)


def contrasts(design: Design, rows: Iterable[Row]) -> list[Contrast]:
    """The differences that a design was made for, as far as they are measured: `name` less `against`.

    - ladder: each CONFIG against the one before and against the first; every other preset against the last CONFIG
    - one-at-a-time: each choice alone against all off; leave-one-out: all but one against all on
    - confounds: each cell against the one that it is read beside
    A pair without a seed in common is left out; a factorial has effects instead (`effects.py`), so no pairs.

    Raises:
        SettingsError: the rows are of several data sets, IPCs or students.
    """
    rows = list(rows)
    _alike(rows)
    cells = by_cell(rows)
    found = []
    for name, against, question in dict.fromkeys(_pairs(design, rows)):
        ours, theirs = cells.get(name, {}), cells.get(against, {})
        by_seed = {seed: ours[seed] - theirs[seed] for seed in sorted(set(ours) & set(theirs))}
        if by_seed:
            found.append(Contrast(name, against, estimate(list(by_seed.values())), question, by_seed))
    return found


def ladder(design: Design, rows: Iterable[Row], found: Sequence[Contrast]) -> list[Step]:
    """The measured presets in the design's order, with what each CONFIG gained over the one before it.

    A gain is of the pair's common seeds, so it need not be the difference of the levels; it is None at the first
    rung, after a rung that is missing, and for presets that are no rung.
    """
    cells = by_cell(rows)
    gains = {(one.name, one.against): one.estimate for one in found}
    rungs = [name for name in design.presets if PRESETS[name].kind == "ladder"] or list(design.presets)
    before = dict(zip(rungs[1:], rungs, strict=False))
    names = [name for name in design.presets if name in cells]
    return [Step(name, estimate(list(cells[name].values())), gains.get((name, before.get(name, "")))) for name in names]


def _alike(rows: Sequence[Row]) -> None:
    kinds = {(row.dataset, row.ipc, row.student) for row in rows}
    if len(kinds) > 1:
        shown = "; ".join(f"{dataset}, IPC {ipc}, {student}" for dataset, ipc, student in sorted(kinds)[:3])
        raise SettingsError(f"rows of {len(kinds)} kinds cannot be compared ({shown}): choose one.")


Pair = tuple[str, str, str]  # name, against, question


def _pairs(design: Design, rows: Sequence[Row]) -> list[Pair]:
    if design.kind == "ladder":
        return _rungs(design.presets)
    if design.kind == "confounds":
        return [(entry.name, entry.against, entry.question) for entry in CONFOUNDS if entry.against]
    if design.kind == "one-at-a-time":
        return _switched(rows, frozenset(), "What does {} bring alone?")
    if design.kind == "leave-one-out":
        return _switched(rows, frozenset(design.choices), "What is lost without {}?")
    return []


def _rungs(presets: Sequence[str]) -> list[Pair]:
    rungs = [name for name in presets if PRESETS[name].kind == "ladder"] or list(presets)
    found: list[Pair] = []
    for before, name in zip(rungs, rungs[1:], strict=False):
        found.append((name, before, f"What does {name} bring over {before}, the rung before?"))
        if before != rungs[0]:
            found.append((name, rungs[0], f"What does {name} bring over {rungs[0]}, the first?"))
    others = [name for name in presets if name not in rungs]
    return found + [(name, rungs[-1], f"How far is {name} from {rungs[-1]}?") for name in others]


def _switched(rows: Sequence[Row], base: frozenset[str], question: str) -> list[Pair]:
    """Every cell that differs from the base in one choice, against it."""
    names = {row.on: row.cell for row in rows if row.on is not None}
    if base not in names:
        return []
    return [
        (cell, names[base], question.format(SWITCHES[next(iter(on ^ base))].title))
        for on, cell in names.items()
        if len(on ^ base) == 1
    ]
