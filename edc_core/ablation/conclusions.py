"""What an ablation says, in plain words: sentences made of its numbers, none of them typed in.

A difference is never said without its interval and its number of seeds; where the interval holds zero, the
sentence says what the design could have shown.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean

from edc_core.ablation.analysis import AblationAnalysis
from edc_core.ablation.contrasts import Contrast
from edc_core.ablation.effects import Effect
from edc_core.ablation.order_effects import stepwise_gains
from edc_core.ablation.results import Cells, by_cell
from edc_core.ablation.waterfall import Waterfall, picked
from edc_core.design_space.presets import PRESETS
from edc_core.intervals import (
    MIN_SEEDS,
    Estimate,
    count_excluding_zero,
    estimate_text,
    expected_false_alarms,
    minimum_detectable_effect,
    minimum_detectable_text,
)
from edc_core.wording.grammar import capitalise, plural

__all__ = ["LABELS", "AblationAnalysis", "caution", "rests_on", "describe_effect", "sentences"]

LABELS = (
    "The teacher's soft labels are not among the eight choices: every cell has them. How much of the gain is theirs is"
    " asked by the waterfall from random images with hard labels to EDC."
)
MAX_PAIRS = 3  # interactions that are said in words


def sentences(found: AblationAnalysis) -> list[str]:
    """What it shows, the whole climb first; empty where nothing is measured."""
    if not found.rows:
        return []
    if found.design.kind == "ladder":
        return _ladder(found)
    if found.design.kind == "waterfall" and found.full:
        return _waterfall(found)
    if found.crossed:
        return [*_climb(found), *_mains(found), *_turning(found), *_pairs(found)]
    return [describe_effect(capitalise(f"{one.name} against {one.against}"), one) for one in found.contrasts]


def describe_effect(what: str, finding: Effect | Contrast) -> str:
    """One difference as a sentence; where nothing is seen, with what its own noise would have let be seen."""
    shown = finding.estimate
    if finding.is_nil:
        return f"{what}: the same in every seed. These settings lead to the same runs, so nothing was compared."
    if shown.low is None:
        return f"{what}: {_told(shown)}. One seed shows nothing yet."
    if shown.excludes_zero:
        return f"{what}: {_told(shown)}."
    smallest = minimum_detectable_effect([finding])
    could = f"; it could have shown {smallest:.{_digits(smallest)}f}" if smallest else ""
    return f"{what}: {_told(shown)}: no difference that this design could show{could}."


def _told(shown: Estimate) -> str:
    """With a second digit where the first one says nothing ("+0.02", not "+0.0")."""
    return estimate_text(
        shown, digits=max(_digits(value) for value in (shown.mean, shown.low, shown.high) if value is not None)
    )


def _digits(value: float) -> int:
    return 2 if 0 < abs(value) < 0.05 else 1


def _ladder(found: AblationAnalysis) -> list[str]:
    """The climb from the first rung to the last, each rung over the one before, then the presets beside it."""
    rungs = [name for name in found.design.presets if PRESETS[name].kind == "ladder"] or list(found.design.presets)
    ends = [one for one in found.contrasts if (one.name, one.against) == (rungs[-1], rungs[0])]
    words = [_climbing(one, by_cell(found.rows)) for one in ends]
    before = dict(zip(rungs[1:], rungs, strict=False))
    for one in found.contrasts:
        if one in ends or one.against == rungs[0] != before.get(one.name):
            continue
        adds = _adds(one.name) if before.get(one.name) == one.against else ""
        words.append(describe_effect(f"{one.name} against {one.against}{adds}", one))
    return words


def _adds(name: str) -> str:
    """What a rung adds to the one before, as the index of presets has it."""
    summary = PRESETS[name].summary.partition(" + ")[2]
    return f" ({summary})" if summary else ""


def _climbing(one: Contrast, cells: Cells) -> str:
    """A whole climb, from where to where, both of the seeds that the pair has in common."""
    shown, pair = one.estimate, capitalise(f"{one.against} to {one.name}")
    if shown.low is None or not shown.excludes_zero:
        return describe_effect(pair, one)
    verb = "climbs" if shown.mean > 0 else "falls"
    size = _told(shown if shown.mean > 0 else _turned(shown)).replace("+", "")
    start, end = (fmean(cells[name][seed] for seed in one.by_seed) for name in (one.against, one.name))
    return f"{pair} {verb} by {size}: from {start:.1f} % to {end:.1f} %."


def _turned(shown: Estimate) -> Estimate:
    return replace(shown, mean=-shown.mean, low=-shown.high, high=-shown.low)


def _climb(found: AblationAnalysis) -> list[str]:
    whole = found.whole
    if whole is None:
        return []
    names = {"all off": frozenset(), "all on": frozenset(whole.names)}
    ends = {name: found.cells[on] for name, on in names.items()}
    one = Contrast("all on", "all off", whole.estimate, "", whole.by_seed)
    return [_climbing(one, ends)]


def _mains(found: AblationAnalysis) -> list[str]:
    """Main effects, the largest first; a choice that switches nothing at last."""
    ordered = sorted(found.mains, key=lambda effect: -effect.estimate.mean)
    words = [describe_effect(f"{capitalise(found.titles[one.names[0]])}, on average", one) for one in ordered]
    same = "{} is the same on and off in these settings: nothing was compared."
    return words + [same.format(capitalise(title)) for title in found.idle]


def _pairs(found: AblationAnalysis) -> list[str]:
    """How many pairs act on one another, how many would by chance, and the strongest."""
    clear = sorted((one for one in found.pairs if one.estimate.excludes_zero), key=lambda one: -abs(one.estimate.mean))
    if not found.pairs or found.fewest < 2:
        return []
    words = (
        f"{len(clear)} of {len(found.pairs)} pairs bring more, or less, together than apart; by chance alone"
        f" {expected_false_alarms(found.pairs):.1f} would seem to."
    )
    strongest = [f"{_joined(found, one)} {_told(one.estimate)}" for one in clear[:MAX_PAIRS]]
    return [words + (f" The strongest: {'; '.join(strongest)}." if strongest else "")]


def _joined(found: AblationAnalysis, effect: Effect) -> str:
    return " with ".join(found.titles[name] for name in effect.names)


def _turning(found: AblationAnalysis) -> list[str]:
    """Choices that help in one order and harm in another, each beyond its own interval."""
    words = []
    for name, span in found.spans.items():
        ends = [_gain_in(found, order, name) for order in (span.order_low, span.order_high)]
        if span.low < 0 < span.high and all(end.excludes_zero for end in ends):
            words.append(
                f"{capitalise(found.titles[name])}: {_told(ends[0])} in one order of switching on, {_told(ends[1])} in"
                f" another: the measured sign turns with the order. {picked(len(found.factors))}"
            )
    return words


def _gain_in(found: AblationAnalysis, order: Sequence[str], name: str) -> Estimate:
    return next(step.gain for step in stepwise_gains(found.complete, tuple(order)) if step.name == name)


def _waterfall(found: AblationAnalysis) -> list[str]:
    row = found.rows[0]
    wanted = 2 ** len(found.factors) * found.design.seeds
    told_of = Waterfall(found.design, row.dataset, row.ipc, row.student, found.cells, wanted, None)
    seeds = f"{told_of.seeds} {plural(told_of.seeds, 'seed')}"
    return [*told_of.sentences(), f"All of it over {seeds}; in brackets stand 95 % intervals."]


# What it rests on -----------------------------------------------------------------------------


def caution(found: AblationAnalysis) -> str:
    """The warning that too few seeds call for; empty where there are enough."""
    if not found.rows or found.fewest >= MIN_SEEDS:
        return ""
    return (
        f"Only {found.fewest} {plural(found.fewest, 'seed')}: treat these figures as a hint. A difference needs at"
        f" least {MIN_SEEDS}."
    )


def rests_on(found: AblationAnalysis) -> list[str]:
    """The smallest difference that could have been detected, and how many intervals leave out zero by chance."""
    words = []
    for name, family in (
        ("differences", found.compared),
        ("main effects", found.mains),
        ("interactions of two", found.pairs),
    ):
        if smallest := minimum_detectable_text(family):
            words.append(
                f"{capitalise(name)}: the smallest true one that this would detect four times in five (two-sided 5 %)"
                f" is {smallest} points. Of {len(family)} intervals {count_excluding_zero(family)}"
                f" {plural(count_excluding_zero(family), 'leaves', 'leave')} out zero; by chance alone"
                f" {expected_false_alarms(family):.1f} would."
            )
    return words
