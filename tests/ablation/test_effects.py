"""Effects in factorials: a known model is found again, intervals keep their promise, orders sum stored cells."""

import math
from itertools import combinations

import numpy as np
import pytest

from edc_core.ablation.effects import (
    Effect,
    count_excluding_zero,
    expected_false_alarms,
    gain,
    interactions,
    main_effects,
    minimum_detectable_effect,
    shapley,
)
from edc_core.ablation.factors import full_factorial_signs
from edc_core.intervals import (
    detectable_in_standard_errors,
)
from edc_core.judging import estimate
from tests.support.factorials import closed_form, factors, fake, random_model


def covers(effect: Effect, truth: float) -> bool:
    return effect.estimate.low <= truth <= effect.estimate.high


def test_without_noise_every_effect_is_twice_its_coefficient() -> None:
    model = random_model(4, np.random.default_rng(1))
    cells = fake(model, full_factorial_signs(4))
    for order in (1, 2, 3, 4):
        found = interactions(cells, factors(4), order)
        assert [effect.names for effect in found] == list(combinations("abcd", order))
        for effect in found:
            assert effect.estimate.mean == pytest.approx(2 * model[effect.names], abs=1e-9)


def test_effects_are_differences_of_means_and_half_differences_of_effects() -> None:
    cells = {frozenset(): {0: 50.0}, frozenset("a"): {0: 53.0}, frozenset("b"): {0: 51.0}, frozenset("ab"): {0: 60.0}}
    a, b = main_effects(cells, factors(2))
    assert a.estimate.mean == pytest.approx((53 + 60) / 2 - (50 + 51) / 2)
    assert b.estimate.mean == pytest.approx((51 + 60) / 2 - (50 + 53) / 2)
    (both,) = interactions(cells, factors(2))
    assert both.names == ("a", "b")
    assert both.estimate.mean == pytest.approx(((60 - 51) - (53 - 50)) / 2)


def test_a_known_model_under_noise_is_found_within_the_intervals() -> None:
    rng = np.random.default_rng(4)
    model = random_model(8, rng)
    cells = fake(model, full_factorial_signs(8), 3, 1.0, rng)
    found = main_effects(cells, factors(8)) + interactions(cells, factors(8))
    assert len(found) == 36
    assert sum(covers(effect, 2 * model[effect.names]) for effect in found) >= 33
    shares = shapley(cells, factors(8))
    assert sum(covers(share, closed_form(model, share.names[0])) for share in shares) >= 7
    true_gain = sum(closed_form(model, factor.name) for factor in factors(8))
    assert covers(gain(cells, factors(8)), true_gain)


def with_shared_images(cells: dict, name: str, seeds: int, rng: np.random.Generator) -> dict:
    """Noise that cells have in common, as those do whose images come from one synthesis."""
    shared = rng.normal(0, 1, (2, seeds))
    return {
        on: {seed: top1 + shared[int(name in on), seed] for seed, top1 in found.items()} for on, found in cells.items()
    }


def test_intervals_cover_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    model = random_model(3, rng)
    truths = [2 * model[(name,)] for name in "abc"] + [2 * model[pair] for pair in combinations("abc", 2)]
    truths += [closed_form(model, name) for name in "abc"]
    hits = np.zeros(len(truths))
    for _ in range(1000):
        cells = with_shared_images(fake(model, full_factorial_signs(3), 3, 0.8, rng), "b", 3, rng)
        found = main_effects(cells, factors(3)) + interactions(cells, factors(3)) + shapley(cells, factors(3))
        hits += [covers(effect, truth) for effect, truth in zip(found, truths, strict=True)]
    assert np.abs(hits / 1000 - 0.95).max() <= 0.02, hits


def test_nothing_there_excludes_zero_as_often_as_said_and_the_detectable_is_detected() -> None:
    rng = np.random.default_rng(3)
    alarms = expected = 0.0
    smallest = []
    for _ in range(300):
        found = main_effects(fake({(): 60.0}, full_factorial_signs(3), 4, 1.0, rng), factors(3))
        alarms += count_excluding_zero(found)
        expected += expected_false_alarms(found)
        smallest.append(minimum_detectable_effect(found))
    assert expected == pytest.approx(0.05 * 900)
    assert abs(alarms - expected) < 3 * math.sqrt(expected)
    # Each of 8 runs has noise 1, so an effect of one seed has 2 / sqrt(8); the pooled spread finds it again.
    between = 2 / math.sqrt(8)
    right = detectable_in_standard_errors(3) * between / 2
    assert np.sqrt(np.mean(np.square(smallest))) == pytest.approx(right, rel=0.03)
    model = {(): 60.0, ("a",): right / 2}
    seen = [main_effects(fake(model, full_factorial_signs(3), 4, 1.0, rng), factors(3))[0] for _ in range(600)]
    assert count_excluding_zero(seen) / 600 == pytest.approx(0.8, abs=0.05)
    assert expected_false_alarms([*found, Effect(("a",), estimate([1.0]), {0: 1.0})]) == expected_false_alarms(
        found
    )  # it has no interval
