"""Learning-rate factors against values computed by hand."""

import math

import pytest

from edc_core.config import EvaluateConfig
from edc_core.training.schedules import AdaptiveDecay, make_schedule, multistep, smoothed_cosine, ssrs


def test_the_plain_cosine_goes_from_one_through_a_half_towards_zero():
    assert [smoothed_cosine(p, zeta=1) for p in (0, 0.5, 1)] == pytest.approx([1, 0.5, 0])
    assert smoothed_cosine(1 / 3, zeta=1) == pytest.approx(0.75)


def test_smoothing_by_two_ends_at_a_half():
    assert smoothed_cosine(1.0) == pytest.approx(0.5)  # zeta = 2: the cosine's first half
    assert smoothed_cosine(0.5) == pytest.approx((1 + math.sqrt(0.5)) / 2)
    assert smoothed_cosine(1.0, zeta=1.5) == pytest.approx(0.25)


def test_ssrs_drops_to_a_sixth_after_five_sixths_and_then_falls_linearly_to_zero():
    peak = (1 + math.cos(math.pi * 5 / 12)) / 2  # 0.6294...
    assert ssrs(0.4) == pytest.approx((1 + math.cos(0.2 * math.pi)) / 2)
    assert ssrs(5 / 6) == pytest.approx(peak)
    assert ssrs(5 / 6 + 1e-9) == pytest.approx(peak / 6, rel=1e-6)
    assert ssrs(11 / 12) == pytest.approx(peak / 12)
    assert ssrs(1.0) == 0


def test_multistep_halves_at_80_90_and_95_percent():
    assert [multistep(p) for p in (0, 0.799, 0.8, 0.899, 0.9, 0.949, 0.95, 0.999)] == [
        1,
        1,
        0.5,
        0.5,
        0.25,
        0.25,
        0.125,
        0.125,
    ]
    assert multistep(0.92, gamma=0.1) == pytest.approx(0.01)


@pytest.mark.parametrize("steps", [20, 300, 1000, 3700])
def test_multistep_falls_at_the_exact_steps(steps):
    factors = [multistep(step / steps) for step in range(steps)]
    falls = [step for step in range(1, steps) if factors[step] < factors[step - 1]]
    assert falls == [steps * 80 // 100, steps * 90 // 100, steps * 95 // 100]


def test_adaptive_decay_needs_both_a_small_change_and_a_small_relative_one():
    schedule = AdaptiveDecay(gamma=0.5)
    factors = []
    #        first  fell  1.5 %, 0.15  same  0.4 %   1 %  15 %  0.0149
    losses = [12.0, 10.0, 9.85, 9.85, 0.500, 0.495, 0.100, 0.115, 0.115]
    for loss in losses:
        schedule.on_epoch_end(loss)
        factors.append(schedule(0.5))
    assert factors == [1, 1, 1, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]


def test_adaptive_decay_goes_on_from_its_state():
    before = AdaptiveDecay(gamma=0.5)
    for loss in (1.0, 1.0):
        before.on_epoch_end(loss)
    after = AdaptiveDecay(gamma=0.5, **before.state())
    after.on_epoch_end(1.0)
    assert (before(0), after(0)) == (0.5, 0.25)


@pytest.mark.parametrize(
    ("settings", "progress", "factor"),
    [
        ({"schedule": "cosine", "zeta": 1.0}, 0.5, 0.5),
        ({"schedule": "cosine", "zeta": 2.0}, 2 / 3, 0.75),
        ({"schedule": "ssrs", "zeta": 1.0}, 11 / 12, (1 + math.cos(math.pi * 5 / 6)) / 24),
        ({"schedule": "multistep", "gamma": 0.2}, 0.85, 0.2),
        ({"schedule": "constant"}, 0.99, 1.0),
    ],
)
def test_the_settings_choose_the_schedule(settings, progress, factor):
    schedule = make_schedule(EvaluateConfig(**settings))
    schedule.on_epoch_end(1.0)
    schedule.on_epoch_end(1.0)
    assert schedule(progress) == pytest.approx(factor)
    assert schedule.state() == {}


def test_the_settings_choose_adaptive_decay_with_their_gamma():
    schedule = make_schedule(EvaluateConfig(schedule="alrs", gamma=0.1))
    assert schedule(0.9) == 1
    schedule.on_epoch_end(1.0)
    schedule.on_epoch_end(1.0)
    assert schedule(0.9) == pytest.approx(0.1)
