"""A design laid out as runs that share stages.

A job is one cell with one seed on one data set at one IPC. Jobs whose scores are the same (the choice
between raw and averaged weights costs no training) stand on the same stages.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from edc_core.ablation.design import Cell, Design, cells_of
from edc_core.data import Description, describe
from edc_core.design_space.compose import configure, resolve_profile
from edc_core.design_space.profiles import Profile
from edc_core.errors import SettingsError
from edc_core.pipeline.prepare import PreparedRun, dataset_name, prepare
from edc_core.stage_graph import StageNode

MAX_RUNS = 20_000
DESIGNS_OWN = ("evaluate.seeds", "score.split")


@dataclass(frozen=True)
class Job:
    """One run of a matrix."""

    cell: Cell
    dataset: str
    ipc: int
    seed: int
    prepared: PreparedRun = field(repr=False)

    @property
    def score_keys(self) -> tuple[str, ...]:
        return tuple(node.key for node in self.prepared.nodes if node.stage == "score")


@dataclass(frozen=True)
class Matrix:
    """Every job of a design, in the order in which they are best run: seed by seed, shared stages close."""

    design: Design
    jobs: tuple[Job, ...]

    def nodes(self) -> dict[str, StageNode]:
        """Every stage of every job once, by key."""
        return {node.key: node for job in self.jobs for node in job.prepared.nodes}

    def shard(self, number: int, count: int) -> "Matrix":
        """The `number`-th of `count` parts (from 1); jobs that share condensed images stay together."""
        groups = list(dict.fromkeys(_images(job) for job in self.jobs))
        mine = {group for place, group in enumerate(groups) if place % count == number - 1}
        return Matrix(self.design, tuple(job for job in self.jobs if _images(job) in mine))


def _images(job: Job) -> str:
    return next(node.key for node in job.prepared.nodes if node.stage == "synthesise")


def profile_of(design: Design, about: Description) -> Profile:
    """The table of settings that a design means on a data set."""
    return resolve_profile(design.profile, about.classes, about.size)


def build_matrix(design: Design, describing: Callable[[str], Description] = describe) -> Matrix:
    """Every run of a design, checked against its data sets.

    Raises:
        SettingsError: a cell's settings are wrong, or there are more runs than anybody would wait for.
        DataError: a data set cannot be read.
    """
    jobs: list[Job] = []
    for name in design.datasets:
        dataset = dataset_name(name)
        about = describing(dataset)
        table = profile_of(design, about)
        for ipc in design.ipcs:
            cells = cells_of(design, table, ipc, len(about.classes))
            _check_changes(design, cells)
            if len(cells) * design.seeds * len(design.ipcs) * len(design.datasets) > MAX_RUNS:
                raise SettingsError(
                    f"this design has {len(cells)} cells and {design.seeds} seeds, more than {MAX_RUNS} runs: choose"
                    " fewer choices, or a fractional factorial."
                )
            for seed in design.seed_list:
                jobs += [
                    Job(cell, dataset, ipc, seed, _prepared(design, cell, table, about, dataset, ipc, seed))
                    for cell in cells
                ]
    order = {seed: place for place, seed in enumerate(design.seed_list)}
    first = _first_seen(map(_images, jobs))
    jobs.sort(key=lambda job: (order[job.seed], first[_images(job)]))
    return Matrix(design, tuple(jobs))


def _check_changes(design: Design, cells: Sequence[Cell]) -> None:
    """What is set for every cell must not undo what the cells are about, nor the design's own seeds and split."""
    for path in design.changes:
        if path in DESIGNS_OWN or path.endswith(".seed"):
            raise SettingsError(f"{path} is the design's own to set: use its seeds and split (--seeds, --split).")
        if cell := next((cell for cell in cells if path in cell.changes), None):
            raise SettingsError(
                f"{path} is set for every cell, but the cells differ in it ('{cell.name}' does): leave it out, or leave"
                " out the choice that it belongs to."
            )


def _prepared(
    design: Design, cell: Cell, table: Profile, about: Description, dataset: str, ipc: int, seed: int
) -> PreparedRun:
    changes = {**cell.changes, **design.changes, "score.split": design.split}
    if design.students:
        changes["evaluate.students"] = list(design.students)
    return prepare(configure(cell.preset, dataset, table, ipc, seed, design.protocol, changes), about)


def _first_seen(keys: Iterable[str]) -> dict[str, int]:
    first: dict[str, int] = {}
    for place, key in enumerate(keys):
        first.setdefault(key, place)
    return first


def pending_nodes(jobs: Sequence[Job], done: Callable[[str], bool], found: Callable[[str], bool]) -> list[StageNode]:
    """The stages that are still to be computed, each once: `done(score key)` has an answer, `found(key)` a result."""
    needed: dict[str, StageNode] = {}
    for job in jobs:
        if all(map(done, job.score_keys)):
            continue
        by_key = {node.key: node for node in job.prepared.nodes}
        stack = [node for node in job.prepared.nodes if node.stage == "score" and not done(node.key)]
        while stack:
            node = stack.pop()
            if node.key in needed or found(node.key):
                continue
            needed[node.key] = node
            stack += [by_key[key] for key in node.inputs]
    return list(needed.values())
