"""Landscapes: directions and surfaces that can be believed, the stage that keeps them, the command, the plots."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from loss_landscapes.model_interface.model_parameters import ModelParameters
from torch import nn

from edc_core.config import EvaluateConfig, ViewsConfig
from edc_core.errors import Cancelled, SettingsError
from edc_core.landscape.config import landscape_config
from edc_core.landscape.directions import cosine, filter_normalised, hash_of, parameters_of, raw_directions
from edc_core.landscape.interpolation import barrier, interpolate
from edc_core.landscape.losses import OwnLoss, Sample, own_target
from edc_core.landscape.path import plane_of
from edc_core.landscape.surface import Surface, WeightProbe, axis, by_curvature, coarse, evaluate_surface
from edc_core.training.label_losses import LOSSES, LossInputs
from edc_core.training.views import ViewPlan
from tests.support.landscapes import filled, sample_of_noise, student

STUDENTS = ("convnet-d1-w4", "convnet-d3-w4", "resnet18-w4", "wrn-10-1", "mobilenetv2-0.25", "shufflenetv2-0.25")


@pytest.mark.parametrize("name", STUDENTS)
def test_directions_of_every_family(name: str) -> None:
    """A fresh network: its norms' biases are zero."""
    weights = parameters_of(student(name))
    raw = raw_directions(weights, 0)
    first, second = filter_normalised(weights, raw)
    assert abs(cosine(first, second)) < 1e-6
    for place in range(len(weights)):
        for direction in (first, second):
            own, way = weights[place], direction[place]
            if own.dim() <= 1:
                assert not way.any()
            elif own[0].numel() > 1:
                torch.testing.assert_close(way.flatten(1).norm(dim=1), own.flatten(1).norm(dim=1))
    other = parameters_of(student(name, 1))
    assert hash_of(raw) == hash_of(raw_directions(other, 0)) != hash_of(raw_directions(other, 1))


def test_a_filter_of_norm_zero_has_no_direction() -> None:
    weights = parameters_of(student("convnet-d1-w4"))
    weights[0][1] = 0
    ways = filter_normalised(weights, raw_directions(weights, 0))
    assert all(not way[0][1].any() and way[0][0].any() for way in ways)
    assert all(tensor.isfinite().all() for way in ways for tensor in way)
    assert abs(cosine(*ways)) < 1e-6


@pytest.mark.parametrize("name", STUDENTS)
def test_the_centre_is_the_plain_loss_and_the_student_stays_as_it_was(name: str) -> None:
    network, sample = student(name), sample_of_noise()
    network.head.train() if hasattr(network, "head") else network.train()
    next(network.parameters()).requires_grad_(False)
    state = {key: value.clone() for key, value in network.state_dict().items()}
    modes = [module.training for module in network.modules()]
    wanted = [p.requires_grad for p in network.parameters()]
    weights = parameters_of(network)
    ways = filter_normalised(weights, raw_directions(weights, 0))
    surfaces = [filled(Surface(axis(3, 0.5), axis(3, 0.5)), WeightProbe(network, ways, sample).at) for _ in range(2)]
    assert np.array_equal(surfaces[0].loss, surfaces[1].loss)
    assert np.array_equal(surfaces[0].top1, surfaces[1].top1)
    assert all(torch.equal(value, state[key]) for key, value in network.state_dict().items())
    assert modes == [module.training for module in network.modules()]
    assert wanted == [p.requires_grad for p in network.parameters()]
    images, labels = sample.rows(torch.arange(len(sample)))
    with torch.no_grad():
        plain = F.cross_entropy(network.eval()(images), labels).item()
    assert surfaces[0].loss[1, 1] == pytest.approx(plain, abs=1e-6)


class Bowl(nn.Module):
    """|w|^2 whatever it is shown: the same in every direction."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.zeros(2, 2))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.w.flatten().expand(len(images), 4)


class Squares(nn.Module):
    reduction = "mean"

    def forward(self, found: torch.Tensor, _: torch.Tensor) -> torch.Tensor:
        return found.square().sum(1).mean()


@pytest.mark.parametrize("side", [5, 25])
def test_rows_are_aligned_and_values_are_where_they_belong(side: int) -> None:
    images, labels = torch.zeros(1, 1, 1, 1), torch.zeros(1, dtype=torch.int64)
    bowl = Sample([(images, labels)], [labels], Squares())
    ways = [ModelParameters([torch.tensor([[1.0, 0], [0, 0]])]), ModelParameters([torch.tensor([[0, 1.0], [0, 0]])])]
    places = axis(side, 2.0)
    surface = filled(Surface(places, places), WeightProbe(Bowl(), ways, bowl).at)
    assert np.abs(surface.loss - (places[None] ** 2 + places[:, None] ** 2)).max() < 1e-5
    assert np.array_equal(surface.loss, surface.loss.T)
    assert np.array_equal(surface.loss, surface.loss[::-1])
    assert np.array_equal(surface.loss, surface.loss[:, ::-1])
    assert places[side // 2] == 0


def test_it_grows_from_coarse_to_where_it_bends_and_goes_on_after_a_stop() -> None:
    visited = []

    def at(x: float, y: float) -> tuple[float, float]:
        visited.append((x, y))
        return (math.inf if x > 0.9 and y > 0.9 else 10 * max(0.0, x - 0.3) ** 2), 0.0

    places = axis(31, 1.0)
    whole = filled(Surface(places, places), at)
    assert len(visited) == len(set(visited)) == 31**2
    first = {(round(x, 9), round(y, 9)) for x, y in visited[:121]}
    assert first == {(round(places[a], 9), round(places[b], 9)) for a in coarse(31) for b in coarse(31)}
    assert math.isinf(whole.loss[-1, -1])
    assert visited[121][0] > 0.8  # by the hole in the corner
    order = by_curvature(Surface(places, places), coarse(31), coarse(31))
    assert len(order) == 31**2

    stopped = Surface(places, places)

    def stop(done: int, total: int) -> None:
        if done == 300:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        evaluate_surface(stopped, at, stop, lambda surface: None)
    assert stopped.done.sum() == 300
    visited.clear()
    assert np.array_equal(filled(stopped, at).loss, whole.loss)
    assert len(visited) == 31**2 - 300


def test_the_plane_of_a_path_and_the_line_between_students() -> None:
    last = parameters_of(student("convnet-d1-w4"))
    ways = filter_normalised(last, raw_directions(last, 0))
    path = [last + ways[0] * a + ways[1] * b for a, b in ((3.0, 1.0), (2.0, -1.0), (0.5, 0.0), (0.0, 0.0))]
    plane = plane_of(last, path)
    assert sum(plane.explained) == pytest.approx(1, abs=1e-6)
    assert abs(cosine(*plane.directions)) < 1e-6
    back = last + plane.directions[0] * float(plane.places[0, 0]) + plane.directions[1] * float(plane.places[0, 1])
    for found_there, start in zip(back, path[0], strict=True):
        torch.testing.assert_close(found_there, start, atol=1e-4, rtol=1e-4)

    first, second, sample = student("resnet18-w4"), student("resnet18-w4", 1), sample_of_noise()
    with torch.no_grad():
        for module in second.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.add_(0.3)
    at = interpolate(first, second, sample)
    ends = [WeightProbe(network, [], sample).at() for network in (first, second)]
    assert [at(0.0), at(1.0)] == ends
    shares = np.linspace(0, 1, 5)
    assert barrier(shares, np.array([1.0, 1, 3, 1, 1])) == pytest.approx(2)
    with pytest.raises(SettingsError, match="different networks"):
        interpolate(first, student("wrn-10-1"), sample)


@pytest.mark.parametrize("loss", ["mse_gt", "kl", "ce", "cosine"])
def test_the_own_loss_is_the_one_that_students_are_trained_on(loss: str) -> None:
    config = EvaluateConfig(loss=loss)
    draw = torch.Generator().manual_seed(0)
    logits, soft = torch.randn(2, 6, 10, generator=draw)
    labels = torch.randint(0, 10, (6,), generator=draw)
    view = next(ViewPlan(ViewsConfig(batch_size=6), 6, 28).epoch(0))
    wanted = LOSSES[loss](LossInputs(logits, labels, soft, view.cutmix), config)
    torch.testing.assert_close(OwnLoss(config)(logits, own_target(view, labels, soft, 10, config)), wanted)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"grid": 20}, "odd"),
        ({"grid": 103}, "101"),
        ({"kind": "between"}, "other"),
        ({"kind": "mountain"}, "kind"),
        ({"spam": 1}, "unknown"),
    ],
)
def test_a_wrong_question_is_refused_by_name(values: dict, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        landscape_config(**values)
