"""What one image costs a network: counted on empty tensors, and timed on this processor."""

from dataclasses import dataclass

import torch
from torch import nn

from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.performance.bench.roofline import forward_operations
from edc_core.performance.measure_costs import Clock, kept_bytes
from edc_core.performance.timed_steps import STEPS, random_images
from edc_core.synthesis.moments import MomentHooks
from edc_core.torch_utils.private_api import TorchDispatchMode

BATCH = 8  # images of a measured step
# Passes of each kind of step, each as many operations as a forward pass (see `probing_steps`).
PASSES = {"forward": 1, "moments": 1, "observe": 2, "train": 3}


@dataclass(frozen=True)
class Unit:
    """One image's costs in float32."""

    operations: int  # floating-point, of a forward pass
    columns: int  # of moments: S
    weights: int  # bytes
    largest: int  # bytes that the largest layer takes in and gives
    ratio: dict[str, float]  # kind of step -> times what the measured speed of matrix products allows
    calls: dict[str, int]  # kind of step -> operations that one step hands to the device, whatever its batch
    kept: dict[str, float]  # kind of step -> bytes that its gradient needs


class Counting(TorchDispatchMode):
    """Counts the operations inside the block, those of a backward pass included; views cost a device nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls += not func.is_view
        return func(*args, **(kwargs or {}))


def measure(network: str, size: int, classes: int, patch: int, kinds: tuple[str, ...], speed: float) -> Unit:
    """Colour images of `size` px; `speed` of this processor's float32 matrix products, in operations a second."""
    runtime = Runtime("cpu", torch.get_num_threads(), {network: "float32"})
    operations = forward_operations(network, 3, size, classes)
    ratio, calls = {}, {}
    for kind in kinds:
        step = STEPS[kind](network, random_images(BATCH, 3, size, runtime), runtime)
        seconds = Clock(least=2, most=0.0, busy=runtime.threads == 1)(step)
        with Counting() as counting:
            step()
        calls[kind] = counting.calls
        ratio[kind] = seconds / (BATCH * PASSES[kind] * operations / speed)
    with torch.device("meta"):
        empty = build(network, 3, size, classes).eval()
    counted = operations, _columns(empty, size, patch), _bytes(empty), _largest(empty, size)
    return Unit(*counted, ratio, calls, _kept(network, size, kinds))


def _bytes(network: nn.Module) -> int:
    return sum(weight.numel() * weight.element_size() for weight in network.parameters())


@torch.no_grad()
def _columns(network: nn.Module, size: int, patch: int) -> int:
    with MomentHooks(network, patch) as hooks:
        network(torch.empty(1, 3, size, size, device="meta"))
    hooks.pop()
    return hooks.layout.width


@torch.no_grad()
def _largest(network: nn.Module, size: int) -> int:
    found = [0]

    def look(module: nn.Module, given: tuple, out: torch.Tensor) -> None:
        found.append(4 * (given[0].numel() + out.numel()))

    layers = [module for module in network.modules() if not list(module.children())]
    handles = [layer.register_forward_hook(look) for layer in layers]
    network(torch.empty(1, 3, size, size, device="meta"))
    for handle in handles:
        handle.remove()
    return max(found)


def _kept(network: str, size: int, kinds: tuple[str, ...]) -> dict[str, float]:
    """Bytes an image, from two batch sizes: what does not grow with the batch (weights) does not count."""
    small, large = (kept_bytes(network, 3, size, batch, kinds, "float32") for batch in (1, 2))
    return {kind: 2 * large[kind] - small[kind] for kind in large if kind != "weights"}
