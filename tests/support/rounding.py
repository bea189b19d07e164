"""bfloat16 emulation: rounded numbers, multiplied and added in float32.

For networks of convolutions; attention is left exact. Units for bfloat16 multiply numbers of 8 significant bits exactly
and add the products in float32; what leaves an operation is rounded again, and so is its gradient. The same is had from
float32 arithmetic by rounding what enters and what leaves. Emulation in torch computes the same and takes hundreds of
times as long.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

from edc_core.networks.runtime import Runtime
from edc_core.performance.bench.reference_ops import plain_pooling
from edc_core.synthesis import moments

PRODUCTS = {F.conv2d, F.linear}
# Whatever else leaves numbers that bfloat16 does not have; ReLU and maxima do not.
OTHERS = {
    F.batch_norm, F.group_norm, F.layer_norm, F.instance_norm, F.avg_pool2d, F.adaptive_avg_pool2d, F.gelu, F.silu,
    torch.add, Tensor.add, Tensor.add_, Tensor.__add__, Tensor.__iadd__, Tensor.mean, torch.mean,
}  # fmt: skip


class _Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        return x.bfloat16().float()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return gradient.bfloat16().float()


class Rounding(TorchFunctionMode):
    """Inside, networks compute as in bfloat16's autocast; their tensors stay float32."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function in PRODUCTS:
            args = tuple(_Rounded.apply(arg) if isinstance(arg, Tensor) else arg for arg in args)
        found = function(*args, **(kwargs or {}))
        if function in PRODUCTS or function in OTHERS:
            return _Rounded.apply(found) if found.dtype == torch.float32 else found
        return found


def exactly(function: Callable) -> Callable:
    """The same function, in which nothing is rounded: moments are taken in float32 whatever the network computes in."""

    def inside(*args):
        with torch._C.DisableTorchFunction():
            return function(*args)

    return inside


@contextmanager
def rounded() -> Iterator[None]:
    """Networks whose precision is bfloat16 compute with rounded numbers, in torch's usual layout."""

    def autocast(self: Runtime, network: str):
        return Rounding() if self.precisions[network] == "bfloat16" else nullcontext()

    kept = Runtime.autocast, Runtime.memory_format, moments.channel_moments, moments.both_moments
    Runtime.autocast, Runtime.memory_format = autocast, lambda self, network: torch.contiguous_format
    moments.channel_moments, moments.both_moments = exactly(kept[2]), exactly(kept[3])
    try:
        with plain_pooling():  # the fast one adds twice
            yield
    finally:
        Runtime.autocast, Runtime.memory_format, moments.channel_moments, moments.both_moments = kept
