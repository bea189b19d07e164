"""The matching losses against a plain NumPy computation in float64, written from the paper's Eq. 5."""

import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edc_core.config import SynthesiseConfig
from edc_core.synthesis.matching import Matcher, RunningMoments, Targets, make_targets
from edc_core.synthesis.moments import ClassSums, FeatureLayout, MomentHooks, Moments, NormGroup

PATCH, CLASSES = 4, 4
LABELS = np.array([0, 2, 2, 0, 2, 3])  # class 1 is absent, class 3 has a single image


def generator(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def toy_network() -> nn.Module:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 1)).eval()
    network[1].running_mean.copy_(torch.tensor([0.4, -0.3, 0.2]))
    network[1].running_var.copy_(torch.tensor([0.6, 1.4, 2.1]))
    return network


def training_set() -> tuple[torch.Tensor, np.ndarray]:
    labels = np.arange(40) % 7 % CLASSES
    shift = torch.from_numpy(labels).view(-1, 1, 1, 1) * 0.5
    return generator(40, 2, 6, 6, seed=1) * 0.8 + shift + generator(40, 2, 1, 1, seed=2), labels


def condensed() -> torch.Tensor:
    return generator(6, 2, 6, 6, seed=3)


def configured(**values) -> SynthesiseConfig:
    return SynthesiseConfig(**{"observers": ("resnet18",), "momentum": 0.0} | values)


def make_matcher(config: SynthesiseConfig) -> tuple[nn.Module, MomentHooks, Matcher]:
    network, (images, labels) = toy_network(), training_set()
    with MomentHooks(network, PATCH) as hooks, torch.no_grad():
        network(images)
        moments = hooks.pop()
    sums = ClassSums.empty(CLASSES, hooks.layout.width)
    sums.add(moments, torch.from_numpy(labels))
    targets = make_targets(sums.finish(), hooks.layout, network, config.category_variance)
    return network, hooks, Matcher(config, hooks.layout, targets, "cpu")


def engine_loss(config: SynthesiseConfig, images: torch.Tensor, keep=(1, 1, 1)) -> torch.Tensor:
    network, hooks, matcher = make_matcher(config)
    with hooks:
        network(images)
        moments = hooks.pop()
    return matcher.loss(moments, torch.from_numpy(LABELS), torch.tensor(keep, dtype=torch.float32))[0]


def layer_inputs(images: torch.Tensor) -> list[np.ndarray]:
    """Inputs of the toy's convolution, norm and convolution, in float64."""
    network, x = copy.deepcopy(toy_network()).double(), images.detach().double()
    with torch.no_grad():
        hidden = network[0](x)
        return [x.numpy(), hidden.numpy(), torch.relu(network[1](hidden)).numpy()]


def channel_sets(h: np.ndarray) -> list[np.ndarray]:
    """What each channel's moments are taken over, images first."""
    return [h[:, k].reshape(len(h), -1) for k in range(h.shape[1])]


def patch_sets(h: np.ndarray) -> list[np.ndarray]:
    h = F.interpolate(torch.from_numpy(h), (8, 8), mode="bilinear", align_corners=False).numpy()
    return [h[:, :, i : i + 4, j : j + 4].reshape(len(h), -1) for i in (0, 4) for j in (0, 4)]


def plain_moments(sets: list[np.ndarray], rows: np.ndarray, within: bool = False) -> tuple[np.ndarray, np.ndarray]:
    mean = np.array([x[rows].mean() for x in sets])
    variance = [x[rows].var(axis=1).mean() if within else x[rows].var() for x in sets]
    return mean, np.array(variance)


def gap(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> float:
    return sum(np.sqrt(((x - y) ** 2).sum()) for x, y in zip(a, b, strict=True))


def plain_loss(config: SynthesiseConfig, images: torch.Tensor, keep=(1, 1, 1)) -> float:
    real, real_labels = training_set()
    norm, within = toy_network()[1], config.category_variance == "within_image"
    everyone, real_everyone = np.arange(len(LABELS)), np.arange(len(real_labels))
    total, matched = 0.0, 0
    for layer, (own, true) in enumerate(zip(layer_inputs(images), layer_inputs(real), strict=True)):
        is_norm = layer == 1
        if not is_norm and not config.match_convolutions:
            continue
        kinds = [channel_sets] if is_norm or not config.match_patches else [channel_sets, patch_sets]
        form1 = form2 = 0.0
        for kind in kinds:
            ours, theirs = kind(own), kind(true)
            batch = plain_moments(ours, everyone)
            if is_norm:
                target = (norm.running_mean.double().numpy(), norm.running_var.double().numpy())
            else:
                target = plain_moments(theirs, real_everyone)
            form1 += gap(target, batch)
            of_class = [plain_moments(theirs, real_labels == c, within) for c in range(CLASSES)]
            if config.category_form == "batch_mixture":
                mixture = [np.mean([of_class[c][part] for c in LABELS], axis=0) for part in (0, 1)]
                form2 += gap(tuple(mixture), batch)
                continue
            for c in set(LABELS):
                members = np.flatnonzero(c == LABELS)
                target = plain_moments(theirs, real_labels == c, within or len(members) == 1)
                form2 += len(members) / len(LABELS) * gap(target, plain_moments(ours, members, within))
        weight = config.first_layer_weight if matched == 0 else 1.0
        total += keep[layer] * weight * (config.alpha * form1 + (1 - config.alpha) * form2)
        matched += 1
    return total


CASES = {
    "global_only": {"alpha": 1.0},
    "per_class_only": {"alpha": 0.0},
    "per_class": {"alpha": 0.5},
    "per_class_within_image": {"alpha": 0.3, "category_variance": "within_image"},
    "mixture_only": {"alpha": 0.0, "category_form": "batch_mixture"},
    "mixture": {"alpha": 0.3, "category_form": "batch_mixture"},
    "mixture_within_image": {"alpha": 0.0, "category_form": "batch_mixture", "category_variance": "within_image"},
    "no_patches": {"match_patches": False},
    "norms_only": {"match_convolutions": False},  # the first matched layer is the norm, and has the weight 10
    "even_weights": {"first_layer_weight": 1.0},
}


@pytest.mark.parametrize("case", CASES)
def test_the_loss_equals_a_plain_computation(case):
    config = configured(**CASES[case])
    assert engine_loss(config, condensed()).item() == pytest.approx(plain_loss(config, condensed()), rel=1e-5)


def test_the_cases_differ_from_one_another():
    values = [plain_loss(configured(**values), condensed()) for values in CASES.values()]
    assert min(abs(a - b) for i, a in enumerate(values) for b in values[:i]) > 1e-3


def test_the_first_matched_layer_counts_ten_times():
    assert configured().first_layer_weight == 10
    _, _, matcher = make_matcher(configured())
    assert matcher.weight.tolist() == [10, 1, 1]
    _, _, matcher = make_matcher(configured(match_convolutions=False))
    assert matcher.weight.tolist() == [0, 10, 0]


def test_a_dropped_layer_leaves_the_loss():
    config = configured()
    loss = engine_loss(config, condensed(), keep=(1, 0, 1)).item()
    assert loss == pytest.approx(plain_loss(config, condensed(), keep=(1, 0, 1)), rel=1e-5)
    assert loss != pytest.approx(plain_loss(config, condensed()), rel=1e-3)


@pytest.mark.parametrize("case", ["per_class", "per_class_within_image", "mixture", "norms_only"])
def test_the_gradient_equals_finite_differences_of_the_plain_computation(case):
    config, images = configured(**CASES[case]), condensed().requires_grad_()
    engine_loss(config, images).backward()
    step = 1e-6
    for flat in (0, 37, 80, 155, 201, 290, 371, 431):
        bump = torch.zeros(images.numel(), dtype=torch.float64)
        bump[flat] = step
        bump = bump.view(images.shape)
        there = [plain_loss(config, images.detach().double() + sign * bump) for sign in (1, -1)]
        slope = (there[0] - there[1]) / (2 * step)
        assert images.grad.flatten()[flat].item() == pytest.approx(slope, rel=1e-3, abs=1e-5)


def test_gaps_are_the_unweighted_forms_of_each_layer():
    config = configured(alpha=0.3)
    network, hooks, matcher = make_matcher(config)
    with hooks, torch.no_grad():
        network(condensed())
        loss, layer_losses = matcher.loss(hooks.pop(), torch.from_numpy(LABELS), torch.ones(3))
    again = (torch.tensor([10.0, 1, 1]) * (0.3 * layer_losses.form1 + 0.7 * layer_losses.form2)).sum()
    assert loss.item() == pytest.approx(again.item(), rel=1e-6)


def test_the_norm_of_nothing_has_no_gradient():
    _, _, matcher = make_matcher(configured())
    difference = torch.zeros(1, matcher.layout.width, requires_grad=True)
    matcher.norms(difference).sum().backward()
    assert difference.grad.abs().max() == 0


def moments(*rows: list[float]) -> Moments:
    mean = torch.tensor(rows)
    return Moments(mean.requires_grad_(), (mean.detach() + 1).requires_grad_())


@pytest.mark.parametrize(("start", "expected"), [("first_batch", [1.0, 1.8, 1.04]), ("zero", [0.2, 1.16, 0.528])])
def test_running_moments_blend_values_but_keep_the_batchs_gradient(start, expected):
    running = RunningMoments(0.8, start)
    for moment, value in zip((1.0, 5.0, -2.0), expected, strict=True):
        given = moments([moment])
        used = running.update(given)
        assert used.mean.item() == pytest.approx(value, abs=1e-6)
        (used.mean * 3 + used.variance * 7).sum().backward()
        assert (given.mean.grad.item(), given.variance.grad.item()) == (3, 7)
    assert running.state()["variance"].item() == pytest.approx(expected[-1] + (1 if start != "zero" else 0.488))


def test_a_checkpoint_that_holds_rows_of_absent_classes_goes_on_without_them():
    running = RunningMoments(0.8, "first_batch")
    rows = torch.tensor([[1.0], [0.0], [3.0]])
    running.restore({"mean": rows, "variance": rows, "filled": torch.tensor([True, False, True])})
    assert running.update(moments([1.0], [3.0])).mean.tolist() == [[1.0], [3.0]]


def test_absent_classes_neither_count_nor_cost():
    """Of eight classes two are in the batch: the loss is that of these two alone, and only theirs are kept."""
    config = configured(alpha=0.5)
    layout = FeatureLayout(["conv"], [False], [NormGroup(0, "channel", 5)])
    generator = torch.Generator().manual_seed(0)
    images = Moments(torch.randn(6, 5, generator=generator), torch.rand(6, 5, generator=generator))
    everyone, classes = (
        Moments(torch.randn(n, 5, generator=generator), torch.rand(n, 5, generator=generator)) for n in (1, 8)
    )
    labels, two = torch.tensor([6, 2, 6, 2, 2, 6]), torch.tensor([2, 6])
    few = Moments(classes.mean[two], classes.variance[two])
    several, alone = (Matcher(config, layout, Targets(everyone, targets, targets), "cpu") for targets in (classes, few))
    loss = several.loss(images, labels, torch.ones(1))[0].item()
    assert loss == pytest.approx(alone.loss(images, (labels == 6).long(), torch.ones(1))[0].item(), rel=1e-6)
    assert several.running["classes"].state()["mean"].shape == (2, 5)


@pytest.mark.parametrize(("start", "first"), [("first_batch", 50.0), ("zero", 25.0)])
def test_the_loss_sees_the_running_moments_until_reset(start, first):
    zeros = Moments(torch.zeros(1, 2), torch.zeros(1, 2))
    layout = FeatureLayout(["bn"], [True], [NormGroup(0, "channel", 2)])
    config = configured(alpha=1.0, momentum=0.5, running_moments_init=start)
    matcher, labels, keep = Matcher(config, layout, Targets(zeros, zeros, zeros), "cpu"), torch.zeros(1).long(), 1
    image = Moments(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2))
    assert matcher.loss(image, labels, keep)[0].item() == pytest.approx(first)
    nothing = Moments(torch.zeros(1, 2, requires_grad=True), torch.zeros(1, 2))
    loss = matcher.loss(nothing, labels, keep)[0]
    assert loss.item() == pytest.approx(first / 2)
    loss.backward()
    assert nothing.mean.grad[0].tolist() == pytest.approx([6, 8])  # 10 x the direction (3, 4) / 5
    matcher.reset()
    assert matcher.loss(image, labels, keep)[0].item() == pytest.approx(first)
