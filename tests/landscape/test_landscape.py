"""Landscapes: directions and surfaces that can be believed, the stage that keeps them, the command, the plots."""

import math
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from loss_landscapes.model_interface.model_parameters import ModelParameters
from torch import nn

from edc_core.config import EvaluateConfig, ViewsConfig, checked
from edc_core.design_space.compose import configure, table_named
from edc_core.errors import Cancelled, SettingsError
from edc_core.events import Progress, no_op
from edc_core.figures import landscape as figures
from edc_core.figures import sharpness as figures_sharpness
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery, execute_landscape
from edc_core.landscape.config import differing, landscape_config, matching_loss
from edc_core.landscape.directions import cosine, filter_normalised, hash_of, parameters_of, raw_directions
from edc_core.landscape.interpolation import barrier, interpolate
from edc_core.landscape.losses import OwnLoss, Sample, own_target, real_sample
from edc_core.landscape.path import plane_of
from edc_core.landscape.surface import Surface, WeightProbe, axis, by_curvature, coarse, evaluate_surface
from edc_core.networks.builders import build
from edc_core.pipeline.prepare import prepare
from edc_core.runs.landscape_results import found, node_of, trained_node
from edc_core.store import StageResults, Store
from edc_core.training.label_losses import LOSSES, LossInputs
from edc_core.training.views import ViewPlan
from tests.conftest import answer, edc

STUDENTS = ("convnet-d1-w4", "convnet-d3-w4", "resnet18-w4", "wrn-10-1", "mobilenetv2-0.25", "shufflenetv2-0.25")


def student(name: str, seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return build(name, 1, 28, 10)


def sample_of_noise(count: int = 8) -> Sample:
    images = torch.randn(count, 1, 28, 28, generator=torch.Generator().manual_seed(3))
    return real_sample(images, torch.arange(count) % 10)


def filled(surface: Surface, at) -> Surface:
    evaluate_surface(surface, at, lambda done, total: None, lambda surface: None)
    return surface


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


# The stage ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prepared(tiny_run: dict, shared_home: Path):
    with closing(Store(shared_home)) as store:
        return prepare(checked(store.run(tiny_run["run"])["settings"]))


def asked(prepared, home: Path, **values):
    node = node_of(prepared, landscape_config(**{"images": 20, "split": "val"} | values))
    look(prepared, node.settings, home)
    return found(home, node.key)


def look(prepared, settings, home: Path, observe=no_op) -> dict[str, float]:
    return execute_landscape(LandscapeTask((StudentQuery(prepared, (settings,)),)), home, observe)


def test_the_runs_own_keys_know_nothing_of_it(prepared, tiny_run: dict) -> None:
    assert prepared.run == tiny_run["run"]
    assert all(node.stage != "landscape" for node in prepared.nodes)
    nodes = {node_of(prepared, landscape_config(seed=seed, grid=grid)).key for seed in (0, 1) for grid in (3, 5)}
    assert len(nodes) == 4
    assert node_of(prepared, landscape_config(vectors=7)).key == node_of(prepared, landscape_config()).key  # not read


def test_a_stopped_surface_shows_what_it_has_and_ends_the_same_bit_for_bit(prepared, shared_home: Path) -> None:
    node = node_of(prepared, landscape_config(images=10, split="val", grid=13))

    def stop(event) -> None:
        if isinstance(event, Progress) and event.unit == "point" and event.done == 130:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        look(prepared, node.settings, shared_home, stop)
    grown = found(shared_home, node.key)
    assert not grown.whole
    assert grown.arrays["done"].sum() == 130
    seen = []
    look(prepared, node.settings, shared_home, lambda e: seen.append(e.done) if isinstance(e, Progress) else None)
    assert min(seen) == 131
    resumed = found(shared_home, node.key)
    StageResults(shared_home).remove(node.key)
    look(prepared, node.settings, shared_home)
    again = found(shared_home, node.key)
    assert resumed.whole
    for name in ("loss", "top1"):
        assert np.array_equal(resumed.arrays[name], again.arrays[name])
    assert resumed.arrays["loss"][6, 6] == resumed.about["centre"]["loss"]
    assert resumed.about == again.about


def test_every_other_question_has_an_answer(prepared, shared_home: Path) -> None:
    path = asked(prepared, shared_home, kind="path", grid=3)
    assert path.arrays["path"].shape == (len(path.arrays["epochs"]), 2)
    assert path.arrays["epochs"][0] == 0  # the first weights, before any step
    assert np.abs(path.arrays["path"]).sum(1).argmax() == 0
    assert np.abs(path.arrays["path"][-1]).max() < 0.05 * np.abs(path.arrays["path"]).max()  # half precision
    own = asked(prepared, shared_home, kind="slice", split="condensed", grid=3)
    assert own.about["images"] == 20
    line = asked(prepared, shared_home, kind="between", grid=3, other=trained_node(prepared).key)
    assert line.about["distance"] == 0
    assert np.ptp(line.arrays["loss"]) == 0
    sharp = asked(prepared, shared_home, kind="sharpness", vectors=2, eigenvalues=1, ascents=1).about
    assert sharp["eigenvalues"][0] > 0
    assert sum(layer["value"] for layer in sharp["layers"]) == pytest.approx(sharp["trace"]["value"], rel=1e-4)
    gradients = asked(prepared, shared_home, kind="cosine").about
    assert set(gradients["sets"]) == {"condensed", "original"}
    images = asked(prepared, shared_home, kind="images", every=100, vectors=2).about
    assert images["largest_difference"] == 0, "watching changed the synthesis"
    assert [sample["step"] for sample in images["samples"]][0] == 0
    assert images["samples"][-1]["step"] == images["iterations"]
    for figure in (
        figures_sharpness.bars([figures_sharpness.bar_of("G", sharp, m) for m in ("trace", "ball")], "trace"),
        figures_sharpness.layers(sharp),
        figures_sharpness.during_synthesis([("G", images)]),
        figures_sharpness.gradient_cosines([("G", gradients)]),
        figures_sharpness.against_accuracy([("G", 3.0, 80.0), ("A", None, 70.0)], "trace"),
        figures.line_between(figures.surface_of("G", line.about, line.arrays), "A", "G"),
        figures.contours([figures.surface_of("G", path.about, path.arrays)]),
    ):
        titles = [axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes())]
        assert any(titles), "axes say what they are"


def test_a_matching_loss_is_told_apart_by_what_it_reads() -> None:
    def loss(images: int = 20, **changes: object) -> dict:
        values = {f"synthesise.{name}": value for name, value in changes.items()}
        config = configure("G", "fashion-mnist-mini", table_named("tiny"), 2, 0, changes=values)
        return matching_loss(config, prepare(config).nodes, images)

    assert differing([loss(), loss(flatness="none"), loss(seed=1), loss(lr=0.1), loss(cross_entropy_weight=0.0)]) == []
    for change in (
        {"alpha": 0.25},
        {"first_layer_weight": 1.0},
        {"match_patches": False},
        {"running_moments_init": "zero"},
    ):
        assert differing([loss(), loss(**change)]) == [next(iter(change)).replace("_", " ")]
    assert differing([loss(), loss(alpha=1.0)]) == ["alpha"]  # category form and variance are not read then
    assert differing([loss(), loss(observers=("wrn-10-1",))]) == ["observers"]
    assert differing([loss(), loss(images=10)]) == ["images at once"]


def test_the_command_answers_on_one_line_and_then_at_once(tiny_run: dict, shared_home: Path) -> None:
    call = ("landscape", tiny_run["run"], "--grid", "3", "--images", "20", "--split", "val")
    first, again = (answer(edc(*call, home=shared_home))["landscapes"][0] for _ in range(2))
    assert (first["cached"], again["cached"]) == (False, True)
    assert first["key"] == again["key"]
    assert (Path(first["folder"]) / "surface.safetensors").exists()
    assert abs(first["cosine"]) < 1e-6
    refused = edc("landscape", tiny_run["run"], "--grid", "4", home=shared_home, check=False)
    assert refused.returncode == 2
    assert "odd" in refused.stderr


# Plots --------------------------------------------------------------------------------------------


def holed(name: str = "G") -> figures.Surface:
    places = axis(5, 1.0)
    loss = 1 + places[None] ** 2 + places[:, None] ** 2
    loss[0, 0], loss[0, 1] = np.inf, np.nan
    return figures.Surface(name, places, places, loss, 50 - loss)


def test_what_is_not_finite_is_left_blank_and_said() -> None:
    surface = holed()
    assert "2 of 25 points" in figures.notes([surface])[0]
    for log in (False, True):
        drawn = figures.contours([surface, holed("A")], log=log).data[0]
        assert np.isnan(drawn.z[0, 0])
        assert np.isnan(drawn.z[0, 1])
        assert drawn.connectgaps is False
        assert np.isnan(figures.in_space(surface, log=log).data[0].z[0, 0])
    assert np.isnan(figures.slices([surface], axis=1).data[0].y).sum() == 0


def test_compared_surfaces_share_one_colour_scale() -> None:
    low = figures.Surface("A", *(axis(3, 1.0),) * 2, np.full((3, 3), 0.5), np.zeros((3, 3)))
    traces = [trace for trace in figures.contours([holed(), low]).data if trace.type == "contour"]
    assert {(trace.zmin, trace.zmax) for trace in traces} == {(0.5, 3.0)}
    figure = figures.contours([holed()])
    assert "filter norms" in figure.layout.xaxis.title.text


def test_a_colour_bar_is_read_in_few_digits() -> None:
    loss = np.array([[0.4252, 1.0], [2.0, 4.1987]])
    surface = figures.Surface("G", *(np.array([-1.0, 1.0]),) * 2, loss, 100 * loss / 4.1987)
    bar = figures.contours([surface]).data[0].colorbar
    assert bar.ticktext == ("0.8", "1.6", "2.4", "3.2", "4")
    assert bar.tickvals == pytest.approx([0.8, 1.6, 2.4, 3.2, 4.0])
    assert figures.contours([surface], "top1").data[0].colorbar.ticktext[-1] == "100"


def test_whiskers_are_seen_on_a_dark_page() -> None:
    about = {"trace": {"value": -3.0, "se": 0.5}, "settings": {"vectors": 30}}
    figure = figures_sharpness.bars([figures_sharpness.bar_of("G", about, "trace")], "trace", ink="#EEF2F6")
    assert figure.data[0].error_y.color == "#EEF2F6"


def test_an_estimates_interval_is_as_wide_as_its_random_vectors_are_few() -> None:
    about = {"trace": {"value": 3.0, "se": 0.5}, "settings": {"vectors": 10}}
    bar = figures_sharpness.bar_of("G", about, "trace")
    assert bar.high - bar.value == pytest.approx(2.2622 * 0.5)  # Student's t with 9 degrees of freedom
    draws = np.random.default_rng(0).standard_normal((4000, 2, 6)) * np.array([[1.0], [3.0]])  # two observers
    errors = draws.std(2, ddof=1) / 6**0.5
    halves = np.array([figures_sharpness.reach(pair, 6) for pair in errors])
    assert np.mean(np.abs(draws.mean((1, 2))) < halves) == pytest.approx(0.95, abs=0.012)


def test_a_diverged_student_has_a_note_and_no_bar() -> None:
    about = {"eigenvalues": [None], "trace": {"value": None, "se": None}}
    bars = [figures_sharpness.bar_of("bad", about, measure) for measure in ("eigenvalue", "trace")]
    assert all(bar.value is None for bar in bars)
    figure = figures_sharpness.bars(bars[:1], "eigenvalue")
    assert not figure.data[0].x
    assert figure.layout.annotations[0].text == "not finite"


def test_a_diverged_student_and_a_set_of_one_class_are_shown_as_what_they_are() -> None:
    network, places = student("convnet-d1-w4"), axis(3, 0.5)
    weights = parameters_of(network)
    ways = filter_normalised(weights, raw_directions(weights, 0))
    images, _ = sample_of_noise().rows(torch.arange(8))
    one_class = real_sample(images, torch.zeros(8, dtype=torch.int64))
    assert np.isfinite(filled(Surface(places, places), WeightProbe(network, ways, one_class).at).loss).all()
    with torch.no_grad():
        network.head.bias.fill_(math.nan)
    lost = filled(Surface(places, places), WeightProbe(network, ways, one_class).at)
    assert lost.done.all()
    assert np.isnan(lost.loss).all()
    assert np.isnan(lost.top1).all()
    drawn = figures.Surface("bad", lost.x, lost.y, lost.loss, lost.top1)
    assert "9 of 9" in figures.notes([drawn])[0]
    assert figures.common_range([drawn]) == (0.0, 1.0)
