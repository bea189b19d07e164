"""Batched augmentation: views are drawn on the CPU from named generators, and rendered on the device.

Drawing (crop boxes, flips, operations, CutMix) is separate from rendering, so that two sets of images, or two
committees, can be shown the same view.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.transforms.v2 import functional as VF

from edc_core.config import ViewsConfig
from edc_core.rng import named_generator
from edc_core.torch_utils.deterministic_resize import crop_and_resize
from edc_core.torch_utils.private_api import standard_gamma


@dataclass(frozen=True)
class Normalisation:
    """Normalisation by channel mean and standard deviation: pixels in [0, 255] to network inputs and back."""

    mean: Tensor  # (1, C, 1, 1), of pixels in [0, 1]
    std: Tensor  # likewise

    @classmethod
    def of(cls, mean: tuple[float, ...], std: tuple[float, ...], device: str = "cpu") -> "Normalisation":
        mean, std = (torch.tensor(values, device=device).view(1, -1, 1, 1) for values in (mean, std))
        return cls(mean, std)

    def __call__(self, pixels: Tensor) -> Tensor:
        """(B, C, H, W) uint8 -> normalised float32."""
        return (pixels.to(torch.float32) / 255 - self.mean) / self.std

    def pixels(self, images: Tensor) -> Tensor:
        """Pixels uint8, rounded, of normalised images; (N, C, H, W)."""
        return ((images * self.std + self.mean) * 255).round().clamp(0, 255).to(torch.uint8)

    def clamp_(self, images: Tensor) -> Tensor:
        """Clamp normalised images (N, C, H, W) to valid pixels, in place."""
        return images.clamp_(-self.mean / self.std, (1 - self.mean) / self.std)


@dataclass(frozen=True)
class Crops:
    """Crop boxes in units of the image: centre (B, 2), size (B, 2), both (x, y) in [0, 1]; flips (B,) bool."""

    centre: Tensor
    size: Tensor
    flip: Tensor

    def __getitem__(self, rows: Tensor) -> "Crops":
        return Crops(self.centre[rows], self.size[rows], self.flip[rows])


def draw_crops(count: int, minimum: float, maximum: float, flip: bool, generator: torch.Generator) -> Crops:
    """RandomResizedCrop boxes of square images (area share in [minimum, maximum], ratio 3/4 to 4/3) and flips.

    As torchvision: up to ten tries for a box that fits inside, else the whole image.
    """
    area = torch.empty(count, 10).uniform_(minimum, maximum, generator=generator)
    ratio = torch.empty(count, 10).uniform_(math.log(3 / 4), math.log(4 / 3), generator=generator).exp()
    size = torch.stack([(area * ratio).sqrt(), (area / ratio).sqrt()], -1)
    fits = (size <= 1).all(-1)
    first = fits.to(torch.int8).argmax(1)
    size = size[torch.arange(count), first]
    size[~fits.any(1)] = 1.0
    centre = size / 2 + torch.rand(count, 2, generator=generator) * (1 - size)
    flips = torch.rand(count, generator=generator) < 0.5 if flip else torch.zeros(count, dtype=torch.bool)
    return Crops(centre, size, flips)


def crop(images: Tensor, crops: Crops) -> Tensor:
    """Crop, resize to the image's size (bilinear) and flip images (B, C, H, W); differentiable."""
    device = images.device
    size = crops.size.to(device)
    sign = torch.where(crops.flip.to(device), -1.0, 1.0)
    return crop_and_resize(images, crops.centre.to(device), torch.stack([size[:, 0] * sign, size[:, 1]], 1))


def pad_crop_flip(pixels: Tensor, padding: int, flip: bool, generator: torch.Generator) -> Tensor:
    """Augmentation of the observers' training: zero-pad, crop back at random, flip half; (B, C, H, W) uint8."""
    count, _, height, width = pixels.shape
    if padding:
        places = torch.randint(0, 2 * padding + 1, (count, 2), generator=generator).to(pixels.device)
        padded = F.pad(pixels, [padding] * 4)
        rows = (places[:, :1] + torch.arange(height, device=pixels.device))[:, None, :, None]
        columns = (places[:, 1:] + torch.arange(width, device=pixels.device))[:, None, None, :]
        channels = torch.arange(pixels.shape[1], device=pixels.device)[None, :, None, None]
        pixels = padded[torch.arange(count, device=pixels.device)[:, None, None, None], channels, rows, columns]
    if flip:
        flips = (torch.rand(count, generator=generator) < 0.5).to(pixels.device)
        pixels = torch.where(flips[:, None, None, None], pixels.flip(-1), pixels)
    return pixels


# RandAugment (Cubuk et al. 2020): each operation at its magnitude, 0 to 30, sign drawn where it has one. Shears leave
# the image's centre where it is; torchvision's leave its corner, and so move the rest along.
def _affine(x: Tensor, angle: float = 0, dx: float = 0, dy: float = 0, shear: tuple[float, float] = (0, 0)) -> Tensor:
    return VF.affine(x, angle=angle, translate=[dx, dy], scale=1.0, shear=list(shear))


RANDAUGMENT = {
    "identity": lambda x, m, s: x,
    "shear_x": lambda x, m, s: _affine(x, shear=(s * math.degrees(math.atan(0.3 * m)), 0)),
    "shear_y": lambda x, m, s: _affine(x, shear=(0, s * math.degrees(math.atan(0.3 * m)))),
    "translate_x": lambda x, m, s: _affine(x, dx=int(s * m * 150 / 331 * x.shape[-1])),
    "translate_y": lambda x, m, s: _affine(x, dy=int(s * m * 150 / 331 * x.shape[-2])),
    "rotate": lambda x, m, s: VF.rotate(x, s * 30 * m),
    "brightness": lambda x, m, s: VF.adjust_brightness(x, 1 + s * 0.9 * m),
    "colour": lambda x, m, s: VF.adjust_saturation(x, 1 + s * 0.9 * m),
    "contrast": lambda x, m, s: VF.adjust_contrast(x, 1 + s * 0.9 * m),
    "sharpness": lambda x, m, s: VF.adjust_sharpness(x, 1 + s * 0.9 * m),
    "posterise": lambda x, m, s: VF.posterize(x, 8 - round(4 * m)),
    "solarise": lambda x, m, s: VF.solarize(x, 255 * (1 - m)),
    "autocontrast": lambda x, m, s: VF.autocontrast(x),
    "equalise": lambda x, m, s: VF.equalize(x),
}
_OPERATIONS = tuple(RANDAUGMENT.values())


def rand_augment(pixels: Tensor, operations: Tensor, signs: Tensor, magnitude: int) -> Tensor:
    """RandAugment of pixels (B, C, H, W) uint8; images that share an operation are processed together.

    Args:
        operations: (rounds, B) indices into `RANDAUGMENT`.
        signs: (rounds, B) of -1 and 1.
        magnitude: 0 to 30, as in the paper's RandAugment.
    """
    pixels = pixels.clone()
    for operation, sign in zip(operations, signs, strict=True):
        code = operation * 2 + (sign > 0)
        for value in code.unique().tolist():
            rows = (code == value).nonzero()[:, 0].to(pixels.device)
            pixels[rows] = _OPERATIONS[value // 2](pixels[rows], magnitude / 30, 1 if value % 2 else -1)
    return pixels


@dataclass(frozen=True)
class CutMix:
    """CutMix box of a batch, in pixels, filled from the images at `partner`; `share` of each image remains."""

    partner: Tensor  # (B,)
    top: int
    bottom: int
    left: int
    right: int
    share: float


def draw_cutmix(count: int, size: int, alpha: float, generator: torch.Generator) -> CutMix:
    """Draw a CutMix box (Yun et al. 2019): area share 1 - lambda, lambda ~ Beta(alpha, alpha), clipped to the image."""
    kept = _draw_beta(alpha, generator)
    side = math.sqrt(1 - kept) * size
    x, y = (torch.rand(2, generator=generator) * size).tolist()
    left, right = (int(min(max(x + half, 0), size)) for half in (-side / 2, side / 2))
    top, bottom = (int(min(max(y + half, 0), size)) for half in (-side / 2, side / 2))
    share = 1 - (right - left) * (bottom - top) / size**2
    return CutMix(torch.randperm(count, generator=generator), top, bottom, left, right, share)


def _draw_beta(alpha: float, generator: torch.Generator) -> float:
    """Beta(alpha, alpha) from two Gamma draws: torch's own Beta takes no generator."""
    if alpha == 1:
        return torch.rand((), generator=generator).item()
    concentration = torch.full((2,), alpha, dtype=torch.float64)
    first, second = standard_gamma(concentration, generator).tolist()
    return first / (first + second)


def cut_mix(images: Tensor, cutmix: CutMix) -> Tensor:
    """Apply CutMix to images (B, C, H, W): paste each image's partner into the box of a copy."""
    mixed = images.clone()
    box = (..., slice(cutmix.top, cutmix.bottom), slice(cutmix.left, cutmix.right))
    mixed[box] = images[cutmix.partner.to(images.device)][box]
    return mixed


def draw_orders(count: int, tiles: int, generator: torch.Generator) -> Tensor:
    """Draw the order of each image's columns and rows of tiles: (2, `count`, `tiles`)."""
    return torch.rand(2, count, tiles, generator=generator).argsort(-1)


def shuffle_tiles(images: Tensor, orders: Tensor) -> Tensor:
    """Shuffle the columns and then the rows of an image's tiles (RDED's code, `ShufflePatches`); (B, C, H, W).

    Tiles are cut at a mosaic's seams; those in one column or row stay together.
    """
    size, tiles = images.shape[-1], orders.shape[-1]
    strips = torch.arange(size).tensor_split([size * (i + 1) // tiles for i in range(tiles - 1)])
    columns, rows = (
        torch.stack([torch.cat([strips[strip] for strip in order]) for order in along]).to(images.device)
        for along in orders.tolist()
    )
    images = images.gather(3, columns[:, None, None, :].expand_as(images))
    return images.gather(2, rows[:, None, :, None].expand_as(images))


@dataclass(frozen=True)
class View:
    """View of one batch in a student's training: its rows and their drawn augmentation."""

    rows: Tensor  # (B,) which condensed images
    operations: Tensor  # (rounds, B)
    signs: Tensor
    magnitude: int
    crops: Crops
    cutmix: CutMix | None
    orders: Tensor | None = None  # (2, B, tiles) of shuffled tiles; None: not shuffled

    def render(self, pixels: Tensor, normalise: Normalisation) -> Tensor:
        """Render the view: (N, C, H, W) uint8 condensed images -> (B, C, H, W), normalised."""
        chosen = pixels[self.rows.to(pixels.device)]
        if self.orders is not None:
            chosen = shuffle_tiles(chosen, self.orders)
        if len(self.operations):
            chosen = rand_augment(chosen, self.operations, self.signs, self.magnitude)
        images = crop(normalise(chosen), self.crops)
        return cut_mix(images, self.cutmix) if self.cutmix else images


@dataclass(frozen=True)
class ViewPlan:
    """Plan of all views of a student's training: a function of (seed, epoch, batch) alone."""

    config: ViewsConfig
    count: int  # condensed images
    size: int  # pixels a side

    @property
    def batches(self) -> int:
        """Batches an epoch; the last may be smaller."""
        return math.ceil(self.count / self.config.batch_size)

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole training."""
        return self.config.steps or self.config.epochs * self.batches

    @property
    def epochs(self) -> int:
        return math.ceil(self.steps / self.batches)

    def epoch(self, epoch: int) -> Iterator[View]:
        """The views of one epoch, each image once, in its own order; a budget in steps ends within one."""
        order = torch.randperm(self.count, generator=named_generator("views", self.config.seed, "order", epoch))
        for batch in range(min(self.batches, self.steps - epoch * self.batches)):
            yield self.view(epoch, batch, order[batch * self.config.batch_size :][: self.config.batch_size])

    def view(self, epoch: int, batch: int, rows: Tensor) -> View:
        config, count = self.config, len(rows)
        generator = named_generator("views", config.seed, epoch, batch)
        crops = draw_crops(count, config.crop_area_min, config.crop_area_max, config.flip, generator)
        cutmix = draw_cutmix(count, self.size, config.cutmix_alpha, generator) if config.cutmix_alpha else None
        shape = (config.randaugment_ops, count)
        operations = torch.randint(0, len(_OPERATIONS), shape, generator=generator)
        signs = torch.randint(0, 2, shape, generator=generator) * 2 - 1
        orders = draw_orders(count, config.shuffle_tiles, generator) if config.shuffle_tiles > 1 else None
        return View(rows, operations, signs, config.randaugment_magnitude, crops, cutmix, orders)
