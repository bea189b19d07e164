"""The optimiser's way from its first weights to its last, and the plane that holds most of it (Li et al. 2018)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from loss_landscapes.model_interface.model_parameters import ModelParameters
from torch import Tensor

from edc_core.torch_utils.device import to_float64

MARGIN = 1.15  # of the farthest point


@dataclass(frozen=True)
class Plane:
    """Two orthonormal directions through the last weights, and the path on them."""

    directions: list[ModelParameters]
    places: np.ndarray  # (P, 2) in units of weight space; the last weights are the origin
    explained: tuple[float, float]  # share of the squared distances from the last weights

    @property
    def span(self) -> tuple[float, float]:
        """Half of either side of a centred grid that holds the path."""
        reach = np.abs(self.places).max(0) * MARGIN
        return tuple(float(side) or float(reach.max()) or 1.0 for side in reach)


def saved_weights(saved: dict[str, Tensor], names: Sequence[str]) -> dict[int, ModelParameters]:
    """`path.safetensors` ("epoch.name", half precision) as weights by epoch, in the order of the names."""
    epochs = sorted({int(key.partition(".")[0]) for key in saved})
    return {epoch: ModelParameters([saved[f"{epoch}.{name}"].float() for name in names]) for epoch in epochs}


def plane_of(last: ModelParameters, path: Sequence[ModelParameters]) -> Plane:
    """The first two principal directions of path - last; a path on one line has a second direction of zeros.

    As Li et al.: differences from the last weights, their mean not taken away, so that the plane goes
    through the last weights.
    """
    away = torch.stack([_flat(weights - last) for weights in path])
    values, vectors = torch.linalg.eigh(away @ away.T)  # (P, P): few points, many weights
    total = values.clamp_min(0).sum().item()
    directions, places, explained = [], [], []
    for number in (-1, -2):
        value = values[number].item() if len(path) >= -number else 0.0
        found = value > 1e-9 * total > 0
        flat = vectors[:, number] @ away / value**0.5 if found else torch.zeros_like(away[0])
        flat = -flat if found and (away[0] @ flat) < 0 else flat  # the start lies to the right and above
        directions.append(_shaped(flat, last))
        places.append((away @ flat).cpu().numpy())
        explained.append(value / total if found else 0.0)
    return Plane(directions, np.stack(places, 1), (explained[0], explained[1]))


def _flat(weights: ModelParameters) -> Tensor:
    return torch.cat([to_float64(weights[i].detach()).flatten() for i in range(len(weights))])


def _shaped(flat: Tensor, like: ModelParameters) -> ModelParameters:
    sizes = [like[i].numel() for i in range(len(like))]
    parts = flat.split(sizes)
    return ModelParameters([part.view(like[i].shape).to(like[i].device, like[i].dtype) for i, part in enumerate(parts)])
