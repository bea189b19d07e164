"""One student's comparison of sets, with soft and with hard labels, and what its figures let one say."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edc_core.design_space.presets import PROTOCOLS
from edc_core.intervals import MIN_SEEDS, ZERO_TOLERANCE, Estimate, estimate, paired_difference
from edc_core.judging.comparison_sets import NEGATIVE_CONTROLS, OURS, OWN
from edc_core.judging.results import Cell, by_seed, mean_top1, select_cells
from edc_core.networks.catalogue import family_of

RANDOM_BASELINE = "random"  # the set whose accuracy with hard labels is every axis' floor


def is_hard(protocol: str) -> bool:
    """Whether that protocol has hard labels."""
    return protocol != OWN and PROTOCOLS[protocol][1].get("relabel.labels") == "hard"


@dataclass(frozen=True)
class Comparison:
    """Sets judged by one student under a soft protocol and a hard one, None where it is not asked for.

    `names` are the sets' as shown in a sentence.
    """

    cells: Sequence[Cell]
    student: str
    soft: str | None
    hard: str | None
    names: Mapping[str, str]
    floor_set: str = RANDOM_BASELINE  # OURS where the judged set is itself the random one
    floor_cells: Sequence[Cell] = ()  # that set's with hard labels, measured once and not asked for now

    def of(self, name: str, hard: bool) -> list[Cell]:
        protocol = self.hard if hard else self.soft
        return select_cells(self.cells, set=name, protocol=protocol, student=self.student) if protocol else []

    def top1(self, name: str, hard: bool) -> Estimate | None:
        return mean_top1(self.of(name, hard))

    def gap(self, other: str, hard: bool) -> Estimate | None:
        """Our set's lead over another under the same labels, paired by seed."""
        return paired_difference(by_seed(self.of(OURS, hard)), by_seed(self.of(other, hard)))

    def pair(self, other: str, hard: bool) -> tuple[Estimate | None, Estimate | None]:
        """Our set's mean and another's: of the seeds that both have, as their difference is; of all where none is."""
        ours, theirs = (by_seed(self.of(name, hard)) for name in (OURS, other))
        shared = sorted(set(ours) & set(theirs))
        if not shared:
            return self.top1(OURS, hard), self.top1(other, hard)
        return tuple(estimate([values[key] for key in shared]) for values in (ours, theirs))

    @property
    def labels_alone(self) -> bool:
        """Whether the two protocols differ in their labels and in nothing else."""
        return (self.soft, self.hard) == ("edc", "hard")

    def fall(self, name: str) -> Estimate | None:
        """The change of a set's accuracy from soft to hard labels, in points, paired by seed."""
        return paired_difference(by_seed(self.of(name, True)), by_seed(self.of(name, False)))

    @property
    def on_the_floor(self) -> list[Cell]:
        """Students of random images with hard labels."""
        return self.of(self.floor_set, True) or select_cells(self.floor_cells, student=self.student)

    @property
    def floor(self) -> Estimate | None:
        """Random images with hard labels."""
        return mean_top1(self.on_the_floor)

    @property
    def rival(self) -> str | None:
        """The control that our set is held against: random images, or herding where our set is random itself."""
        others = [name for name in (RANDOM_BASELINE, "herding") if name in self.names]
        return others[0] if others else None

    # What may be said -------------------------------------------------------------------------------

    def sentences(self, hard: bool) -> list[str]:
        """The comparison in words, each sentence made of the figures."""
        return [re.sub(r"(?<!\w)-(?=\d)", "−", sentence) for sentence in self._sentences(hard)]

    def _sentences(self, hard: bool) -> list[str]:
        ours, rival = self.top1(OURS, hard), self.rival
        lead = "Without the teacher's labels" if hard else "With the teacher's labels"
        if ours is None:
            return [f"{lead}, no student has learnt from {self.names[OURS]} yet."]
        ours, theirs = self.pair(rival, hard) if rival else (ours, None)
        if theirs is None:
            return [
                f"{lead}, {self.names[OURS]} reach **{ours.text(' %')}**. No comparison yet: press “Judge ...”"
                " to train the controls."
            ]
        fewer = ours.count < max(len(self.of(name, hard)) for name in (OURS, rival))
        said = [
            f"{lead}, {self.names[OURS]} reach **{ours.mean:.1f} %** and {self.names[rival]} **{theirs.mean:.1f} %**:"
            f" {gap_text(self.gap(rival, hard))}{f', over the {_seeds(ours.count)} that both have' if fewer else ''}."
        ]
        said += interval_text(self.gap(rival, hard), self.names[rival])
        return said + (self._falls(rival) if hard else self._negative_controls())

    def _falls(self, rival: str) -> list[str]:
        both = {name: self.fall(name) for name in (OURS, rival)}
        if None in both.values():
            return []
        moved = [f"{self.names[name]} by {fall.mean:+z.1f} points{_range(fall)}" for name, fall in both.items()]
        more = "" if self.labels_alone else ", and with them the training (batch, views, schedule or weights),"
        return [f"Taking the labels away{more} moves {moved[0]} and {moved[1]}."]

    def _negative_controls(self) -> list[str]:
        """The strongest negative control beside the floor."""
        found = {name: self.top1(name, False) for name in NEGATIVE_CONTROLS if name in self.names}
        found = {name: estimate for name, estimate in found.items() if estimate}
        if not found:
            return []
        best = max(found, key=lambda name: found[name].mean)
        said = f"Under the same labels {self.names[best]} reach {found[best].mean:.1f} %"
        if self.floor is None:
            return [f"{said}."]
        return [
            f"{said}, {_beside(found[best], self.floor)} random real images with hard labels ({self.floor.mean:.1f} %)."
        ]

    def warning(self, hard: bool) -> str | None:
        """What the number of seeds does not allow."""
        counts = [len(self.of(name, hard)) for name in self.names if self.of(name, hard)]
        if not counts or min(counts) >= MIN_SEEDS:
            return None
        few = _seeds(min(counts))
        return f"Some of these figures come from {few}: judge at least {MIN_SEEDS} before you trust a difference."

    def detectable(self, hard: bool) -> float | None:
        """The smallest lead over the control that would have been told from none, in points."""
        gap = self.gap(self.rival, hard) if self.rival else None
        return gap.half if gap else None


def _beside(one: Estimate, other: Estimate) -> str:
    """More or less than another, where both have an interval and these do not meet."""
    if min(one.count, other.count) >= MIN_SEEDS:
        if one.low > other.high:
            return "more than"
        if one.high < other.low:
            return "less than"
    return "about as much as (as far as these seeds can tell)"


def gap_text(gap: Estimate | None) -> str:
    """A difference in words; never more than its interval allows."""
    if gap is None:
        return "no seed in common, so no difference can be told"
    digits = _digits(gap)
    points = f"{abs(gap.mean):.{digits}f} points {'ahead' if gap.mean > 0 else 'behind'}"
    if abs(gap.mean) < ZERO_TOLERANCE:
        points = "level"
    if gap.count < MIN_SEEDS:
        return f"{points}, but that is {_seeds(gap.count)}"
    return f"**{points}**" if gap.excludes_zero else "**too close to call**"


def interval_text(gap: Estimate | None, other: str) -> list[str]:
    """The difference with its interval, as a sentence; none where there are too few seeds for one."""
    if gap is None or gap.count < MIN_SEEDS:
        return []
    return [f"Lead over {other}: {gap.mean:+z.{_digits(gap)}f} points{_range(gap)}."]


def _digits(shown: Estimate) -> int:
    """A second digit where the first would say nothing of what is told from none ("0.03", not "0.0")."""
    told = shown.low is None or shown.excludes_zero
    return 2 if told and ZERO_TOLERANCE <= abs(shown.mean) < 0.05 else 1


def _range(shown: Estimate) -> str:
    if shown.count < MIN_SEEDS:
        return f" ({_seeds(shown.count)})"
    students, digits = f"{shown.count} students of one draw of the images", _digits(shown)
    return f" (95 % interval {shown.low:+z.{digits}f} to {shown.high:+z.{digits}f}, {students})"


def _seeds(count: int) -> str:
    return "one seed" if count == 1 else f"{count} seeds"


def unseen(students: Iterable[str], observers: Iterable[str]) -> list[str]:
    """The students whose architecture no observer has."""
    known = {family_of(name)[0] for name in observers}
    return [name for name in students if family_of(name)[0] not in known]
