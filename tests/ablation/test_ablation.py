"""Ablations: what each design lays out, and that its cells are what they claim to be."""

from itertools import combinations, product

import pytest

from edc_core.ablation import build_matrix, choice_factors, factors_of, parse_design
from edc_core.ablation.confounds import CONFOUNDS, mean_factor
from edc_core.ablation.design import DESIGN_KINDS, Design, cells_of
from edc_core.ablation.factors import GENERATORS, fractional_factorial_signs, full_factorial_signs
from edc_core.ablation.matrix import Job
from edc_core.config import RunConfig
from edc_core.data import describe
from edc_core.design_space.compose import configure
from edc_core.design_space.presets import CHOICES
from edc_core.design_space.profiles import LAB, PROFILES, Profile
from edc_core.stage_graph import build_stage_graph
from edc_core.training.schedules import make_schedule
from edc_core.training.views import ViewPlan

DATA = "fashion-mnist-mini"
DIGEST = describe(DATA).digest
SMALL = ("flatness", "ema-evaluation")


def design(kind: str, **values) -> Design:
    return parse_design({"kind": kind, "settings": "lab", "seeds": 1} | values)


def laid(kind: str, **values) -> dict[str, Job]:
    """The jobs of the first seed, by cell."""
    return {job.cell.name: job for job in build_matrix(design(kind, **values)).jobs}


def same_run(job: Job, preset: str, protocol: str | None = None, **changes) -> bool:
    """Whether the job rests on the very stages of a preset's run, and scores the same weights."""
    values = {name.replace("__", "."): value for name, value in changes.items()}
    config = configure(preset, DATA, LAB, 10, job.seed, protocol, values | {"score.split": "val"})
    keys = [node.key for node in build_stage_graph(config, DIGEST)]
    return keys == [n.key for n in job.prepared.nodes] and config.score.weights == job.prepared.config.score.weights


# Designs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values", "cells"),
    [
        ("ladder", {}, 7),
        ("ladder", {"presets": ["A", "SRe2L", "random"]}, 3),
        ("one-at-a-time", {}, 9),
        ("leave-one-out", {}, 9),
        ("factorial", {"choices": SMALL}, 4),
        ("factorial", {}, 256),
        ("fractional", {}, 16),
        ("fractional", {"choices": list(CHOICES)[:5]}, 16),
        ("confounds", {}, 9),
        ("waterfall", {}, 32),
    ],
)
def test_every_kind_has_its_cells_each_once(kind: str, values: dict, cells: int) -> None:
    asked = design(kind, **values)
    found = cells_of(asked, LAB)
    assert len(found) == len({cell.name for cell in found}) == cells
    names = {factor.name for factor in factors_of(asked, LAB)}
    if names:
        assert len({cell.on for cell in found}) == cells
        assert set().union(*(cell.on for cell in found)) == names
    assert kind in DESIGN_KINDS


def test_a_ladder_is_its_presets() -> None:
    for name, job in laid("ladder").items():
        assert same_run(job, name)
    hard = laid("ladder", presets=["A", "random"], protocol="hard")
    assert same_run(hard["A"], "A", "hard")
    assert same_run(hard["random"], "random", "hard")


def test_all_off_is_config_a_and_all_on_is_edc() -> None:
    for kind in ("factorial", "one-at-a-time"):
        assert same_run(laid(kind)["all off"], "A")
    for kind in ("factorial", "leave-one-out", "fractional"):
        assert same_run(laid(kind)["all on"], "G")
    only = laid("one-at-a-time")["only flatness regularisation"]
    assert same_run(only, "A", synthesise__flatness="logit")
    without = laid("leave-one-out")["without EMA-based evaluation"]
    assert same_run(without, "G", score__weights="raw")


def test_choices_that_are_not_in_a_factorial_stay_as_in_edc() -> None:
    cells = laid("factorial", choices=SMALL)
    assert same_run(cells["all on"], "G")
    assert same_run(cells["all off"], "G", synthesise__flatness="none", score__weights="raw")


def test_the_waterfall_goes_from_random_hard_plain_to_edc() -> None:
    cells = laid("waterfall")
    start = {"views__batch_size": 1024, "evaluate__zeta": 1.0, "score__weights": "raw"}
    assert same_run(cells["all off"], "random", "plain", **start)
    assert same_run(cells["all on"], "G")
    images = cells["without optimised images"]
    assert same_run(images, "random")  # EDC's labels and evaluation on the images that it starts from
    for table in PROFILES.values():  # and nothing of EDC's schedule is left at its start
        assert configure("G", DATA, table, 1, 0, changes=_all_off(table)).evaluate.zeta == 1.0
        assert configure("G", DATA, table, 1, 0, changes=_all_off(table)).evaluate.schedule == "cosine"


def _all_off(table: Profile) -> dict:
    return next(cell.changes for cell in cells_of(design("waterfall"), table) if not cell.on)


@pytest.mark.parametrize("table", PROFILES.values(), ids=PROFILES)
def test_factors_are_the_tables_own(table: Profile) -> None:
    factors = choice_factors(table)
    assert [factor.name for factor in factors] == list(CHOICES)
    everything = {path: value for factor in factors for path, value in factor.off.items()}
    assert configure("G", DATA, table, 1, 0, changes=everything) == configure("A", DATA, table, 1, 0).model_copy(
        update={"preset": "G"}
    )


def test_split_students_and_changes_reach_every_cell() -> None:
    values = {"split": "test", "students": ["wrn-10-1"], "changes": {"views.epochs": 3}, "choices": SMALL}
    for job in build_matrix(design("factorial", **values)).jobs:
        config = job.prepared.config
        assert (config.score.split, config.evaluate.students, config.views.epochs) == ("test", ("wrn-10-1",), 3)
    tested = {key for job in laid("factorial", split="test", choices=SMALL).values() for key in job.score_keys}
    held_out = {key for job in laid("factorial", choices=SMALL).values() for key in job.score_keys}
    assert not tested & held_out


def test_seeds_redraw_everything_but_the_observers() -> None:
    jobs = build_matrix(design("ladder", presets=["G"], seeds=2, first_seed=5)).jobs
    assert [job.seed for job in jobs] == [5, 6]
    nodes = [{node.stage: node.key for node in job.prepared.nodes} for job in jobs]
    same = {stage for stage in nodes[0] if nodes[0][stage] == nodes[1][stage]}
    assert same == {"squeeze", "statistics"}


# Fractions ------------------------------------------------------------------------------------------

RESOLUTION = {3: 3, 4: 4, 5: 5, 6: 4, 7: 4, 8: 4}  # the highest (Montgomery, table 8.14)


@pytest.mark.parametrize("count", GENERATORS)
def test_a_fraction_is_balanced_up_to_its_resolution_and_no_further(count: int) -> None:
    rows = fractional_factorial_signs(count)
    assert len(set(rows)) == len(rows) == 2 ** GENERATORS[count][0] < 2**count
    assert (True,) * count in rows
    strength = RESOLUTION[count] - 1  # any so many columns hold every combination equally often

    def balanced(columns: tuple[int, ...]) -> bool:
        seen = [tuple(row[column] for column in columns) for row in rows]
        levels = list(product((False, True), repeat=len(columns)))
        return all(seen.count(level) * len(levels) == len(rows) for level in levels)

    assert all(balanced(columns) for columns in combinations(range(count), strength))
    assert not all(balanced(columns) for columns in combinations(range(count), strength + 1))


def test_a_full_factorial_begins_with_all_off_and_ends_with_all_on() -> None:
    rows = full_factorial_signs(3)
    assert rows[0] == (False,) * 3
    assert rows[-1] == (True,) * 3
    assert len(set(rows)) == 8


# Confounds ------------------------------------------------------------------------------------------


def confounds(table: Profile, ipc: int, classes: int = 10) -> dict[str, RunConfig]:
    cells = cells_of(design("confounds"), table, ipc, classes)
    return {cell.name: configure(cell.preset, DATA, table, ipc, 0, changes=cell.changes) for cell in cells}


def steps(config: RunConfig) -> int:
    return ViewPlan(config.views, config.ipc * 10, 28).steps


def mean_rate(config: RunConfig) -> float:
    factor, points = make_schedule(config.evaluate), 4_000
    return config.evaluate.lr * sum(factor((point + 0.5) / points) for point in range(points)) / points


@pytest.mark.parametrize("ipc", [1, 7, 10, 50])
@pytest.mark.parametrize("table", PROFILES.values(), ids=PROFILES)
def test_equal_steps_and_equal_mean_rate_are_equal(table: Profile, ipc: int) -> None:
    cells = confounds(table, ipc)
    edc, large = cells["EDC"], cells["batch 1024, equal steps"]
    assert steps(large) == steps(edc)
    assert large.views.batch_size == cells["batch 1024, equal epochs"].views.batch_size == 1024
    assert cells["batch 1024, equal epochs"].views.epochs == edc.views.epochs
    if ipc * 10 > edc.views.batch_size:
        assert steps(cells["batch 1024, equal epochs"]) < steps(edc)
    assert mean_rate(cells["cosine, equal mean rate"]) == pytest.approx(mean_rate(edc), rel=1e-3)
    assert mean_rate(cells["cosine, zeta 1"]) < mean_rate(edc)


@pytest.mark.parametrize("zeta", [1.0, 1.5, 2.0, 4.0])
def test_the_mean_factor_is_the_schedules_integral(zeta: float) -> None:
    rule = make_schedule(configure("G", DATA, LAB, 1, 0, changes={"evaluate.zeta": zeta}).evaluate)
    assert mean_factor(zeta) == pytest.approx(sum(rule((i + 0.5) / 5000) for i in range(5000)) / 5000, abs=1e-6)


def test_confounds_change_one_thing_and_name_what_they_stand_beside() -> None:
    cells = confounds(LAB, 10)
    names = {entry.name for entry in CONFOUNDS}
    assert all(entry.against in names and entry.question for entry in CONFOUNDS if entry.against)
    twice, once = cells["noise, twice the iterations"], cells["noise, equal iterations"]
    assert twice.synthesise.iterations == 2 * once.synthesise.iterations == 2 * cells["EDC"].synthesise.iterations
    assert once.initialise.kind == twice.initialise.kind == "noise"
    images, labels = cells["baseline's observers for images"], cells["baseline's observers for labels"]
    assert images.relabel == cells["EDC"].relabel
    assert images.synthesise.observers == labels.relabel.observers == LAB.off["backbones"]["relabel.observers"]
    assert labels.synthesise == cells["EDC"].synthesise
