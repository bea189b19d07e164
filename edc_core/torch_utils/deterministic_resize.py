"""Deterministic bilinear resampling, as two matrix products: one along rows, one along columns.

torch's own CUDA kernels sum the gradients of images in no fixed order, so that two runs of one seed differ. On the CPU
they are deterministic, and are used.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def crop_and_resize(images: Tensor, centre: Tensor, size: Tensor) -> Tensor:
    """Crop a box from each image and resize it to the image's size, bilinearly; differentiable.

    Beyond the border the border's pixels are repeated.

    Args:
        images: (B, C, H, W) float.
        centre: (B, 2), x and y in units of the image.
        size: (B, 2) likewise; a negative one flips the box.

    Returns:
        (B, C, H, W).
    """
    if images.device.type != "cpu":
        return crop_and_resize_matmul(images, centre, size)
    theta = torch.zeros(len(images), 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = size[:, 0], size[:, 1]
    theta[:, :, 2] = 2 * centre - 1
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, padding_mode="border", align_corners=False)


def crop_and_resize_matmul(images: Tensor, centre: Tensor, size: Tensor) -> Tensor:
    """`crop_and_resize` by matrix products, on any device."""
    columns, rows = (
        (centre[:, axis, None] + size[:, axis, None] * _along(images.shape[3 - axis], centre)) * images.shape[3 - axis]
        - 0.5
        for axis in (0, 1)
    )
    return _resampled(images, rows, columns)


def upsample_bilinear(images: Tensor, height: int, width: int) -> Tensor:
    """Upsample (B, C, H, W) to (B, C, height, width), as `F.interpolate` bilinearly with `align_corners=False`."""
    if images.device.type != "cpu":
        return upsample_bilinear_matmul(images, height, width)
    return F.interpolate(images, (height, width), mode="bilinear", align_corners=False)


def upsample_bilinear_matmul(images: Tensor, height: int, width: int) -> Tensor:
    """`upsample_bilinear` by matrix products, on any device."""
    rows, columns = (
        (_along(new, images)[None] + 0.5) * old - 0.5
        for new, old in zip((height, width), images.shape[2:], strict=True)
    )
    return _resampled(images, rows, columns)


def _along(count: int, like: Tensor) -> Tensor:
    """Centres of `count` equal parts of the interval from -0.5 to 0.5: (count,)."""
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count - 0.5


def _resampled(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Bilinear samples at rows (B, H') and columns (B, W'), in pixels: (B, C, H, W) -> (B, C, H', W')."""
    down, across = _shares(rows, images.shape[2]), _shares(columns, images.shape[3])
    return down[:, None] @ images @ across[:, None].mT


def _shares(places: Tensor, size: int) -> Tensor:
    """Bilinear weight of each of `size` pixels at each place: (B, N) -> (B, N, size)."""
    inside = places.clamp(0, size - 1)
    return (1 - (inside[..., None] - torch.arange(size, device=places.device)).abs()).clamp_min(0)
