"""Moments of layer inputs against plain NumPy loops."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edc_core.networks.builders import build
from edc_core.synthesis.moments import (
    CHUNK_ELEMENTS,
    ClassSums,
    FeatureLayout,
    MomentHooks,
    Moments,
    NormGroup,
    both_moments,
    channel_moments,
    patch_moments,
    pool_moments,
)


def draw(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 2 + 0.5


def looped_patches(h: torch.Tensor, p: int, q: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and biased variance over (K, p, q) of each position of each image, row by row."""
    h = h.double().numpy()
    means, variances = [], []
    for image in h:
        blocks = [
            image[:, top : top + p, left : left + q]
            for top in range(0, h.shape[2], p)
            for left in range(0, h.shape[3], q)
        ]
        means.append([block.mean() for block in blocks])
        variances.append([block.var() for block in blocks])
    return np.array(means), np.array(variances)


def toy_network() -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 4, 1)).eval()
    network[1].running_mean.copy_(torch.tensor([0.3, -0.2, 0.1]))
    network[1].running_var.copy_(torch.tensor([0.5, 1.5, 2.0]))
    return network


def test_channel_moments_are_each_images_mean_and_biased_variance():
    h = draw(3, 2, 4, 5)
    mean, variance = channel_moments(h)
    for image in range(3):
        for channel in range(2):
            plane = h[image, channel].double().numpy()
            assert mean[image, channel].item() == pytest.approx(plane.mean(), abs=1e-6)
            assert variance[image, channel].item() == pytest.approx(((plane - plane.mean()) ** 2).sum() / 20, rel=1e-5)


def test_patch_moments_of_a_map_that_divides_evenly():
    h = draw(3, 5, 8, 12)
    expected = looped_patches(h, 4, 4)
    for got, wanted in zip(patch_moments(h, 4), expected, strict=True):
        assert got.shape == (3, 6)
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("height", "width", "enlarged"), [(7, 7, (8, 8)), (28, 14, (28, 16)), (9, 5, (12, 8))])
def test_patch_moments_interpolate_a_map_up_to_multiples_of_the_patch(height, width, enlarged):
    h = draw(2, 3, height, width)
    larger = F.interpolate(h.double(), enlarged, mode="bilinear", align_corners=False)
    for got, wanted in zip(patch_moments(h, 4), looped_patches(larger, 4, 4), strict=True):
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-4, atol=1e-5)


def test_patch_moments_take_a_map_smaller_than_the_patch_whole():
    h = draw(2, 3, 2, 2)
    mean, variance = patch_moments(h, 4)
    np.testing.assert_allclose(mean.numpy(), h.numpy().mean((1, 2, 3))[:, None], rtol=1e-5)
    np.testing.assert_allclose(variance.numpy(), h.numpy().var((1, 2, 3))[:, None], rtol=1e-5)


def test_patch_moments_of_a_map_low_but_wide_are_cut_across_only():
    h = draw(2, 3, 2, 8)
    for got, wanted in zip(patch_moments(h, 4), looped_patches(h, 2, 4), strict=True):
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-5, atol=1e-6)


def test_many_images_read_in_parts_have_the_moments_of_one_reading():
    h = draw(9, 16, 96, 96)
    assert h.numel() > 2 * CHUNK_ELEMENTS
    mean = h.mean((2, 3), keepdim=True)
    channel = mean, (h - mean).square().mean((2, 3))
    patches = h.unflatten(2, (24, 4)).unflatten(4, (24, 4))
    centred = patches - patches.mean((1, 3, 5), keepdim=True)
    patch = patches.mean((1, 3, 5)), centred.square().mean((1, 3, 5))
    for got, wanted in zip(both_moments(h, 4), (*channel, *patch), strict=True):
        torch.testing.assert_close(got, wanted.flatten(1), rtol=2e-6, atol=2e-6)
    swapped = h.contiguous(memory_format=torch.channels_last)
    for got, wanted in zip(both_moments(swapped, 4), both_moments(h, 4), strict=True):
        torch.testing.assert_close(got, wanted, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("size", [8, 7])  # 7: patches are taken from a larger map
def test_the_gradient_of_moments_read_together_is_that_of_each_in_plain_torch(size):
    h = draw(3, 4, size, size).double().requires_grad_()
    larger = F.interpolate(h, (8, 8), mode="bilinear", align_corners=False) if size == 7 else h
    patches = larger.unflatten(2, (2, 4)).unflatten(4, (2, 4)).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)
    plain = h.mean((2, 3)), h.var((2, 3), correction=0), patches.mean(2), patches.var(2, correction=0)
    weights = [draw(*moment.shape, seed=number) for number, moment in enumerate(plain)]
    (wanted,) = torch.autograd.grad(sum((w * m).sum() for w, m in zip(weights, plain, strict=True)), h)
    (got,) = torch.autograd.grad(sum((w * m).sum() for w, m in zip(weights, both_moments(h, 4), strict=True)), h)
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-6)


def test_a_sets_moments_are_those_over_all_its_images_and_pixels():
    h = draw(6, 3, 8, 8) + torch.arange(6.0).view(6, 1, 1, 1)  # images differ: the part between them counts
    labels = np.array([0, 2, 0, 0, 2, 3])
    member = torch.from_numpy(np.stack([labels == c for c in range(4)])).float()
    channel = pool_moments(Moments(*channel_moments(h)), member)
    patch = pool_moments(Moments(*patch_moments(h, 4)), member)
    for c in (0, 2, 3):
        own = h[torch.from_numpy(labels == c)].double().numpy()
        np.testing.assert_allclose(channel.mean[c], own.mean((0, 2, 3)), rtol=1e-5)
        np.testing.assert_allclose(channel.variance[c], own.var((0, 2, 3)), rtol=1e-5)
        positions = [own[:, :, i : i + 4, j : j + 4] for i in (0, 4) for j in (0, 4)]
        np.testing.assert_allclose(patch.mean[c], [x.mean() for x in positions], rtol=1e-5)
        np.testing.assert_allclose(patch.variance[c], [x.var() for x in positions], rtol=1e-5)
    assert channel.mean[1].tolist() == channel.variance[1].tolist() == [0, 0, 0]


def test_without_between_a_sets_variance_is_the_mean_of_its_images_variances():
    h = draw(4, 3, 5, 5) + torch.arange(4.0).view(4, 1, 1, 1)
    mean, variance = channel_moments(h)
    within = pool_moments(Moments(mean, variance), torch.ones(1, 4), between=False).variance[0]
    np.testing.assert_allclose(
        within, [np.mean([h[i, k].numpy().var() for i in range(4)]) for k in range(3)], rtol=1e-5
    )
    assert (pool_moments(Moments(mean, variance), torch.ones(1, 4)).variance[0] > within + 0.5).all()


def test_a_sets_variance_survives_a_mean_far_from_zero():
    h = draw(8, 1, 6, 6) * 0.05 + 300
    variance = pool_moments(Moments(*channel_moments(h)), torch.ones(1, 8)).variance.item()
    assert variance == pytest.approx(h.double().numpy().var(), rel=1e-2)


def test_collector_reads_each_conv_and_norm_input_in_order():
    network, images = toy_network(), draw(3, 2, 6, 6)
    with MomentHooks(network, patch=4) as hooks, torch.no_grad():
        network(images)
        moments = hooks.pop()
        hidden = network[0](images)
        last = torch.relu(network[1](hidden))
    assert hooks.layout.layers == ["0", "1", "3"]
    assert hooks.layout.is_norm == [False, True, False]
    assert hooks.layout.groups == [
        NormGroup(0, "channel", 2),
        NormGroup(0, "patch", 4),
        NormGroup(1, "channel", 3),
        NormGroup(2, "channel", 3),
        NormGroup(2, "patch", 4),
    ]
    parts = [channel_moments(images), patch_moments(images, 4), channel_moments(hidden)]
    parts += [channel_moments(last), patch_moments(last, 4)]
    torch.testing.assert_close(moments.mean, torch.cat([part[0] for part in parts], 1))
    torch.testing.assert_close(moments.variance, torch.cat([part[1] for part in parts], 1))


def test_layout_says_which_norm_owns_each_column():
    layout = FeatureLayout(["a", "b"], [True, False], [NormGroup(0, "channel", 2), NormGroup(1, "channel", 1)])
    layout.groups.append(NormGroup(1, "patch", 3))
    assert layout.width == 6
    assert layout.owners().tolist() == [0, 0, 1, 2, 2, 2]


def test_a_paused_collector_leaves_nothing_and_a_left_one_has_no_hooks():
    network = toy_network()
    with MomentHooks(network, patch=4) as hooks:
        hooks.paused = True
        network(draw(1, 2, 6, 6))
        assert hooks.seen == {}
    hooks.paused = False
    network(draw(1, 2, 6, 6))
    assert hooks.seen == {}


@pytest.mark.parametrize("name", ["resnet18-w4", "wrn-10-1", "mobilenetv2-0.25", "shufflenetv2-0.25", "convnet-d2-w4"])
def test_moments_of_every_family_carry_gradients_to_the_images(name):
    torch.manual_seed(0)
    network = build(name, 1, 16, 3).eval()
    images = draw(2, 1, 16, 16).requires_grad_()
    with MomentHooks(network, patch=4) as hooks:
        network(images)
        moments = hooks.pop()
    (moments.mean.sum() + moments.variance.sum()).backward()
    assert len(hooks.layout.layers) == len({group.layer for group in hooks.layout.groups})
    assert moments.mean.shape == (2, hooks.layout.width)
    assert (images.grad != 0).float().mean() > 0.9


def streamed(batch: int) -> dict[str, torch.Tensor]:
    """Statistics of 90 images in 3 classes, `batch` at a time."""
    network, images = toy_network(), stream_images()
    labels = stream_labels()
    sums = None
    with MomentHooks(network, patch=4) as hooks, torch.no_grad():
        for start in range(0, 90, batch):
            network(images[start : start + batch])
            moments = hooks.pop()
            sums = sums or ClassSums.empty(3, hooks.layout.width)
            sums.add(moments, labels[start : start + batch])
    return sums.finish()


def stream_images() -> torch.Tensor:
    return draw(90, 2, 6, 6) + stream_labels().view(-1, 1, 1, 1) + draw(90, 2, 1, 1, seed=3)


def stream_labels() -> torch.Tensor:
    return torch.arange(90).pow(2) % 3 + (torch.arange(90) % 4 == 3)


@pytest.mark.parametrize("batch", [1, 7, 64])
def test_statistics_streamed_in_batches_equal_one_pass(batch):
    whole, parts = streamed(90), streamed(batch)
    assert parts["count"].tolist() == whole["count"].tolist() == torch.bincount(stream_labels()).tolist()
    for name in ("mean", "within", "between"):
        torch.testing.assert_close(parts[name], whole[name], rtol=1e-5, atol=1e-6)


def test_statistics_equal_each_classs_mean_and_variance_in_numpy():
    images, labels, statistics = stream_images().double().numpy(), stream_labels().numpy(), streamed(7)
    assert all(tensor.is_contiguous() for tensor in statistics.values())
    for c in range(3):
        own = images[labels == c]  # the first layer's input: columns 0 and 1
        np.testing.assert_allclose(statistics["mean"][c, :2], own.mean((0, 2, 3)), rtol=1e-4)
        np.testing.assert_allclose(statistics["within"][c, :2], own.var((2, 3)).mean(0), rtol=1e-4)
        np.testing.assert_allclose(statistics["between"][c, :2], own.mean((2, 3)).var(0), rtol=1e-4)
        total = statistics["within"] + statistics["between"]
        np.testing.assert_allclose(total[c, :2], own.var((0, 2, 3)), rtol=1e-4)
