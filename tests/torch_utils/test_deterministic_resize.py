"""Resampling by products of matrices: what torch's own kernels give on a processor, gradients included."""

import pytest
import torch
from torch import Tensor

from edc_core.rng import named_generator
from edc_core.torch_utils.deterministic_resize import (
    crop_and_resize,
    crop_and_resize_matmul,
    upsample_bilinear,
    upsample_bilinear_matmul,
)
from edc_core.training.views import draw_crops


def images(size: int) -> Tensor:
    return torch.randn((6, 3, size, size), generator=named_generator("resampling"), dtype=torch.float64)


def with_gradient(function, images: Tensor, *arguments) -> tuple[Tensor, Tensor]:
    """What it gives, and the gradient of a weighted sum of it."""
    leaf = images.clone().requires_grad_(True)
    seen = function(leaf, *arguments)
    weights = torch.randn(seen.shape, generator=named_generator("weights"), dtype=seen.dtype)
    return seen.detach(), torch.autograd.grad((weights * seen).sum(), leaf)[0]


@pytest.mark.parametrize("size", [28, 9])
def test_boxes_by_products_are_those_of_the_sampled_grid(size: int) -> None:
    crops = draw_crops(6, 0.08, 1.0, True, named_generator("crops"))
    sign = torch.where(crops.flip, -1.0, 1.0)
    assert len(sign.unique()) == 2  # some are seen reversed
    wide = torch.stack([crops.size[:, 0] * sign, crops.size[:, 1]], 1)
    expected = with_gradient(lambda x: crop_and_resize(x.float(), crops.centre, wide).double(), images(size))
    got = with_gradient(crop_and_resize_matmul, images(size), crops.centre.double(), wide.double())
    torch.testing.assert_close(got, expected, atol=2e-5, rtol=1e-5)


def test_off_the_processor_nothing_is_left_to_torchs_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("grid_sample", "interpolate"):
        monkeypatch.setattr(torch.nn.functional, name, None)
    crops, away = draw_crops(6, 0.08, 1.0, True, named_generator("crops")), images(7).float().to("meta")
    assert crop_and_resize(away, crops.centre.to("meta"), crops.size.to("meta")).shape == (6, 3, 7, 7)
    assert upsample_bilinear(away, 8, 12).shape == (6, 3, 8, 12)


def test_a_box_beyond_the_border_shows_the_border() -> None:
    ramp = torch.arange(4.0).expand(1, 1, 4, 4)
    seen = crop_and_resize_matmul(ramp, torch.tensor([[1.0, 0.5]]), torch.tensor([[1.0, 1.0]]))
    assert seen[0, 0, 0].tolist() == [2.0, 3.0, 3.0, 3.0]


@pytest.mark.parametrize(("size", "height", "width"), [(7, 8, 8), (7, 12, 8), (14, 16, 16), (3, 4, 4)])
def test_enlarging_by_products_is_interpolating(size: int, height: int, width: int) -> None:
    expected = with_gradient(upsample_bilinear, images(size), height, width)
    got = with_gradient(upsample_bilinear_matmul, images(size), height, width)
    torch.testing.assert_close(got, expected)
