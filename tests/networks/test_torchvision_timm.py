"""Networks of the libraries: their own sizes, one step of training and of matching each, and refusals in a sentence.

`python -m experiments.networks_table` does this for every combination; here the heavy ones are seen once.
"""

from functools import cache

import pytest
import torch
from torch import nn

from edc_core.errors import SettingsError
from edc_core.networks import catalogue
from edc_core.networks.builders import build, features_of
from edc_core.networks.catalogue import FAMILIES, check_batches, check_fits, family_of
from edc_core.networks.runtime import resolve_precision
from edc_core.performance import costs
from edc_core.performance.costs import STEP_KINDS, Costs
from experiments.network_trials import constructed, new_network, tried

# At 224 px with 1,000 classes, as torchvision documents them (DeiT-Tiny: timm).
LIBRARIES_OWN = {
    "resnet18": 11_689_512,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "mobilenetv2": 3_504_872,
    "shufflenetv2-0.5": 1_366_792,
    "shufflenetv2-1.0": 2_278_604,
    "efficientnet-b0": 5_288_548,
    "alexnet": 61_100_840,
    "vgg11-bn": 132_868_840,
    "densenet121": 7_978_856,
    "convnext-t": 28_589_128,
    "swin-t": 28_288_354,
    "deit-tiny": 5_717_416,
}
QUICK = ("resnet50-w4", "mobilenetv2-0.25", "shufflenetv2-0.25", "vgg11-bn")
HEAVY = {
    "resnet101": (3, 28),
    "efficientnet-b0": (1, 64),
    "mobilenetv2": (3, 28),
    "densenet121": (1, 32),
    "convnext-t": (3, 28),
    "swin-t": (1, 28),
    "alexnet": (3, 64),
    "deit-tiny": (1, 28),
    "shufflenetv2-1.0": (1, 32),
}


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def need(name: str) -> None:
    if package := FAMILIES[catalogue.family_of(name)[0]].package:
        pytest.importorskip(package)


@cache
def of_the_library(name: str) -> nn.Module:
    """At 224 px, in eval mode and without memory for its weights."""
    with torch.device("meta"):
        return build(name, 3, 224, 1000).eval()


@pytest.mark.parametrize("name", LIBRARIES_OWN)
def test_above_64_px_it_is_the_librarys_own(name: str) -> None:
    need(name)
    network = of_the_library(name)
    assert sum(parameter.numel() for parameter in network.parameters()) == LIBRARIES_OWN[name]
    assert network(torch.empty(2, 3, 224, 224, device="meta")).shape == (2, 1000)


@pytest.mark.parametrize("name", LIBRARIES_OWN)
def test_it_takes_grey_at_224_px(name: str) -> None:
    need(name)
    found = constructed(name, 1, 224)
    assert found.convolutions > 0
    without_norms = name in ("alexnet", "convnext-t", "swin-t", "deit-tiny")
    assert (found.norms == 0) == without_norms
    assert FAMILIES[family_of(name)[0]].batch_norm == (found.norms > 0)


@pytest.mark.parametrize(("channels", "size"), [(1, 28), (3, 32), (3, 64)])
@pytest.mark.parametrize("name", QUICK)
def test_it_trains_and_is_matched(name: str, channels: int, size: int) -> None:
    if size < FAMILIES[catalogue.family_of(name)[0]].smallest:
        with pytest.raises(SettingsError, match=f"'{name}' needs images of at least 32 px, but these are {size} px"):
            tried(name, channels, size)
    else:
        tried(name, channels, size)


@pytest.mark.parametrize("name", HEAVY)
def test_a_heavy_one_trains_and_is_matched(name: str) -> None:
    need(name)
    assert tried(name, *HEAVY[name]).convolutions > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_its_smallest_size_is_taken_and_below_it_a_sentence_names_it(family: str) -> None:
    name, smallest = FAMILIES[family].example, FAMILIES[family].smallest
    need(name)
    with torch.device("meta"):
        assert build(name, 3, smallest, 5).eval()(torch.empty(2, 3, smallest, smallest)).shape == (2, 5)
    with pytest.raises(SettingsError, match=rf"'{name}' needs images of at least {smallest} px, but these are 7 px: "):
        check_fits(name, 7)


@pytest.mark.parametrize("size", [18, 31, 63, 100])
def test_sides_that_are_no_multiple_of_a_patch_are_filled_up(size: int) -> None:
    need("deit-tiny")
    with torch.device("meta"):
        assert build("deit-tiny", 3, size, 5).eval()(torch.empty(2, 3, size, size)).shape == (2, 5)


@pytest.mark.parametrize(
    "name", ["resnet18-w4", "resnet50-w4", "mobilenetv2-0.5", "shufflenetv2-0.5", "densenet121", "convnet-d2-w8"]
)
def test_a_batch_of_one_image_is_refused_exactly_where_it_would_fail(name: str) -> None:
    lone = torch.randn(1, 3, 8, 8)
    try:
        build(name, 3, 8, 4).train()(lone)
    except ValueError:
        with pytest.raises(SettingsError, match="views.batch_size is 29.* the last batch of 30 images holds one"):
            check_batches(name, 8, 30, 29, "views.batch_size")
    else:
        check_batches(name, 8, 30, 29, "views.batch_size")
    check_batches(name, 8, 30, 28, "views.batch_size")
    check_batches(name, FAMILIES[family_of(name)[0]].alone or 9, 30, 29, "views.batch_size")


@pytest.mark.parametrize("name", LIBRARIES_OWN)
def test_features_are_what_its_last_linear_layer_is_given(name: str) -> None:
    need(name)
    with torch.device("meta"):
        network = build(name, 3, 64, 5).eval()
        head = [module for module in network.modules() if isinstance(module, torch.nn.Linear)][-1]
        logits, features = features_of(network, torch.empty(2, 3, 64, 64))
    assert (logits.shape, features.shape) == ((2, 5), (2, head.in_features))
    assert head.out_features == 5


@pytest.mark.parametrize("name", ["swin-t", "deit-tiny", "convnext-t"])
def test_it_is_differentiable_twice(name: str) -> None:
    """As curvature needs it."""
    need(name)
    network, images = new_network(name, 1, 16).eval(), torch.rand(1, 1, 16, 16, requires_grad=True)
    (slope,) = torch.autograd.grad(network(images).square().sum(), images, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.square().sum(), images)
    assert curvature.isfinite().all()
    assert curvature.abs().max() > 0


def test_small_images_keep_a_map_of_several_pixels() -> None:
    """The last convolution of what has a small stem sees at least 2 x 2 pixels at 28 px."""
    for name in ("resnet50-w4", "efficientnet-b0", "mobilenetv2", "densenet121"):
        network, seen = new_network(name, 1, 28).eval(), []
        wide = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        wide[-1].register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0].shape[-1]))
        with torch.no_grad():
            network(torch.zeros(1, 1, 28, 28))
        assert seen[0] >= 3, name


def test_nothing_is_drawn_while_it_trains() -> None:
    """No dropout, no stochastic depth: a resumed training repeats its steps to the bit."""
    for name in ("efficientnet-b0", "mobilenetv2"):
        network, images = new_network(name, 1, 16).train(), torch.rand(2, 1, 16, 16)
        with torch.no_grad():
            torch.testing.assert_close(network(images), network(images), rtol=0, atol=0)
    for name in LIBRARIES_OWN:
        if name != "deit-tiny":
            modules = of_the_library(name).modules()
            off = [getattr(m, "p", 0.0) for m in modules if type(m).__name__ in ("Dropout", "StochasticDepth")]
            assert not any(off), name


def test_without_its_package_a_network_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="'deit-tiny' is built by timm, which is not installed: pip install timm"):
        check_fits("deit-tiny", 224)


def test_every_family_has_a_precision_and_a_forecast() -> None:
    assert 0 < sum(entry.fast_in_bfloat16 for entry in FAMILIES.values()) < len(FAMILIES)
    machine = Costs(3, 64)
    for entry in FAMILIES.values():
        assert resolve_precision("float32", entry.example, "cpu") == "float32"
        assert resolve_precision("auto", entry.example, "mps") == "float32"
        assert all(machine.seconds(kind, entry.example, 25) > 0 for kind in STEP_KINDS)
        assert machine.kept("weights", entry.example) > 0


def test_a_deeper_or_wider_network_is_forecast_to_take_longer() -> None:
    narrow, whole, deep = (
        Costs(3, 32).seconds("train", name, 25) for name in ("resnet50-w16", "resnet50", "resnet101")
    )
    assert narrow < costs.Costs(3, 32).seconds("train", "resnet18", 25) < whole < deep
