"""The verdict on one choice: what it brings beside the others of EDC, and averaged over their combinations.

Recipe leaves one choice out of EDC, *Which choice?* averages over every combination; where the two differ, both pages
say so in these words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edc_core.ablation.factors import Factor
from edc_core.ablation.full_factorial import Cells, full_factorial, is_full
from edc_core.intervals import Estimate, estimate
from edc_core.wording.grammar import capitalise, count_word, plural

SETTLES = {"small-batch": "a student that has not settled"}  # what a student is without this choice


@dataclass(frozen=True)
class ChoiceEffects:
    """A choice's effects on top-1, in points.

    `with_others`: all choices on, less all but this one. `on_average`: the main effect. `reversed_by`: another choice
    without which the effect is clearly the opposite of `with_others`, and that effect.
    """

    with_others: Estimate | None = None
    on_average: Estimate | None = None
    reversed_by: tuple[str, Estimate] | None = None
    others: int = 7

    @property
    def disagree(self) -> bool:
        """Whether leaving the choice out and averaging tell different things."""
        if self.with_others is None or self.on_average is None:
            return False
        return _sign(self.with_others) != _sign(self.on_average)


def choice_effects(cells: Cells, factors: Sequence[Factor]) -> dict[str, ChoiceEffects]:
    """Every choice's effects in a full factorial, of the seeds that have all of it; empty before."""
    if not is_full(cells, factors):
        return {}
    cube = full_factorial(cells, factors)
    found = {}
    for place, name in enumerate(cube.names):
        without, gains = cube.steps_of(place)
        # All the others on: the last of the sets without this choice.
        with_others = estimate(gains[:, -1].tolist())
        turned = None
        if with_others.excludes_zero:
            turned = _reversed(cube.names, place, without, gains, with_others)
        average = estimate(gains.mean(1).tolist())
        found[name] = ChoiceEffects(with_others, average, turned, len(cube.names) - 1)
    return found


def _reversed(names, place: int, without, gains, with_others: Estimate) -> tuple[str, Estimate] | None:
    """The other choice whose absence turns the sign most clearly."""
    turned = {}
    for other, name in enumerate(names):
        if other != place:
            shown = estimate(gains[:, (without >> other & 1) == 0].mean(1).tolist())
            if shown.excludes_zero and shown.mean * with_others.mean < 0:
                turned[name] = shown
    name = max(turned, key=lambda one: abs(turned[one].mean), default=None)
    return None if name is None else (name, turned[name])


def verdict(effects: ChoiceEffects, titles: Mapping[str, str]) -> str:
    """One sentence on a choice; empty where nothing is measured. `titles` are the choices' names in words."""
    beside, average = effects.with_others, effects.on_average
    others, are = f"the other {count_word(effects.others)}", plural(effects.others, "is", "are")
    if beside is None:
        return ""
    here = f"once {others} {are} on ({points(beside)})"
    if average is None:
        return _sentence(f"{_verb(beside)} {here}")
    overall = f"averaged over all their combinations ({points(average)})"
    if not (beside.excludes_zero or average.excludes_zero):
        return _sentence(f"no measurable effect, {here} or {overall}")
    if _sign(beside) == _sign(average):
        return _sentence(f"{_verb(beside)} {here} and {overall}")
    if _sign(beside) and effects.reversed_by:
        name, shown = effects.reversed_by
        student = SETTLES.get(name, "a student")
        return _sentence(f"{_verb(beside)} {here}; {_verb(shown)} {student} ({points(shown)} without {titles[name]})")
    return _sentence(f"{_verb(beside)} {here}; {_verb(average)} {overall}")


def points(shown: Estimate) -> str:
    """A difference with half its interval: "−18.5 ± 2.7"."""
    half = "" if shown.half is None else f" ± {shown.half:.1f}"
    return f"{shown.mean:+z.1f}{half}".replace("-", "−")


def _sign(shown: Estimate) -> int:
    """1 where it helps, −1 where it hurts, 0 where neither can be told."""
    return (1 if shown.mean > 0 else -1) if shown.excludes_zero else 0


def _verb(shown: Estimate) -> str:
    return {1: "helps", -1: "hurts", 0: "no measurable effect"}[_sign(shown)]


def _sentence(text: str) -> str:
    return f"{capitalise(text)}."
