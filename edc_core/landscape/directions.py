"""Directions in weight space: seeded, Gaussian, filter-normalised, orthogonal (Li et al. 2018).

`loss-landscapes` has directions of its own, but they are uniform on [0, 1] (two of them have a cosine of
0.76) and a parameter whose norm is zero stops it; only its arithmetic of parameters is used here.
"""

import hashlib
from collections.abc import Sequence

import torch
from loss_landscapes.model_interface.model_parameters import ModelParameters
from torch import Tensor, nn

from edc_core.rng import named_generator
from edc_core.torch_utils.device import to_float64

NEGLIGIBLE = 1e-6  # of a filter's norm: what rounding leaves of a filter that lies along another


def parameters_of(network: nn.Module) -> ModelParameters:
    """Copy of the network's weights, in the order of `named_parameters`."""
    return ModelParameters([parameter.detach().clone() for parameter in network.parameters()])


def raw_directions(weights: ModelParameters, seed: int, count: int = 2) -> list[ModelParameters]:
    """Gaussian directions, the same for every network of these shapes; drawn on the CPU."""
    found = []
    for number in range(count):
        generator = named_generator("landscape", "direction", seed, number)
        tensors = [torch.randn(weights[i].shape, generator=generator) for i in range(len(weights))]
        found.append(ModelParameters(tensors))
    return found


def hash_of(directions: Sequence[ModelParameters]) -> str:
    """Hash of directions before their normalisation: 24 hexadecimal digits."""
    digest = hashlib.sha256()
    for direction in directions:
        for i in range(len(direction)):
            digest.update(direction[i].contiguous().numpy().tobytes())
    return digest.hexdigest()[:24]


def filter_normalised(weights: ModelParameters, raw: Sequence[ModelParameters]) -> list[ModelParameters]:
    """Filter-normalised directions (Li et al. 2018, sec. 4): each filter has the norm of the weights' filter.

    Each direction is orthogonal to those before.

    Orthogonal filter by filter, so that scaling keeps it. Biases and the parameters of norms (one dimension)
    are zero, and so is a filter of zero norm.
    """
    found: list[ModelParameters] = []
    for direction in raw:
        tensors = []
        for i in range(len(weights)):
            before = [other[i] for other in found]
            tensors.append(_of_one(weights[i], direction[i].to(weights[i].device), before))
        found.append(ModelParameters(tensors))
    return found


def _of_one(weight: Tensor, raw: Tensor, before: Sequence[Tensor]) -> Tensor:
    """The direction's part in one parameter, in the weight's shape and type."""
    if weight.dim() <= 1:
        return torch.zeros_like(weight)
    filters, rows = _filters(weight), _filters(raw)
    for other in map(_filters, before):
        square = other.square().sum(1, keepdim=True)
        rows = rows - other * (rows * other).sum(1, keepdim=True) / torch.where(square > 0, square, 1.0)
    norm, own = rows.norm(dim=1, keepdim=True), filters.norm(dim=1, keepdim=True)
    left = norm > NEGLIGIBLE * _filters(raw).norm(dim=1, keepdim=True)
    scaled = torch.where(left, rows * (own / torch.where(left, norm, 1.0)), 0.0)
    return scaled.view(weight.shape).to(weight.device, weight.dtype)


def _filters(tensor: Tensor) -> Tensor:
    """(filters, numbers of each) float64; where a filter is one number, which has only a sign, all are one filter."""
    rows = to_float64(tensor).flatten(1)
    return rows if rows.shape[1] > 1 else rows.view(1, -1)


def cosine(first: ModelParameters, second: ModelParameters) -> float:
    """Cosine of two directions; 0 if one is zero."""
    products = [(to_float64(first[i]) * to_float64(second[i])).sum().item() for i in range(len(first))]
    norms = [sum(to_float64(d[i]).square().sum().item() for i in range(len(d))) ** 0.5 for d in (first, second)]
    return sum(products) / (norms[0] * norms[1]) if all(norms) else 0.0
