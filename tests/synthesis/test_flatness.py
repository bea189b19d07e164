"""Flatness terms: direction, reduction and gradient, by hand in NumPy float64."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from edc_core.config import SynthesiseConfig
from edc_core.synthesis.flatness import (
    FLATNESS_LOSSES,
    NEEDS_AVERAGE,
    FlatnessInputs,
    logit_flatness,
    reference_flatness,
    sam_perturb,
)
from edc_core.synthesis.flatness import statistics_flatness as statistics_term
from edc_core.synthesis.moments import Moments

TAU = 4.0
OWN = torch.tensor([[13.0, -8.0, 1.0, 0.0], [0.0, 12.0, 5.0, -2.0], [6.0, 6.0, -1.0, 9.0]])
EMA = torch.tensor([[-5.0, 2.0, 1.0, 4.0], [1.0, 3.0, 9.0, 0.0], [2.0, -7.0, 4.0, 3.0]])


def make_step(own=OWN, ema=EMA, moments=None, ema_moments=None, temperature=TAU) -> FlatnessInputs:
    config = SynthesiseConfig(observers=("resnet18",), flatness_temperature=temperature)
    return FlatnessInputs(own, moments, ema, ema_moments, groups=two_groups, config=config)


def two_groups(difference: torch.Tensor) -> torch.Tensor:
    """Columns 0 and 1 are one norm, column 2 another."""
    return torch.stack([difference[:, :2].norm(dim=1), difference[:, 2:].norm(dim=1)], 1)


def softmax(z: torch.Tensor, tau: float = TAU) -> np.ndarray:
    e = np.exp(z.detach().double().numpy() / tau)
    return e / e.sum(1, keepdims=True)


def test_the_logit_form_is_kl_of_images_to_average_summed_over_classes_averaged_over_the_batch():
    p, q = softmax(OWN), softmax(EMA)
    expected = (p * np.log(p / q)).sum() / 3
    assert logit_flatness(make_step()).item() == pytest.approx(expected, rel=1e-5)
    assert expected != pytest.approx((q * np.log(q / p)).sum() / 3, rel=1e-2)  # the directions differ here


def test_the_reference_form_is_kl_of_average_to_images_averaged_over_all_elements():
    p, q = softmax(OWN), softmax(EMA)
    assert reference_flatness(make_step()).item() == pytest.approx((q * np.log(q / p)).sum() / 12, rel=1e-5)


def test_the_forms_are_each_others_mirror_up_to_the_number_of_classes():
    assert logit_flatness(make_step(EMA, OWN)).item() == pytest.approx(4 * reference_flatness(make_step()).item())


def test_the_temperature_comes_from_the_settings():
    p, q = softmax(OWN, 1.5), softmax(EMA, 1.5)
    step = make_step(temperature=1.5)
    assert logit_flatness(step).item() == pytest.approx((p * np.log(p / q)).sum() / 3, rel=1e-5)


def test_the_logit_forms_gradient_needs_none_through_the_average():
    own = OWN.clone().requires_grad_()
    logit_flatness(make_step(own, EMA)).backward()
    p, ratio = softmax(OWN), np.log(softmax(OWN) / softmax(EMA))
    expected = p * (ratio - (p * ratio).sum(1, keepdims=True)) / (3 * TAU)
    np.testing.assert_allclose(own.grad, expected, rtol=1e-4, atol=1e-7)


def test_the_reference_forms_gradient_is_the_difference_of_the_softmaxes():
    own = OWN.clone().requires_grad_()
    reference_flatness(make_step(own, EMA)).backward()
    np.testing.assert_allclose(own.grad, (softmax(OWN) - softmax(EMA)) / (12 * TAU), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", sorted(NEEDS_AVERAGE))
def test_every_term_is_zero_where_images_and_average_agree(name):
    moments = Moments(torch.rand(3, 3), torch.rand(3, 3))
    assert FLATNESS_LOSSES[name](make_step(OWN, OWN, moments, moments)).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", ["none", "sam"])
def test_off_and_sam_add_nothing(name):
    term = FLATNESS_LOSSES[name](make_step(ema=None))
    assert (term.item(), term.shape) == (0, ())
    assert name not in NEEDS_AVERAGE


def test_the_statistics_form_compares_each_layers_batch_moments():
    mean = torch.tensor([[0.0, 2.0, 1.0], [4.0, 0.0, 3.0], [2.0, 1.0, 2.0]])
    within = torch.tensor([[1.0, 2.0, 3.0], [3.0, 0.0, 3.0], [2.0, 1.0, 3.0]])
    ema_mean, ema_within = mean.flip(0) * 0.5 - 1, within * 2
    step = make_step(moments=Moments(mean, within), ema_moments=Moments(ema_mean, ema_within))

    def batch(m: torch.Tensor, v: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
        m, v = m.double().numpy(), v.double().numpy()
        return m.mean(0), v.mean(0) + m.var(0)

    expected = 0.0
    for own, averaged in zip(batch(mean, within), batch(ema_mean, ema_within), strict=True):
        gap = own - averaged
        expected += np.hypot(gap[0], gap[1]) + abs(gap[2])
    assert statistics_term(step).item() == pytest.approx(expected, rel=1e-5)


def test_the_sharpest_nearby_point_is_one_radius_along_the_whole_batchs_gradient():
    images, gradient = torch.ones(2, 1, 1, 2), torch.tensor([3.0, 0.0, 0.0, -4.0]).view(2, 1, 1, 2)
    there = sam_perturb(images, gradient, 0.5, "batch")
    assert there.flatten().tolist() == pytest.approx([1.3, 1, 1, 0.6])
    assert (there - images).norm().item() == pytest.approx(0.5)
    assert torch.equal(sam_perturb(images, torch.zeros_like(images), 0.5, "batch"), images)


def test_every_image_moves_as_far_to_its_sharpest_nearby_point_however_large_the_batch():
    generator = torch.Generator().manual_seed(0)
    images, gradient = torch.rand(5, 3, 4, 4, generator=generator), torch.rand(5, 3, 4, 4, generator=generator) - 0.5
    gradient *= torch.tensor([1e-8, 1e-3, 1.0, 30.0, 0.0]).view(5, 1, 1, 1)
    moved = (sam_perturb(images.double(), gradient.double(), 0.05) - images).square().mean((1, 2, 3)).sqrt()
    assert moved.tolist() == pytest.approx([0.05] * 4 + [0])
    along = F.cosine_similarity((sam_perturb(images, gradient, 0.05) - images).flatten(1), gradient.flatten(1))
    assert along[:4].tolist() == pytest.approx([1] * 4, abs=1e-5)
