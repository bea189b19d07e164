"""Bilinear resampling as two products of matrices, along rows and along columns: the same bits again on every device.

torch's own kernels sum gradients of images in whatever order a GPU's threads arrive, so that two runs of one seed
end apart. On a processor they sum in one order, and stay.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def crop_and_resize(images: Tensor, centre: Tensor, size: Tensor) -> Tensor:
    """Each image's box seen as a whole image, bilinearly; beyond the border is the border. Differentiable.

    Args:
        images: (B, C, H, W) float.
        centre: (B, 2), x and y in units of the image.
        size: (B, 2) likewise; a negative one shows the box reversed.

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
    """(B, C, H, W) to (B, C, height, width), bilinearly: `F.interpolate` with `align_corners=False`."""
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
    """The centres of so many equal parts of a line from -0.5 to 0.5."""
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count - 0.5


def _resampled(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Rows (B, H') and columns (B, W') of places in pixels, or one for all images: (B, C, H, W) -> (B, C, H', W')."""
    down, across = _shares(rows, images.shape[2]), _shares(columns, images.shape[3])
    return down[:, None] @ images @ across[:, None].mT


def _shares(places: Tensor, size: int) -> Tensor:
    """How much each of `size` pixels counts at each place: (B, N) -> (B, N, size)."""
    inside = places.clamp(0, size - 1)
    return (1 - (inside[..., None] - torch.arange(size, device=places.device)).abs()).clamp_min(0)
