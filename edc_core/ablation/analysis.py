"""What follows from the measured rows of one data set, IPC and student, for words and charts alike."""

from dataclasses import dataclass
from functools import cached_property

from edc_core.ablation.bounds import Bounds
from edc_core.ablation.contrasts import Contrast, contrasts, ladder
from edc_core.ablation.design import Design
from edc_core.ablation.effects import Effect, gain, interactions, is_full, main_effects, shapley
from edc_core.ablation.factors import Factor
from edc_core.ablation.full_factorial import Cells, complete_cells
from edc_core.ablation.order_effects import GainRange, Step, gain_ranges
from edc_core.ablation.results import Row, by_cell
from edc_core.errors import SettingsError
from edc_core.intervals import Estimate, estimate


@dataclass(frozen=True)
class AblationAnalysis:
    """One data set, IPC and student of a matrix: the measured rows, and what follows from them."""

    design: Design
    factors: tuple[Factor, ...]
    rows: tuple[Row, ...]
    bounds: Bounds = ()  # the floor and the ceilings of its accuracies

    @cached_property
    def titles(self) -> dict[str, str]:
        return {factor.name: factor.title for factor in self.factors}

    @cached_property
    def cells(self) -> Cells:
        """By the factors that are on; empty for a design without factors."""
        return by_cell(self.rows, on=True) if self.factors else {}

    @cached_property
    def levels(self) -> dict[str, Estimate]:
        """Top-1 in percent by the cell's name, in the design's order."""
        return {name: estimate(list(by_seed.values())) for name, by_seed in by_cell(self.rows).items()}

    @cached_property
    def rungs(self) -> list[Step]:
        """A ladder's cells; each gain is over the rung before, paired by seed, None where that pair is not measured."""
        return ladder(self.design, self.rows, self.contrasts)

    @cached_property
    def full(self) -> bool:
        """Whether it holds a full factorial: only then there are shares and ranges over orders."""
        return self.crossed and is_full(self.cells, self.factors)

    @cached_property
    def complete(self) -> Cells:
        """The cells of the seeds that have the full factorial; all of them where none has."""
        return complete_cells(self.cells, self.factors) if self.full else self.cells

    @property
    def crossed(self) -> bool:
        """Whether its cells are combinations of factors, so that effects can be told."""
        return self.design.kind in ("factorial", "fractional", "waterfall")

    @cached_property
    def contrasts(self) -> list[Contrast]:
        return contrasts(self.design, self.rows)

    @cached_property
    def _mains(self) -> list[Effect]:
        return main_effects(self.cells, self.factors) if self.crossed else []

    @property
    def mains(self) -> list[Effect]:
        return [one for one in self._mains if not one.is_nil]

    @property
    def idle(self) -> list[str]:
        """The titles of factors that switch nothing here: the same runs with them on and off."""
        return [self.titles[one.names[0]] for one in self._mains if one.is_nil]

    @cached_property
    def pairs(self) -> list[Effect]:
        found = interactions(self.cells, self.factors) if self.crossed else []
        return [one for one in found if not one.is_nil]

    @cached_property
    def shares(self) -> list[Effect]:
        return shapley(self.cells, self.factors) if self.full else []

    @cached_property
    def spans(self) -> dict[str, GainRange]:
        return gain_ranges(self.cells, self.factors) if self.full else {}

    @property
    def whole(self) -> Effect | None:
        """All on less all off, of the seeds that the shares are of; None until both are measured."""
        try:
            return gain(self.complete, self.factors) if self.crossed else None
        except SettingsError:
            return None

    @property
    def compared(self) -> list[Contrast]:
        """The contrasts of cells that do not share their runs."""
        return [one for one in self.contrasts if not one.is_nil]

    @property
    def findings(self) -> list[Effect | Contrast]:
        """Every interval that a reader may take for a discovery."""
        return [*self.compared, *self.mains, *self.pairs]

    @property
    def fewest(self) -> int:
        """The seeds that the least measured figure rests on."""
        counts = [one.estimate.count for one in self.findings] or [level.count for level in self.levels.values()]
        return min(counts, default=0)
