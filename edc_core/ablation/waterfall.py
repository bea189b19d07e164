"""Where EDC's gain over random images with hard labels comes from: the waterfall, as far as measured."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

from edc_core.ablation.design import Design, parse_design
from edc_core.ablation.effects import Effect, gain, is_full, shapley
from edc_core.ablation.factors import WATERFALL
from edc_core.ablation.full_factorial import Cells, complete_cells
from edc_core.ablation.matrix import Matrix, build_matrix
from edc_core.ablation.order_effects import GainRange, Step, gain_ranges, most_favourable_order, stepwise_gains
from edc_core.ablation.published_scores import ScoreLookup, published_matrices
from edc_core.ablation.results import by_cell, rows_of
from edc_core.data import EMBEDDED
from edc_core.intervals import Estimate
from edc_core.wording.grammar import capitalise

ORDER = tuple(factor.name for factor in WATERFALL)  # the usual one
TITLES = {factor.name: factor.title for factor in WATERFALL}
START, END = "random images, hard labels, plain training", "EDC"
PROFILE = "lab-quick"  # what is asked for where nothing is stored


@dataclass(frozen=True)
class Waterfall:
    """The cells of one waterfall (a data set, an IPC, a student), some of which may not be measured yet."""

    design: Design
    dataset: str
    ipc: int
    student: str
    cells: Cells
    wanted: int  # cells times seeds
    record: Mapping[str, Any] | None  # the stored matrix, less its scores; None: measured in this store, or not yet

    @property
    def measured(self) -> int:
        return sum(map(len, self.cells.values()))

    @property
    def whole(self) -> bool:
        """Whether there is a seed with every cell."""
        return is_full(self.cells, WATERFALL)

    @cached_property
    def complete(self) -> Cells:
        """The cells of the seeds that have them all: what every figure below rests on."""
        return complete_cells(self.cells, WATERFALL)

    @property
    def seeds(self) -> int:
        """How many seeds have every cell."""
        return self.gain.estimate.count

    @property
    def gain(self) -> Effect:
        return gain(self.complete, WATERFALL)

    def shares(self) -> list[Effect]:
        """Each part's points, averaged over all orders; they sum to the gain."""
        return shapley(self.complete, WATERFALL)

    def ranges(self) -> dict[str, GainRange]:
        return gain_ranges(self.complete, WATERFALL)

    def steps(self, order: Sequence[str] = ORDER) -> list[Step]:
        return stepwise_gains(self.complete, tuple(order))

    def flattering(self, name: str) -> tuple[str, ...]:
        return most_favourable_order(self.complete, WATERFALL, name)

    def sentences(self) -> list[str]:
        """What it shows: from where to where; which part is largest; whose sign the order decides."""
        rungs, total = self.steps(), self.gain.estimate
        first = (
            f"From {rungs[0].level.mean:.1f} % ({START}) to {rungs[-1].level.mean:.1f} % ({END}):"
            f" {_points(total)} in all."
        )
        shares = sorted(self.shares(), key=lambda share: -share.estimate.mean)
        said = ", ".join(f"{TITLES[share.names[0]]} {share.estimate.mean:+z.1f}" for share in shares)
        labels = next(share for share in shares if share.names[0] == ORDER[0])
        second = (
            f"Averaged over all orders: {said.replace('-', '−')}. The teacher's soft labels account for"
            f" {_points(labels.estimate)} of it."
        )
        return [first, second, *self._turning()]

    def _turning(self) -> list[str]:
        """Parts that help in one order and harm in another, each beyond its own interval."""
        said = []
        for name, found in self.ranges().items():
            ends = [self._gain_in(order, name) for order in (found.order_low, found.order_high)]
            if found.low < 0 < found.high and all(end.excludes_zero for end in ends):
                said.append(
                    f"{capitalise(TITLES[name])} {_is(name)} worth {_points(ends[0])} in one order and"
                    f" {_points(ends[1])} in another: the measured sign turns with the order. {picked(len(TITLES))}"
                )
        return said

    def _gain_in(self, order: Sequence[str], name: str) -> Estimate:
        return next(step.gain for step in self.steps(order) if step.name == name)


def picked(factors: int) -> str:
    """What a reader of two extremes must know."""
    sets = 2 ** (factors - 1)
    return f"These are the extremes of {sets} cases, so part of the spread is chance."


def build_waterfall(lookup: ScoreLookup, dataset: str, digest: str, ipc: int) -> Waterfall:
    """The waterfall on a data set: a stored one, else what this store has of the default design.

    Raises:
        EDCError: a stored matrix is damaged, or the data set cannot be read.
    """
    for place in lookup.places:
        for record in published_matrices(place):
            if record["design"]["kind"] == "waterfall" and any(
                about["digest"] == digest for about in record["datasets"].values()
            ):
                kept = {name: value for name, value in record.items() if name != "scores"}
                found = _read(parse_design(record["design"]), lookup, dataset, digest, ipc)
                return replace(found, record=kept)
    design = parse_design({"kind": "waterfall", "datasets": [dataset], "profile": PROFILE, "ipcs": [ipc]})
    return _read(design, lookup, dataset, digest, ipc)


def command(dataset: str, ipc: int) -> str:
    """What measures the default design into this store."""
    words = ["python", "-m", "edc_core", "ablate", "--kind", "waterfall", "--profile", PROFILE]
    words += [] if dataset in EMBEDDED else ["--dataset", dataset]
    words += [] if ipc == 10 else ["--ipc", str(ipc)]
    return shlex.join(words)


@lru_cache(8)
def _laid_out(design: str, digest: str) -> Matrix:
    """A design as JSON, for a data set of that digest."""
    return build_matrix(Design.model_validate_json(design))


def _read(design: Design, lookup: ScoreLookup, dataset: str, digest: str, ipc: int) -> Waterfall:
    ipc = ipc if ipc in design.ipcs else design.ipcs[0]
    one = design.model_copy(update={"datasets": (dataset,), "ipcs": (ipc,)})
    matrix = _laid_out(one.model_dump_json(), digest)
    student = matrix.jobs[0].prepared.config.evaluate.students[0]
    rows = [row for row in rows_of(matrix, lookup) if row.student == student]
    return Waterfall(design, dataset, ipc, student, by_cell(rows, on=True), len(matrix.jobs), None)


def _points(value: Estimate) -> str:
    return f"{value.text()} points".replace("-", "−")


def _is(name: str) -> str:
    """Titles in the plural, or of two things."""
    return "are" if TITLES[name].endswith("s") or " and " in TITLES[name] else "is"
