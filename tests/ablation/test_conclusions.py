"""Plain words made of numbers: each says its interval, its seeds, and what could have been shown."""

import re
from pathlib import Path

import pytest

from edc_core.ablation.analysis import AblationAnalysis
from edc_core.ablation.conclusions import caution, rests_on, sentences
from edc_core.ablation.design import factors_of
from edc_core.ablation.matrix import profile_of
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.results import rows_of
from edc_core.intervals import minimum_detectable_effect
from edc_core.store import Store
from tests.support.stored_matrices import stored_matrix

CLIMB = {"A": 60.0, "B": 61.0, "G": 64.0, "random": 63.0}
TINY = {"settings": "tiny"}


@pytest.fixture
def found(bare_store: Store, tmp_path: Path):
    """Makes the findings of a made-up stored matrix; `of` gives each job's accuracy."""

    def make(of=None, **design) -> AblationAnalysis:
        scored = (lambda job: (of(job), of(job))) if of else None
        matrix = stored_matrix(tmp_path / "stored", "made-up", scored, **TINY | design)
        rows = rows_of(matrix, ScoreLookup(bare_store.stage_results, (tmp_path / "stored",)))
        factors = factors_of(matrix.design, profile_of(matrix.design, matrix.jobs[0].prepared.description))
        return AblationAnalysis(matrix.design, factors, tuple(rows))

    return make


def ladder(wobble: float = 0.1):
    """Accuracies of a ladder; random images differ from G by the seed's own luck."""
    luck = (-2.0, 1.0, 2.0, -1.5, 0.5)

    def of(job) -> float:
        if job.cell.name == "random":
            return CLIMB["G"] + luck[job.seed]
        return CLIMB[job.cell.name] + wobble * job.seed * (job.cell.name != "A")

    return of


def test_a_ladder_says_its_climb_first_and_each_rung_after(found) -> None:
    one = found(ladder(), kind="ladder", presets=["A", "B", "G", "random"], seeds=5)
    said = sentences(one)
    # G over A is 4.0 to 4.4: mean 4.2, sd 0.158, half 2.776 x 0.158 / sqrt 5 = 0.196
    assert said[0] == "A to G climbs by 4.2 points (95 % interval 4.0 to 4.4, 5 seeds): from 60.0 % to 64.2 %."
    assert said[1].startswith("B against A (real image initialisation): +1.2 points (95 % interval +1.0 to +1.4, 5")
    assert [text.split(":")[0].split(" (")[0] for text in said[1:]] == [
        "B against A",
        "G against B",
        "random against G",
    ]


def test_a_difference_that_may_be_nothing_says_what_could_have_been_shown(found) -> None:
    one = found(ladder(), kind="ladder", presets=["A", "B", "G", "random"], seeds=5)
    last = sentences(one)[-1]
    smallest = minimum_detectable_effect(
        [contrast for contrast in one.contrasts if contrast.name == "random"]
    )  # by its own noise
    assert f"no difference that this design could show; it could have shown {smallest:.1f}." in last
    assert "against G: −0.2 points (95 % interval −2." in last


def test_a_fall_is_told_as_a_fall_and_one_seed_as_nothing(found) -> None:
    down = found(lambda job: 70.0 - 5 * (job.cell.name == "G") + 0.2 * job.seed, kind="ladder", presets=["A", "G"])
    assert sentences(down)[0].startswith("A to G falls by 5.0 points (95 % interval 5.0 to 5.0, 3 seeds): from 70.2 %")
    # -4.8, -5.0 and -5.2: half 4.303 x 0.2 / sqrt 3 = 0.497
    wide = found(lambda job: 70.0 - (4.8 + 0.2 * job.seed) * (job.cell.name == "G"), kind="ladder", presets=["A", "G"])
    assert sentences(wide)[0].startswith("A to G falls by 5.0 points (95 % interval 4.5 to 5.5, 3 seeds)")
    single = found(ladder(), kind="ladder", presets=["A", "G"], seeds=1)
    assert sentences(single) == ["A to G: +4.0 points (one seed, no interval). One seed shows nothing yet."]
    assert caution(single).startswith("Only 1 seed: treat these figures as a hint.")
    assert rests_on(single) == []


def test_a_climb_goes_from_and_to_the_means_of_the_shared_seeds(found) -> None:
    one = found(ladder(), kind="ladder", presets=["A", "G"], seeds=4)
    some = tuple(row for row in one.rows if (row.cell, row.seed) not in (("G", 3), ("A", 0)))
    assert sentences(AblationAnalysis(one.design, (), some))[0].endswith(
        "2 seeds): from 60.0 % to 64.2 %."
    )  # seeds 1 and 2


def test_a_factorial_says_the_whole_the_parts_and_the_pairs(found) -> None:
    one = found(kind="factorial", choices=["flatness", "small-batch", "ema-evaluation"])
    said = sentences(one)
    assert said[0].startswith("All off to all on climbs by ")
    assert [text.split(",")[0] for text in said[1:4]] == [
        "Smaller batch size",
        "EMA-based evaluation",
        "Flatness regularisation",
    ]
    # -0.5 and 0.1 more with each seed: -0.4, sd 0.1, half 4.303 x 0.1 / sqrt 3
    assert "−0.40 points" not in said[3]
    assert "−0.4 points (95 % interval −0.6 to −0.2, 3 seeds)." in said[3]
    assert "smaller batch size with EMA-based evaluation +0.6 points" in said[-1]
    assert caution(one) == ""
    assert any(text.startswith("Main effects: the smallest true one") for text in rests_on(one))


def test_the_whole_gain_is_of_the_seeds_that_its_shares_are_of(found) -> None:
    one = found(kind="factorial", choices=["flatness", "small-batch"], seeds=4)
    ends = (frozenset(), frozenset({"flatness", "small-batch"}))
    half_way = AblationAnalysis(
        one.design, one.factors, tuple(row for row in one.rows if row.seed < 3 or row.on in ends)
    )
    assert half_way.whole.estimate.count == 3
    assert sum(share.estimate.mean for share in half_way.shares) == pytest.approx(half_way.whole.estimate.mean)


def test_a_choice_that_switches_nothing_is_said_to_be_uncompared(found) -> None:
    one = found(kind="factorial", choices=["small-batch", "backbones"])  # tiny has one committee for both
    assert "Better backbone choice is the same on and off in these settings: nothing was compared." in sentences(one)
    assert [effect.names for effect in one.mains] == [("small-batch",)]
    assert one.idle == ["better backbone choice"]


def test_the_order_is_said_to_decide_where_it_turns_the_sign(found) -> None:
    def of(job) -> float:
        on = job.cell.on
        steep = 3.0 if "flatness" in on else -3.0
        return 60 + steep * ("small-batch" in on) + 0.01 * job.seed * len(on)

    said = sentences(found(of, kind="factorial", choices=["flatness", "small-batch"]))
    assert any(
        re.match(r"Smaller batch size: −3.0 points .* in one order .*, \+3.0 points .* in another", s) for s in said
    )


def test_the_order_decides_nothing_where_either_end_may_be_nought(found) -> None:
    def of(job) -> float:
        on = job.cell.on
        steep = 1.0 if "flatness" in on else -1.0
        return 60 + (steep + 3 * (job.seed - 1)) * ("small-batch" in on)

    one = found(of, kind="factorial", choices=["flatness", "small-batch"])
    assert one.spans["small-batch"].low < 0 < one.spans["small-batch"].high
    assert not any("turns with the order" in text for text in sentences(one))


def test_single_differences_and_the_waterfall_have_words_too(found) -> None:
    out = sentences(found(kind="leave-one-out", choices=["small-batch", "flatness"]))
    assert {text.split(":")[0] for text in out} == {
        "Only smaller batch size against all on",
        "Only flatness regularisation against all on",
    }
    held = sentences(found(lambda job: 70 + 0.1 * job.seed, kind="confounds"))
    assert all("the same in every seed" in text for text in held)
    fall = sentences(found(kind="waterfall"))
    assert fall[0].startswith("From ")
    assert fall[-1] == "All of it over 3 seeds; in brackets stand 95 % intervals."


def test_no_difference_is_said_without_its_seeds(found) -> None:
    for design in ({"kind": "ladder", "presets": ["A", "G", "random"]}, {"kind": "one-at-a-time"}):
        for text in sentences(found(lambda job: 60.0 + (7 * len(job.cell.name) + 13 * job.seed) % 97 / 10, **design)):
            assert re.search(r"seeds\)|same in every seed", text), text


def test_nothing_measured_says_nothing(bare_store: Store, found) -> None:
    one = found(kind="ladder", presets=["A", "G"])
    empty = AblationAnalysis(one.design, one.factors, ())
    assert sentences(empty) == []
    assert caution(empty) == ""
    assert rests_on(empty) == []
