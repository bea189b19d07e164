"""Frozen BatchNorm with a cheap backward pass, and folding it into the convolution before it."""

import torch
from torch import Tensor, nn

from edc_core.torch_utils.private_api import fuse_conv_batchnorm


class _FrozenBatchNormFunction(torch.autograd.Function):
    """A BatchNorm2d in eval mode whose gradient is one multiplication.

    torch's own also computes the gradients of weight and bias, frozen or not: two more passes over the data.
    """

    @staticmethod
    def forward(ctx, x: Tensor, norm: nn.BatchNorm2d) -> Tensor:
        ctx.norm = norm
        return nn.BatchNorm2d.forward(norm, x)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        norm = ctx.norm
        scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
        return gradient * scale.to(gradient.dtype)[:, None, None], None


class FrozenBatchNorm2d(nn.BatchNorm2d):
    """A BatchNorm2d that is frozen and in eval mode."""

    def forward(self, x: Tensor) -> Tensor:
        return _FrozenBatchNormFunction.apply(x, self)


def freeze_batchnorm(network: nn.Module) -> nn.Module:
    """The same frozen network in eval mode, its BatchNorm layers with the cheap backward pass (in place)."""
    for module in network.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = FrozenBatchNorm2d
    return network


def fold_batchnorm(network: nn.Module) -> nn.Module:
    """A frozen network's copy with each BatchNorm2d folded into the convolution before it: equal but for rounding.

    A network without such layers, or that torch.fx cannot trace, is returned as it is.
    """
    if not any(isinstance(module, nn.BatchNorm2d) for module in network.modules()):
        return network
    folded = fuse_conv_batchnorm(network)
    return network if folded is None else folded.requires_grad_(False)
