"""Nearest neighbours among images that stream by, so that memory does not grow with their number."""

import numpy as np
import torch
from torch import Tensor

from edc_core.rng import seed_from


class Nearest:
    """The `count` nearest of all vectors seen so far, for each of N queries (N, F); Euclidean."""

    def __init__(self, queries: Tensor, count: int) -> None:
        # Differences of near-equal vectors vanish in single precision; MPS has no other.
        self.queries = queries if queries.device.type == "mps" else queries.double()
        shape = len(queries), count
        self.distances = torch.full(shape, torch.inf, dtype=self.queries.dtype, device=queries.device)
        self.rows = torch.full(shape, -1, dtype=torch.int64, device=queries.device)

    def update(self, vectors: Tensor, rows: Tensor, left_out: Tensor | None = None) -> None:
        """Take up vectors (B, F) that are the given rows (B,); pairs `left_out` (N, B) do not count."""
        found = torch.cdist(self.queries, vectors.to(self.queries.dtype))
        if left_out is not None:
            found[left_out.to(found.device)] = torch.inf
        distances = torch.cat([self.distances, found], 1)
        everyone = torch.cat([self.rows, rows.to(self.rows.device).expand(len(found), -1)], 1)
        self.distances, places = distances.topk(self.distances.shape[1], largest=False)
        self.rows = everyone.gather(1, places)


def fingerprints(pixels: np.ndarray) -> np.ndarray:
    """(N, C, H, W) uint8 -> (N,) int64 that are equal for equal images, and for others once in 2^64."""
    flat = pixels.reshape(len(pixels), -1).astype(np.int64)
    weights = np.random.default_rng(seed_from("fingerprint")).integers(-(2**63), 2**63 - 1, flat.shape[1])
    return (flat * weights).sum(1)  # wraps around, which is what is wanted
