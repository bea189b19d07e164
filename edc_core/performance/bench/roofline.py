"""What the processor allows: its measured matrix-multiply speed, and the operations that each part needs."""

import time
from functools import lru_cache

import torch
from torch.utils.flop_counter import FlopCounterMode

from edc_core.networks.builders import build
from edc_core.rng import seeded_global_rng
from edc_core.torch_utils.device import synchronize

SIDE, SMALL = {"cpu": 1536, "cuda": 8192, "mps": 4096}, 384  # of the multiplied matrices
SECONDS = 0.6  # of multiplying, a type of number


def speeds(device: str) -> dict[str, float]:
    """Floating-point operations a second of a matrix product, by type of number; the best of several takes.

    Of a large one, but where that would take more than a second.
    """
    found, side = {}, SIDE[device.partition(":")[0]]
    for dtype in (torch.float32, torch.bfloat16):
        small = _speed(dtype, SMALL, device)
        found[str(dtype).removeprefix("torch.")] = _speed(dtype, side, device) if 2 * side**3 / small < 1 else small
    return found


def _speed(dtype: torch.dtype, side: int, device: str) -> float:
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    left @ right
    takes, begun = [], time.perf_counter()
    while time.perf_counter() - begun < SECONDS or len(takes) < 3:
        synchronize(device)
        started = time.perf_counter()
        left @ right
        synchronize(device)
        takes.append(time.perf_counter() - started)
    return 2 * side**3 / min(takes)


@lru_cache(64)
def forward_operations(network: str, channels: int, size: int, classes: int) -> int:
    """Floating-point operations of one image's way through a network (a multiplication and an addition are two)."""
    with seeded_global_rng("bench", network):
        built = build(network, channels, size, classes).eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        built(torch.zeros(1, channels, size, size))
    return counter.get_total_flops()
