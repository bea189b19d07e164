"""Networks: the paper's sizes, the shapes they take, and refusals that name the culprit."""

from importlib.util import find_spec

import pytest
import torch
from torch import nn

from edc_core.errors import SettingsError
from edc_core.networks.builders import build, features_of
from edc_core.networks.catalogue import FAMILIES
from edc_core.torch_utils.avg_pool import AvgPool2x2


def count(network: nn.Module, kind: type[nn.Module]) -> int:
    return sum(isinstance(module, kind) for module in network.modules())


@pytest.mark.parametrize(
    ("name", "parameters", "norms", "convolutions"),
    [
        ("resnet18", 11_173_962, 20, 20),
        ("convnet-d3-w128", 320_010, 0, 3),
        ("mobilenetv2-0.5", 697_546, 53, 53),
        ("wrn-16-2", 691_674, 13, 16),
        ("shufflenetv2-0.5", 351_466, 56, 56),
        ("convnet-d1-w128", 331_530, 0, 1),
        ("convnet-d2-w128", 233_610, 0, 2),
        ("convnet-d3-w32", 24_714, 0, 3),
    ],
)
def test_the_committee_has_the_papers_sizes(name, parameters, norms, convolutions):
    with torch.device("meta"):
        network = build(name, channels=3, size=32, classes=10)
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    assert (count(network, nn.BatchNorm2d), count(network, nn.Conv2d)) == (norms, convolutions)


SMALL = ["convnet-d3-w8", "resnet18-w8", "wrn-10-1", "mobilenetv2-0.25", "shufflenetv2-0.25"]


@pytest.mark.parametrize("size", [28, 32])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", SMALL)
def test_a_small_one_sees_grey_and_colour_at_28_and_32_px(name, channels, size):
    torch.manual_seed(0)
    network = build(name, channels, size, classes=7).eval()
    with torch.no_grad():
        logits = network(torch.rand(2, channels, size, size))
    assert logits.shape == (2, 7)
    assert logits.isfinite().all()
    assert not torch.equal(logits[0], logits[1])


@pytest.mark.parametrize("name", SMALL)
def test_above_64_px_the_stem_shrinks_the_image(name):
    networks = {}
    for size in (64, 96):
        with torch.device("meta"):
            networks[size] = build(name, 3, size, 10)
    stems = {size: next(m for m in network.modules() if isinstance(m, nn.Conv2d)) for size, network in networks.items()}
    assert stems[64].stride == (1, 1)
    assert stems[96].stride == (1, 1) if name.startswith("convnet") else stems[96].stride > (1, 1)


@pytest.mark.parametrize("name", SMALL)
def test_features_are_what_the_last_linear_layer_is_given(name):
    torch.manual_seed(0)
    network = build(name, 1, 16, 5).eval()
    head = [module for module in network.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        images = torch.rand(3, 1, 16, 16)
        logits, features = features_of(network, images)
        assert features.shape == (3, head.in_features)
        torch.testing.assert_close(head(features), logits)
        torch.testing.assert_close(network(images), logits)
    assert not head._forward_pre_hooks


def test_convnet_normalises_each_image_and_channel_for_itself():
    torch.manual_seed(0)
    network = build("convnet-d1-w4", 1, 8, 2)
    image = torch.rand(1, 1, 8, 8)
    norm = next(module for module in network.modules() if isinstance(module, nn.GroupNorm))
    with torch.no_grad():
        normalised = norm(network.features[0](image))
    torch.testing.assert_close(normalised.mean((2, 3)), torch.zeros(1, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(normalised.var((2, 3), correction=0), torch.ones(1, 4), atol=1e-2, rtol=0)


def test_every_family_has_a_builder_and_an_example_that_builds():
    for entry in FAMILIES.values():
        if entry.package is None or find_spec(entry.package):
            with torch.device("meta"):
                network = build(entry.example, 1, max(28, entry.smallest), 10)
            assert any(parameter.numel() for parameter in network.parameters()), entry.example


@pytest.mark.parametrize("name", ["resnet19", "convnet-d3", "wrn-17-2", "mobilenetv2-2.0", "shufflenetv2-0.7", ""])
def test_an_unknown_name_is_refused_by_name(name):
    with pytest.raises(SettingsError, match=f"'{name}' is unknown"):
        build(name, 3, 32, 10)


@pytest.mark.parametrize(
    ("name", "meant"),
    [("resnet-18", "resnet18"), ("convnet-d3", "convnet-d3-w128"), ("ConvNet-D1", "convnet-d3-w128")],
)
def test_a_near_miss_is_told_what_was_meant(name, meant):
    with pytest.raises(SettingsError, match=f"did you mean '{meant}'"):
        build(name, 3, 32, 10)


@pytest.mark.parametrize(("name", "size", "smallest"), [("convnet-d5-w8", 28, 32), ("resnet18-w8", 7, 8)])
def test_images_too_small_are_refused_with_the_name_and_both_sizes(name, size, smallest):
    sentence = f"'{name}' needs images of at least {smallest} px, but these are {size} px"
    with pytest.raises(SettingsError, match=sentence):
        build(name, 3, size, 10)
    assert build(name, 3, smallest, 10).eval()(torch.rand(1, 3, smallest, smallest)).shape == (1, 10)


@pytest.mark.parametrize("size", [2, 7, 12])
def test_halving_is_average_pooling_to_rounding(size: int) -> None:
    x = torch.randn(3, 4, size, size, generator=torch.Generator().manual_seed(0)).requires_grad_()
    ours, theirs = AvgPool2x2()(x), torch.nn.functional.avg_pool2d(x, 2)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=3e-7)
    weights = torch.randn_like(ours)
    (gradient,) = torch.autograd.grad(ours, x, weights, create_graph=True)
    assert torch.equal(gradient, *torch.autograd.grad(theirs, x, weights))
    assert torch.autograd.gradgradcheck(AvgPool2x2(), x.detach().double().requires_grad_())
