"""2 x 2 average pooling, equal to torch's but for rounding and much faster on the CPU."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _AvgPool2x2OnCPU(torch.autograd.Function):
    """2 x 2 average pooling that adds rows before columns, so that the last bit may differ; twice differentiable."""

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor) -> Tensor:
        x = _even(x)
        rows = x[..., ::2, :] + x[..., 1::2, :]  # rows first: they lie side by side in memory
        return (rows[..., ::2] + rows[..., 1::2]).mul_(0.25)

    @staticmethod
    def setup_context(context, inputs: tuple[Tensor], output: Tensor) -> None:
        context.size = inputs[0].shape[-2:]

    @staticmethod
    def backward(context, gradient: Tensor) -> Tensor:
        height, width = context.size
        spread = (0.25 * gradient)[..., None, :, None].expand(*gradient.shape[:-1], 2, gradient.shape[-1], 2)
        spread = spread.reshape(*gradient.shape[:-2], 2 * gradient.shape[-2], 2 * gradient.shape[-1])
        return F.pad(spread, (0, width % 2, 0, height % 2)) if height % 2 or width % 2 else spread


class AvgPool2x2(nn.Module):
    """Average pooling of 2 x 2 pixels: (B, C, H, W) -> (B, C, H // 2, W // 2)."""

    def forward(self, x: Tensor) -> Tensor:
        if x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64) and x.is_contiguous():
            return _AvgPool2x2OnCPU.apply(x)
        return F.avg_pool2d(x, 2)


def _even(x: Tensor) -> Tensor:
    """The tensor without a last odd row and column."""
    return x[..., : x.shape[-2] // 2 * 2, : x.shape[-1] // 2 * 2]
