"""The landscape stage on a tiny run, and the plots of its results."""

import math
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from edc_core.config import validate_config
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import Cancelled
from edc_core.events import Progress, no_op
from edc_core.figures import landscape as figures
from edc_core.figures import sharpness as figures_sharpness
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery, execute_landscape
from edc_core.landscape.config import differing, landscape_config, matching_loss
from edc_core.landscape.directions import filter_normalised, parameters_of, raw_directions
from edc_core.landscape.losses import real_sample
from edc_core.landscape.surface import Surface, WeightProbe, axis
from edc_core.pipeline.prepare import prepare
from edc_core.runs.landscape_results import found, node_of, trained_node
from edc_core.store import StageResults, Store
from tests.conftest import answer, edc
from tests.support.landscapes import filled, sample_of_noise, student


@pytest.fixture(scope="module")
def prepared(tiny_run: dict, shared_home: Path):
    with closing(Store(shared_home)) as store:
        return prepare(validate_config(store.run(tiny_run["run"]).settings))


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
    node = node_of(prepared, landscape_config(images=10, split="val", grid=9))

    def stop(event) -> None:
        if isinstance(event, Progress) and event.unit == "point" and event.done == 60:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        look(prepared, node.settings, shared_home, stop)
    grown = found(shared_home, node.key)
    assert not grown.whole
    assert grown.arrays["done"].sum() == 60
    seen = []
    look(prepared, node.settings, shared_home, lambda e: seen.append(e.done) if isinstance(e, Progress) else None)
    assert min(seen) == 61
    resumed = found(shared_home, node.key)
    StageResults(shared_home).remove(node.key)
    look(prepared, node.settings, shared_home)
    again = found(shared_home, node.key)
    assert resumed.whole
    for name in ("loss", "top1"):
        assert np.array_equal(resumed.arrays[name], again.arrays[name])
    assert resumed.arrays["loss"][4, 4] == resumed.about["centre"]["loss"]
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
        figures_sharpness.against_accuracy([("G", 3.0, 80.0, "#0072B2"), ("A", None, 70.0, "#E69F00")], "trace"),
        figures.line_between(figures.surface_of("G", line.about, line.arrays), "A", "G"),
        figures.contours([figures.surface_of("G", path.about, path.arrays)]),
    ):
        titles = [axis.title.text for axis in (*figure.select_xaxes(), *figure.select_yaxes())]
        assert any(titles), "axes say what they are"


def test_a_matching_loss_is_told_apart_by_what_it_reads() -> None:
    def loss(images: int = 20, **changes: object) -> dict:
        values = {f"synthesise.{name}": value for name, value in changes.items()}
        config = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0, changes=values)
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
    named = [figures_sharpness.bar_of("EDC without flatness, IPC 10, seed 0", about, "trace")]
    assert figures_sharpness.bars(named, "trace").layout.xaxis.ticktext == (
        "EDC without<br>flatness, IPC 10,<br>seed 0",
    )
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
