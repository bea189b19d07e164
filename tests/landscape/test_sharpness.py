"""Sharpness: against Hessians that are known, or written out whole."""

import math

import pytest
import torch
from torch import Tensor, nn

from edc_core.landscape.losses import Sample, real_sample
from edc_core.landscape.sharpness import (
    curvature,
    gradient_cosines,
    hessian_of,
    image_curvature,
    largest_eigenvalues,
    worst_nearby,
)
from edc_core.networks.builders import build
from edc_core.synthesis.moments import channel_moments, patch_moments

SLOPES = torch.tensor([5.0, 3.0, 2.0, 1.0, 0.5, 0.25])  # of the valley in each direction, twice each


class HalfSquare(nn.Module):
    """(B, K) -> the mean over images of half the squared length."""

    reduction = "mean"

    def forward(self, found: Tensor, _: Tensor) -> Tensor:
        return found.square().sum(1).mean() / 2


def valley() -> tuple[nn.Linear, Sample]:
    """A loss of two times w'Aw / 2 with A's eigenvalues `SLOPES`, in batches of unequal size."""
    turn = torch.linalg.qr(torch.randn(6, 6, generator=torch.Generator().manual_seed(0)))[0]
    images = (6 * SLOPES).sqrt()[:, None] * turn  # X'X / 6 has these eigenvalues
    labels = torch.zeros(6, dtype=torch.int64)
    batches = [(images[:4], labels[:4]), (images[4:], labels[4:])]
    network = nn.Linear(6, 2, bias=False)
    with torch.no_grad():
        network.weight.copy_(0.7 * turn[:1].expand(2, 6))  # along the steepest direction
    return network, Sample(batches, [labels[:4], labels[4:]], HalfSquare())


def measured(network: nn.Module, sample: Sample, probes: int, seed: int = 0):
    hessian = hessian_of(network, sample)
    blocks = {name: p.numel() for name, p in network.named_parameters()}
    return curvature(hessian.__matmul__, blocks, probes, seed, hessian.device)


def test_a_valley_of_known_slopes() -> None:
    network, sample = valley()
    values = largest_eigenvalues(hessian_of(network, sample), 3, 0)
    assert values == pytest.approx([5, 5, 3], rel=0.01)
    found = measured(network, sample, 400)
    for estimate, exact in (
        (found.trace, 2 * SLOPES.sum().item()),
        (found.frobenius, math.sqrt(2 * SLOPES.square().sum().item())),
    ):
        assert abs(estimate.value - exact) < 3 * estimate.error
        assert estimate.error < 0.05 * exact
    assert found.layers["weight"] == found.trace
    ball = worst_nearby(network, sample, 0.1, 10)
    far = 0.7 * math.sqrt(2)
    assert ball.loss == pytest.approx(5 * far**2 / 2, rel=1e-5)
    assert ball.worst == pytest.approx(5 * (far + 0.1) ** 2 / 2, rel=1e-4)


def small_student(name: str = "convnet-d3-w2") -> tuple[nn.Module, Sample]:
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(0)
    network = build(name, 1, 28, 10)
    images = torch.randn(24, 1, 28, 28, generator=generator)
    return network, real_sample(images, torch.arange(24) % 10)


def dense_hessian(network: nn.Module, sample: Sample) -> Tensor:
    """Row by row, in float64."""
    network.double()
    parameters = list(network.parameters())
    loss = sum(sample.loss(network(images.double()), target) * len(images) for images, target in sample.batches)
    slopes = torch.autograd.grad(loss / len(sample), parameters, create_graph=True)
    flat = torch.cat([slope.flatten() for slope in slopes])
    rows = [torch.autograd.grad(value, parameters, retain_graph=True) for value in flat]
    network.float()
    return torch.stack([torch.cat([part.flatten() for part in row]) for row in rows])


def test_a_students_curvature_is_that_of_its_hessian_written_out() -> None:
    network, sample = small_student()
    exact = dense_hessian(network.eval(), sample)
    eigenvalues = torch.linalg.eigvalsh(exact).flip(0)
    found = largest_eigenvalues(hessian_of(network, sample), 2, 0)
    assert found == pytest.approx(eigenvalues[:2].tolist(), rel=0.01)
    estimates = measured(network, sample, 60)
    assert abs(estimates.trace.value - exact.trace().item()) < 3 * estimates.trace.error
    assert abs(estimates.frobenius.value - exact.norm().item()) < 3 * estimates.frobenius.error
    start = 0
    for name, parameter in network.named_parameters():
        block = exact.diagonal()[start : start + parameter.numel()].sum().item()
        start += parameter.numel()
        # Of a dozen layers one may lie beyond three standard errors by chance, none beyond five.
        assert abs(estimates.layers[name].value - block) < 5 * estimates.layers[name].error + 1e-4


@pytest.mark.parametrize("name", ["resnet18-w4", "wrn-10-1", "mobilenetv2-0.25", "shufflenetv2-0.25"])
def test_products_through_every_family_are_slopes_of_slopes(name: str) -> None:
    """Hv is how the gradient changes along v: compared with central differences, in float64."""
    network, sample = small_student(name)
    network.double().eval()
    with torch.no_grad():  # a fresh network stands on its ReLUs' kinks: biases and padding are zero
        for number, parameter in enumerate(network.parameters()):
            noise = torch.randn(parameter.shape, generator=torch.Generator().manual_seed(number), dtype=torch.float64)
            parameter.add_(0.1 * noise)
    sample = Sample(
        [(images[:4].double(), target[:4]) for images, target in sample.batches], [sample.labels[0][:4]], sample.loss
    )
    hessian = hessian_of(network, sample)
    generator = torch.Generator().manual_seed(2)
    v = torch.randn(hessian.shape[1], generator=generator, dtype=torch.float64)
    product = hessian @ v

    def slope(step: float) -> Tensor:
        twin = hessian_of(network, sample)
        parts = (v * step).split([p.numel() for p in twin._params])
        with torch.no_grad():
            for parameter, part in zip(twin._params, parts, strict=True):
                parameter.add_(part.view_as(parameter))
        return torch.cat([part.flatten() for part in twin.gradient_and_loss()[0]])

    step = 1e-8
    change = (slope(step) - slope(-step)) / (2 * step)
    assert ((product - change).norm() / change.norm()).item() < 1e-2  # ReLUs that switch on the way


def test_nothing_is_left_changed_and_a_seed_is_a_result() -> None:
    network, sample = small_student("resnet18-w4")
    network.train().requires_grad_(False)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    first, second = (measured(network, sample, 2) for _ in range(2))
    assert first == second
    assert worst_nearby(network, sample, 0.05, 2) == worst_nearby(network, sample, 0.05, 2)
    assert all(torch.equal(value, before[key]) for key, value in network.state_dict().items())
    assert network.training
    assert not any(p.requires_grad for p in network.parameters())


def test_a_diverged_student_has_no_eigenvalue() -> None:
    network, sample = small_student()
    with torch.no_grad():
        network.head.weight.fill_(math.inf)
    assert all(math.isnan(value) for value in largest_eigenvalues(hessian_of(network, sample), 2, 0))
    assert not math.isfinite(worst_nearby(network, sample, 0.05, 3).worst)


def test_a_checkpointed_estimate_goes_on_where_it_stopped() -> None:
    network, sample = small_student()
    hessian = hessian_of(network, sample)
    blocks = {name: p.numel() for name, p in network.named_parameters()}
    seen: list = []
    curvature(hessian.__matmul__, blocks, 3, 0, hessian.device, seen)
    assert curvature(hessian.__matmul__, blocks, 6, 0, hessian.device, list(seen)) == measured(network, sample, 6)


def test_curvature_in_images_goes_through_the_matched_moments() -> None:
    """Against the same moments in plain torch, its Hessian written out."""
    images = torch.rand(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))

    def matched(x: Tensor) -> Tensor:
        mean, variance = channel_moments(x)
        place, spread = patch_moments(x, 2)
        return (mean - 1).norm() + (variance - 1).norm() + (place - 1).norm() + (spread - 1).norm()

    def plainly(flat: Tensor) -> Tensor:
        x = flat.view(2, 1, 4, 4)
        patches = x.view(2, 2, 2, 2, 2).permute(0, 1, 3, 2, 4).reshape(2, 4, 4)
        moments = (x.mean((2, 3)), x.var((2, 3), correction=0), patches.mean(2), patches.var(2, correction=0))
        return sum((moment - 1).norm() for moment in moments)

    exact = torch.autograd.functional.hessian(plainly, images.flatten().double())
    found = image_curvature(matched, images, 300, 0)
    assert abs(found.frobenius.value - exact.norm().item()) < 3 * found.frobenius.error
    assert abs(found.trace.value - exact.trace().item()) < 3 * found.trace.error


def test_gradients_agree_the_more_the_larger_the_batch() -> None:
    network, sample = small_student("convnet-d2-w4")
    found = gradient_cosines(network, sample, [1, 8, 24], 10, 0)
    means = [sum(values) / 10 for values in found.values()]
    assert means[0] < means[1] < means[2]
    assert found[24] == pytest.approx([1.0] * 10, abs=1e-5)
