"""Interactions, shares over all orders, and what seeds can detect, against made-up factorials."""

import math
import time
from collections.abc import Iterator
from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from edc_core.ablation.effects import (
    Effect,
    gain,
    gain_ranges,
    interactions,
    is_full,
    main_effects,
    minimum_detectable_effect,
    most_favourable_order,
    shapley,
    stepwise_gains,
)
from edc_core.ablation.factors import fractional_factorial_signs, full_factorial_signs
from edc_core.errors import SettingsError
from edc_core.intervals import (
    detectable_in_standard_errors,
    minimum_detectable_text,
    pooled_standard_deviation,
    standard_error,
)
from edc_core.judging import estimate
from tests.support.factorials import closed_form, factors, fake, random_model


def test_detectable_is_the_formula_and_more_seeds_see_more() -> None:
    effect = Effect(("a",), estimate([1.0, 2.0, 4.0]), {0: 1.0, 1: 2.0, 2: 4.0})
    deviation = np.std([1, 2, 4], ddof=1)
    assert pooled_standard_deviation([effect]) == pytest.approx(deviation)
    assert standard_error(effect.estimate) == pytest.approx(deviation / math.sqrt(3))
    assert minimum_detectable_effect([effect]) == pytest.approx(5.6535 * deviation / math.sqrt(3))
    assert minimum_detectable_effect([effect], seeds=5) == pytest.approx(3.7611 * deviation / math.sqrt(5))
    assert minimum_detectable_effect([Effect(("a",), estimate([1.0]), {0: 1.0})]) is None
    assert minimum_detectable_effect([]) is None
    many = Effect(("b",), estimate([1.0, 2.0, 4.0, 2.0]), {0: 1.0, 1: 2.0, 2: 4.0, 3: 2.0})
    assert minimum_detectable_effect([effect, many]) == minimum_detectable_effect(
        [effect, many], seeds=3
    )  # as many as each of them has
    # Findings of unlike noise are told as a range: each by its own, not by the noisiest one's.
    quiet, loud = (
        Effect((name,), estimate([-size, 0.0, size]), {0: -size, 1: 0.0, 2: size})
        for name, size in (("a", 0.1), ("b", 1.0))
    )
    factor = 5.6535 / math.sqrt(3)  # 3.264 x the standard deviation of each
    assert minimum_detectable_text([quiet, loud]) == f"{0.1 * factor:.1f} to {1.0 * factor:.1f}" == "0.3 to 3.3"
    assert minimum_detectable_text([loud, loud]) == "3.3"
    assert minimum_detectable_text([]) is None


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 10, 11, 29])
def test_what_is_noticed_is_found_four_times_in_five(freedom: int) -> None:
    """Power of the t test: over the spread that the sample shows, s = chi / sqrt(freedom), of a normal's tails."""
    quantile, away = stats.t.ppf(0.975, freedom), detectable_in_standard_errors(freedom)
    shares = (np.arange(200_000) + 0.5) / 200_000
    spreads = np.sqrt(stats.chi2.ppf(shares, freedom) / freedom)
    found = stats.norm.sf(quantile * spreads - away) + stats.norm.cdf(-quantile * spreads - away)
    assert found.mean() == pytest.approx(0.8, abs=1e-3)


def gains_by_order(cells: dict, count: int) -> Iterator[dict[str, float]]:
    """Every order's gains by direct subtraction of stored cells, mean over seeds."""
    means = {on: float(np.mean(list(by_seed.values()))) for on, by_seed in cells.items()}
    for order in permutations("abcdefgh"[:count]):
        yield {
            name: means[frozenset(order[: place + 1])] - means[frozenset(order[:place])]
            for place, name in enumerate(order)
        }


def test_shares_are_the_mean_over_all_orders_and_sum_to_the_gain() -> None:
    rng = np.random.default_rng(7)
    cells = fake(random_model(4, rng), full_factorial_signs(4), 3, 1.0, rng)
    shares = shapley(cells, factors(4))
    orders = list(gains_by_order(cells, 4))
    for share in shares:
        assert share.estimate.mean == pytest.approx(np.mean([order[share.names[0]] for order in orders]), abs=1e-9)
    total = gain(cells, factors(4))
    assert sum(share.estimate.mean for share in shares) == pytest.approx(total.estimate.mean, abs=1e-9)
    for seed in range(3):
        assert sum(share.by_seed[seed] for share in shares) == pytest.approx(total.by_seed[seed], abs=1e-9)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_in_shares_only_odd_orders_survive(count: int) -> None:
    model = random_model(count, np.random.default_rng(count))
    cells = fake(model, full_factorial_signs(count))
    effects = {
        effect.names: effect.estimate.mean
        for order in range(1, count + 1)
        for effect in interactions(cells, factors(count), order)
    }
    for share in shapley(cells, factors(count)):
        (name,) = share.names
        assert share.estimate.mean == pytest.approx(closed_form(model, name), abs=1e-9)
        odd = [value / len(names) for names, value in effects.items() if name in names and len(names) % 2]
        assert share.estimate.mean == pytest.approx(sum(odd), abs=1e-9)


def test_shares_need_every_cell_with_one_seed() -> None:
    cells = fake(random_model(3, np.random.default_rng(0)), full_factorial_signs(3), 2)
    assert is_full(cells, factors(3))
    del cells[frozenset("ab")][0], cells[frozenset("c")][1]
    assert not is_full(cells, factors(3))
    with pytest.raises(SettingsError, match="at most 7 of the 8 combinations"):
        shapley(cells, factors(3))
    with pytest.raises(SettingsError, match="full factorial"):
        gain_ranges(cells, factors(3))
    assert main_effects(cells, factors(3)) == []


def test_a_seed_counts_only_where_every_cell_has_it() -> None:
    rng = np.random.default_rng(5)
    cells = fake(random_model(2, rng), full_factorial_signs(2), 4, 1.0, rng)
    del cells[frozenset("a")][2]
    assert all(set(effect.by_seed) == {0, 1, 3} for effect in main_effects(cells, factors(2)))
    assert gain(cells, factors(2)).estimate.count == 4
    assert stepwise_gains(cells, ("b", "a"))[1].level.count == 4
    assert stepwise_gains(cells, ("a", "b"))[2].level.count == 3


def test_a_fraction_gives_only_what_it_can_tell_apart() -> None:
    model = random_model(4, np.random.default_rng(2))
    cells = fake(model, fractional_factorial_signs(4))  # resolution IV: d = abc
    found = main_effects(cells, factors(4))
    alias = {"a": ("b", "c", "d"), "b": ("a", "c", "d"), "c": ("a", "b", "d"), "d": ("a", "b", "c")}
    for effect in found:
        assert effect.estimate.mean == pytest.approx(2 * (model[effect.names] + model[alias[effect.names[0]]]))
    assert len(found) == 4
    assert interactions(cells, factors(4)) == []
    of_five = fake(random_model(5, np.random.default_rng(2)), fractional_factorial_signs(5))  # resolution V
    assert len(interactions(of_five, factors(5))) == 10
    with pytest.raises(SettingsError, match="at most 8 of the 16"):
        shapley(cells, factors(4))


def test_unbalanced_cells_give_no_effects() -> None:
    cells = fake(random_model(3, np.random.default_rng(2)), full_factorial_signs(3)[:5])
    assert main_effects(cells, factors(3)) == []
    one_at_a_time = {on: seeds for on, seeds in fake({(): 1.0}, full_factorial_signs(3)).items() if len(on) < 2}
    assert main_effects(one_at_a_time, factors(3)) == []
    a_always_off = fake(
        random_model(3, np.random.default_rng(2)), full_factorial_signs(3)[:4]
    )  # a matrix that is half way
    assert main_effects(a_always_off, factors(3)) == interactions(a_always_off, factors(3)) == []
    assert main_effects({}, factors(3)) == []


def test_any_order_is_the_sum_of_stored_cells() -> None:
    rng = np.random.default_rng(11)
    cells = fake(random_model(8, rng), full_factorial_signs(8), 3, 1.0, rng)
    total = gain(cells, factors(8)).estimate
    for _ in range(10):
        order = tuple(str(name) for name in rng.permutation(list("abcdefgh")))
        found = stepwise_gains(cells, order)
        assert [step.name for step in found] == ["all off", *order]
        assert found[0].gain is None
        for place, step in enumerate(found):
            cell = cells[frozenset(order[:place])]
            assert step.on == frozenset(order[:place])
            assert step.level.mean == pytest.approx(sum(cell.values()) / 3, abs=1e-9)
            if place:
                before = cells[frozenset(order[: place - 1])]
                gains = [cell[seed] - before[seed] for seed in range(3)]
                assert step.gain.mean == pytest.approx(sum(gains) / 3, abs=1e-9)
                assert step.gain.low == pytest.approx(estimate(gains).low, abs=1e-9)
        assert sum(step.gain.mean for step in found[1:]) == pytest.approx(total.mean, abs=1e-9)


def test_an_order_that_was_not_measured_says_which_rung() -> None:
    cells = fake({(): 1.0}, full_factorial_signs(2))
    with pytest.raises(SettingsError, match="'a, z'"):
        stepwise_gains(cells, ("a", "z"))
    with pytest.raises(SettingsError, match="twice"):
        stepwise_gains(cells, ("a", "a"))
    with pytest.raises(SettingsError, match="'z' is not in this matrix"):
        most_favourable_order(cells, factors(2), "z")


def test_ranges_are_those_of_all_orders_and_their_orders_attain_them() -> None:
    rng = np.random.default_rng(13)
    cells = fake(random_model(4, rng), full_factorial_signs(4), 3, 1.0, rng)
    orders = list(gains_by_order(cells, 4))
    for name, (low, high, order_low, order_high) in gain_ranges(cells, factors(4)).items():
        assert low == pytest.approx(min(order[name] for order in orders), abs=1e-9)
        assert high == pytest.approx(max(order[name] for order in orders), abs=1e-9)
        for order, value in ((order_low, low), (order_high, high)):
            assert sorted(order) == list("abcd")
            assert stepwise_gains(cells, order)[order.index(name) + 1].gain.mean == pytest.approx(value, abs=1e-9)
        assert most_favourable_order(cells, factors(4), name) == order_high


def test_eight_choices_are_analysed_while_a_slider_moves() -> None:
    rng = np.random.default_rng(17)
    cells = fake(random_model(8, rng), full_factorial_signs(8), 3, 1.0, rng)
    order = tuple("hgfedcba")
    limits = {
        0.05: (lambda: shapley(cells, factors(8)), lambda: gain_ranges(cells, factors(8))),
        0.005: (lambda: stepwise_gains(cells, order),),
    }
    for limit, calls in limits.items():
        for call in calls:
            assert min(_seconds(call) for _ in range(5)) < limit


def _seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_a_figure_is_said_with_its_interval_and_its_seeds() -> None:
    three = Effect(("a",), estimate([0.8, 1.2, 1.6]), {0: 0.8, 1: 1.2, 2: 1.6})
    assert three.text() == "+1.2 points (95 % interval +0.2 to +2.2, 3 seeds)"
    assert not three.few
    two = Effect(("a",), estimate([-0.8, -1.2]), {0: -0.8, 1: -1.2})
    assert two.text() == "−1.0 points (95 % interval −3.5 to +1.5, only 2 seeds)"
    assert two.few
    assert Effect(("a",), estimate([0.5]), {0: 0.5}).text() == "+0.5 points (one seed, no interval)"
