"""How time and memory of each stage grow with what is asked: each factor doubled three times, all else as it was."""

import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edc_core.environment import IMPORT_ROOT
from edc_core.errors import EDCError
from edc_core.performance.bench.scaling_cell import READING
from edc_core.performance.bench.synthetic_datasets import make_tree
from edc_core.store.files import read_json
from edc_core.wording.grammar import capitalise

DOUBLINGS = 3
ALLOWED = 1.15  # exponent that passes for linear: a stage's fixed costs and the clock's noise move it
# Seconds and MiB: what is less counts as that, for it is noise. The same cell's stages were seen 8 MiB apart.
SHORTEST, SMALLEST = 0.1, 32.0
REPEATS = 2  # takes of each cell
WIDTHS = {1: (16,), 2: (15, 17), 4: (14, 15, 17, 18), 8: (12, 13, 14, 15, 17, 18, 19, 20)}  # networks alike on average

Measured = dict[str, tuple[float, float]]  # stage -> (seconds, MiB)
Measure = Callable[["Cell"], Measured]


@dataclass(frozen=True)
class Cell:
    """A run's size; the defaults are the first cell of every factor but the image size."""

    images: int = 800  # training images in all
    classes: int = 10
    ipc: int = 2
    observers: int = 1
    side: int = 32  # of an image in pixels


@dataclass(frozen=True)
class Factor:
    """One of a cell's numbers, doubled; `power`: its doubling is so many doublings of its natural unit."""

    name: str
    title: str
    first: int
    power: int = 1

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(self.first * 2**step for step in range(DOUBLINGS + 1))


FACTORS = (
    Factor("images", "training images, classes unchanged", 3200),  # the last weigh 75 MiB, the first 9
    Factor("classes", "classes, training images in all unchanged", Cell.classes),
    Factor("ipc", "images per class (IPC)", Cell.ipc),
    Factor("observers", "observers", Cell.observers),
    Factor("side", "image side; its unit is the pixel, of which a doubled side has four times as many", 16, 2),
)


def exponent(values: list[float], power: int, least: float) -> float:
    """The fitted slope of log2(value) by doublings of the natural unit: 1 is linear growth, 0 none."""
    logs = [math.log2(max(value, least)) for value in values]
    places = [power * step for step in range(len(logs))]
    middle, mean = sum(places) / len(places), sum(logs) / len(logs)
    along = sum((place - middle) * (log - mean) for place, log in zip(places, logs, strict=True))
    return along / sum((place - middle) ** 2 for place in places)


@dataclass(frozen=True)
class Growth:
    """What was measured, by cell."""

    about: dict
    cells: dict[Cell, Measured] = field(default_factory=dict)

    def rows(self, factor: Factor) -> Iterator[tuple[str, list[float], float, list[float], float]]:
        """Each stage: seconds and their exponent, MiB and their exponent."""
        along = [self.cells[Cell(**{factor.name: value})] for value in factor.values]
        for stage in along[0]:
            seconds, memory = ([cell[stage][kind] for cell in along] for kind in (0, 1))
            yield (
                stage,
                seconds,
                exponent(seconds, factor.power, SHORTEST),
                memory,
                exponent(memory, factor.power, SMALLEST),
            )

    def worse(self) -> list[str]:
        """Every growth above linear, and every growth of memory with the data set's size, as a sentence each."""
        found = []
        for factor in FACTORS:
            for stage, _, time, _, memory in self.rows(factor):
                limit = ALLOWED - 1 if factor.name == "images" else ALLOWED
                for kind, slope, most in (("time", time, ALLOWED), ("memory", memory, limit)):
                    if slope > most:
                        found.append(f"{kind} of {stage} grows with {factor.name} by the power {slope:.2f}")
        return found

    def plain(self) -> dict:
        """JSON of it."""
        tables = {
            factor.name: {
                stage: {"seconds": seconds, "exponent": round(time, 2), "mib": mib, "mib_exponent": round(memory, 2)}
                for stage, seconds, time, mib, memory in self.rows(factor)
            }
            for factor in FACTORS
        }
        return {"about": self.about, "worse_than_linear": self.worse(), "growth": tables}

    def markdown(self) -> str:
        """A table for each factor, and the verdict."""
        lines = []
        for factor in FACTORS:
            heads = [f"{value:,}" for value in factor.values]
            lines += [
                f"**{capitalise(factor.title)}**",
                "",
                f"| stage | seconds at {' | '.join(heads)} | exponent | MiB at {' | '.join(heads)} | exponent |",
                "|---" * (2 * len(heads) + 3) + "|",
            ]
            for stage, seconds, time, mib, memory in self.rows(factor):
                shown = " | ".join(f"{value:.2f}" for value in seconds), " | ".join(f"{value:.0f}" for value in mib)
                lines.append(f"| {stage} | {shown[0]} | {time:.2f} | {shown[1]} | {memory:.2f} |")
            lines.append("")
        return "\n".join([*lines, self._verdict()])

    def _verdict(self) -> str:
        first = Cell()
        said = (
            f"Exponents are fitted over {DOUBLINGS} doublings: 1 is linear in the factor's unit, 0 no growth. What does"
            f" not vary is {first.images} training images of {first.side} px in {first.classes} classes, IPC"
            f" {first.ipc}, {first.observers} observer. Under {SHORTEST:g} s or {SMALLEST:g} MiB nothing is told from"
            " noise. With one thread seconds are the processor's, else by the clock. MiB are what a stage adds to what"
            f" its process held before, without pixels mapped from the disk: of {REPEATS} takes"
            " the most, as of seconds the fewest."
        )
        worse = self.worse()
        found = "; ".join(worse) if worse else "no growth is worse than linear, and no memory grows with the data set"
        return f"{said}\n\nVerdict, with {ALLOWED:g} taken for linear: {found}."


def cells() -> tuple[Cell, ...]:
    """Every cell once, smallest first."""
    found = {Cell(**{factor.name: value}): None for factor in FACTORS for value in factor.values}
    return tuple(found)


def measure_cell(cell: Cell) -> Measured:
    """One short run in a process of its own.

    Raises:
        EDCError: it failed; its own words are on stderr.
    """
    with tempfile.TemporaryDirectory(prefix="edc-growth-") as folder:
        tree = make_tree(Path(folder) / "tree", cell.classes, cell.images, cell.side)
        names = [f"convnet-d2-w{width}" for width in WIDTHS[cell.observers]]
        asked = {"tree": str(tree), "home": f"{folder}/home", "ipc": cell.ipc, "observers": names}
        answer = Path(folder) / "answer.json"
        status = subprocess.run(
            [sys.executable, "-m", "edc_core.performance.bench.scaling_cell", str(answer), json.dumps(asked)],
            cwd=IMPORT_ROOT,
            env={"OMP_WAIT_POLICY": "PASSIVE"} | os.environ | {"EDC_LIVE_POINTS": "1"},
        ).returncode
        if status:
            raise EDCError(f"the run of {cell} failed (exit status {status}): its own words stand above.")
        return {stage: tuple(values) for stage, values in read_json(answer).items()}


def merged(takes: list[Measured]) -> Measured:
    """Of several takes each stage's fewest seconds and most MiB: peaks are seen by looking now and then."""
    return {stage: (min(take[stage][0] for take in takes), max(take[stage][1] for take in takes)) for stage in takes[0]}


def growth(about: dict, told: Callable[[str], None], measure: Measure = measure_cell) -> Growth:
    """Measure every cell, one process after the other; `told` hears of each."""
    found = Growth(about)
    for number, cell in enumerate(every := cells(), 1):
        found.cells[cell] = merged([measure(cell) for _ in range(REPEATS)])
        total = sum(seconds for stage, (seconds, _) in found.cells[cell].items() if stage != READING)
        told(f"{number} of {len(every)}: {cell}: {total:.1f} s of work")
    return found
