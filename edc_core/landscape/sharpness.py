"""Sharpness of a minimum: curvature of the loss at the weights, and at the images during synthesis.

Hessian-vector products are curvlinops' operators, batch by batch; eigenvalues are SciPy's Lanczos on them.
Trace and Frobenius norm are estimated by random probes (Hutchinson 1990), each with its standard error:
curvlinops' own estimators generator from torch's global generator and give a mean only.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, eigsh
from torch import Tensor, nn

from edc_core.landscape.losses import Sample
from edc_core.landscape.surface import eval_copy
from edc_core.rng import named_generator
from edc_core.torch_utils.device import to_float64

with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of what the package imports
    from curvlinops import HessianLinearOperator

TOLERANCE = 1e-3  # of an eigenvalue, relative
MAX_RESTARTS = 300  # Lanczos restarts

Tick = Callable[[], None]  # told after each product; may raise to stop


def silent() -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class Estimated:
    """A mean over probes with its standard error."""

    value: float
    error: float


def estimated(values: Tensor) -> Estimated:
    """(P,) one value a probe."""
    values = values.double()
    return Estimated(values.mean().item(), (values.std() / math.sqrt(len(values))).item())


class Hessian(HessianLinearOperator):
    """curvlinops' operator, its products by two backward passes.

    Its own go forward over reverse, for which torch 2.15 has no rule through GroupNorm, and which were
    measured 1.2 to 1.6 times slower through the other families on the CPU.
    """

    def __init__(self, *arguments, tick: Tick = silent, **named) -> None:
        self.tick = tick
        super().__init__(*arguments, check_deterministic=False, **named)

    def _matmat_batch(self, images: Tensor, target: Tensor, matrix: list[Tensor]) -> list[Tensor]:
        """Columns stand in the last dimension of each tensor of `matrix`."""
        loss = self._loss_func(self._model_func(images), target)
        slopes = torch.autograd.grad(loss, self._params, create_graph=True)
        columns = []
        for number in range(matrix[0].shape[-1]):
            along = sum((slope * m[..., number]).sum() for slope, m in zip(slopes, matrix, strict=True))
            columns.append(torch.autograd.grad(along, self._params, retain_graph=True, materialize_grads=True))
            self.tick()
        return [torch.stack(parts, -1) for parts in zip(*columns, strict=True)]


def hessian_of(network: nn.Module, sample: Sample, tick: Tick = silent) -> Hessian:
    """The loss's Hessian in all of the network's weights, on a copy in eval mode."""
    twin = eval_copy(network).requires_grad_(True)
    return Hessian(twin, sample.loss, list(twin.parameters()), sample.batches, num_data=len(sample), tick=tick)


def largest_eigenvalues(hessian: Hessian, count: int, seed: int) -> list[float]:
    """Largest eigenvalues in descending order, by Lanczos from a seeded start; NaN where it does not converge."""
    size = hessian.shape[0]
    start = torch.randn(size, generator=named_generator("sharpness", "lanczos", seed)).double().numpy()
    try:
        operator = hessian.to_scipy(np.float64)
        values = eigsh(operator, min(count, size - 1), which="LA", v0=start, tol=TOLERANCE, maxiter=MAX_RESTARTS,
                       return_eigenvectors=False)  # fmt: skip
    except ArpackNoConvergence as error:
        values = error.eigenvalues
    except (ArpackError, ValueError):  # a loss that is not finite
        values = np.array([])
    found = sorted((float(value) for value in values), reverse=True)
    return found + [math.nan] * (count - len(found))


def probe(number: int, size: int, seed: int, device: torch.device) -> Tensor:
    """Rademacher probe vector: (size,) of -1 and 1."""
    generator = named_generator("sharpness", "probe", seed, number)
    return (torch.randint(0, 2, (size,), generator=generator) * 2 - 1).float().to(device)


@dataclass(frozen=True)
class Curvature:
    """Curvature: trace and Frobenius norm of a Hessian, and the trace of each parameter's own block."""

    trace: Estimated
    frobenius: Estimated
    layers: dict[str, Estimated]


Seen = tuple[list[float], float]  # of one probe v: each block's v.Hv, and |Hv|^2


def curvature(
    product: Callable[[Tensor], Tensor],
    blocks: dict[str, int],
    probes: int,
    seed: int,
    device: torch.device,
    seen: list[Seen] | None = None,
    told: Tick = silent,
) -> Curvature:
    """Curvature by Hutchinson's estimator from Hessian-vector products: v.Hv, |Hv|^2 and each block's v.Hv.

    Args:
        product: v (P,) -> Hv (P,).
        blocks: names and sizes of the parts of v, in order.
        seen: results of earlier probes; new ones are appended, so that a checkpoint may hold it.
    """
    seen = [] if seen is None else seen
    for number in range(len(seen), probes):
        v = probe(number, sum(blocks.values()), seed, device)
        found = to_float64(product(v))
        along = [part.sum().item() for part in (to_float64(v) * found).split(list(blocks.values()))]
        seen.append((along, found.square().sum().item()))
        told()
    by_block = torch.tensor([along for along, _ in seen])
    layers = {name: estimated(by_block[:, i]) for i, name in enumerate(blocks)}
    squares = torch.tensor([square for _, square in seen])
    return Curvature(estimated(by_block.sum(1)), _root(estimated(squares)), layers)


def _root(square: Estimated) -> Estimated:
    """Square root of an estimate, its standard error by the delta method."""
    value = math.sqrt(square.value) if square.value >= 0 else math.nan
    return Estimated(value, square.error / (2 * value) if value else 0.0)


@dataclass(frozen=True)
class Ball:
    """Worst loss found within `radius` of the weights, and the loss at the weights."""

    radius: float
    worst: float
    loss: float

    @property
    def rise(self) -> float:
        return self.worst - self.loss


def worst_nearby(network: nn.Module, sample: Sample, radius: float, steps: int, tick: Tick = silent) -> Ball:
    """Worst loss by gradient ascent on a sphere around the weights (its first step is SAM's, Foret et al. 2021).

    A lower bound of the maximum: ascent may miss it. `radius` is Euclidean, over all weights.
    """
    twin = eval_copy(network).requires_grad_(True)
    parameters = list(twin.parameters())
    centre = [p.detach().clone() for p in parameters]
    away = [torch.zeros_like(p) for p in parameters]
    losses = []
    for step in range(steps + 1):
        loss, slopes = loss_and_gradient(twin, parameters, sample.batches, sample.loss)
        losses.append(loss)
        tick()
        norm = _norm(slopes)
        if step == steps or not 0 < norm < math.inf:
            break
        ahead = [a + s * (radius / norm) for a, s in zip(away, slopes, strict=True)]
        length = _norm(ahead)
        away = [a * (radius / length) for a in ahead] if length else ahead
        with torch.no_grad():
            for p, c, a in zip(parameters, centre, away, strict=True):
                p.copy_(c + a)
    worst = max(losses) if all(map(math.isfinite, losses)) else math.inf
    return Ball(radius, worst, losses[0])


def loss_and_gradient(
    network: nn.Module, parameters: list[Tensor], batches: Sequence[tuple[Tensor, Tensor]], loss: nn.Module
) -> tuple[float, list[Tensor]]:
    """Mean loss over all batches and its gradient, one tensor per parameter; the network is in eval mode.

    `batches`: normalised images (B, C, H, W) and targets, as `loss` takes them.
    """
    total, count = 0.0, sum(len(images) for images, _ in batches)
    slopes = [torch.zeros_like(p) for p in parameters]
    for images, target in batches:
        share = len(images) / count
        value = loss(network(images).float(), target)
        for slope, part in zip(slopes, torch.autograd.grad(value, parameters), strict=True):
            slope.add_(part, alpha=share)
        total += value.item() * share
    return total, slopes


def _norm(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(sum(to_float64(t).square().sum().item() for t in tensors))


def image_curvature(loss: Callable[[Tensor], Tensor], images: Tensor, probes: int, seed: int) -> Curvature:
    """Curvature of a loss in its images, (N, C, H, W), as one block."""
    images = images.detach().clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(loss(images), images, create_graph=True)

    def product(v: Tensor) -> Tensor:
        (seen,) = torch.autograd.grad((slope * v.view_as(images)).sum(), images, retain_graph=True)
        return seen.flatten()

    return curvature(product, {"images": images.numel()}, probes, seed, images.device)


def gradient_cosines(
    network: nn.Module, sample: Sample, sizes: Sequence[int], draws: int, seed: int, tick: Tick = silent
) -> dict[int, list[float]]:
    """Cosine between a random batch's gradient and the whole sample's, by batch size; batches without repeats."""
    twin = eval_copy(network).requires_grad_(True)
    parameters = list(twin.parameters())
    _, slopes = loss_and_gradient(twin, parameters, sample.batches, sample.loss)
    whole, found, device = to_float64(torch.cat([s.flatten() for s in slopes])), {}, slopes[0].device
    for size in sizes:
        found[size] = []
        for number in range(draws):
            rows = torch.randperm(len(sample), generator=named_generator("cosine", seed, size, number))[:size]
            batch = sample.rows(rows.to(device))
            _, own = loss_and_gradient(twin, parameters, [batch], sample.loss)
            flat = to_float64(torch.cat([s.flatten() for s in own]))
            found[size].append(torch.nn.functional.cosine_similarity(flat, whole, 0, 1e-30).item())
            tick()
    return found
