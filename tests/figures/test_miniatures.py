"""Miniatures: the mixture's quantities against closed forms, and pictures that move with their control."""

import math

import numpy as np
import pytest

from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES
from edc_core.figures.miniatures import MINIATURES, Look, evidence_figure
from edc_core.figures.miniatures.average import moving_average
from edc_core.figures.miniatures.batches import noise_share, path
from edc_core.figures.miniatures.crops import draw_boxes
from edc_core.figures.miniatures.gaussians import Mixture, divergence, entropy, grid, integral, moments
from edc_core.figures.miniatures.mixture import REAL, class_means, quantities, scene
from edc_core.figures.miniatures.rates import curves
from edc_core.figures.miniatures.valley import FLAT, SHARP, X, seen
from edc_core.training.schedules import smoothed_cosine

SAMPLES = np.random.default_rng(0).integers(0, 256, (8, 1, 28, 28), dtype=np.uint8)
OBSERVERS = {
    "wrn-10-2": {"val_top1": 88.1, "parameters": 303418},
    "convnet-d2-w32": {"val_top1": 85.5, "parameters": 25386},
}
LOOK = Look(SAMPLES, 10, OBSERVERS)


def lab(**changes):
    return configure("G", "fashion-mnist-mini", get_profile("lab"), 10, 0, changes=changes)


def gaussian(mean: tuple[float, float], variance: tuple[float, float]) -> Mixture:
    return Mixture(np.ones(1), np.array([mean]), np.array([variance]))


def test_a_gaussians_entropy_and_moments_are_the_closed_forms() -> None:
    density = gaussian((0.7, -1.1), (0.4, 1.9)).density(grid())
    assert integral(density) == pytest.approx(1, abs=1e-12)
    assert entropy(density) == pytest.approx(math.log(2 * math.pi * math.e) + 0.5 * math.log(0.4 * 1.9), abs=1e-9)
    mean, variance = moments(density)
    assert mean == pytest.approx([0.7, -1.1], abs=1e-9)
    assert variance == pytest.approx([0.4, 1.9], abs=1e-9)


def test_kl_between_gaussians_is_the_closed_form() -> None:
    p, q = gaussian((0.5, 0.0), (0.6, 1.0)), gaussian((-0.5, 1.0), (1.5, 0.8))
    expected = sum(
        0.5 * (math.log(vq / vp) + (vp + (mp - mq) ** 2) / vq - 1)
        for mp, vp, mq, vq in zip(p.means[0], p.variances[0], q.means[0], q.variances[0], strict=True)
    )
    assert divergence(p.density(grid()), q.density(grid())) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 1.0])
def test_mean_and_variance_agree_at_every_alpha(alpha: float) -> None:
    found = quantities(alpha)
    assert found.mean_gap < 1e-9
    assert found.variance_gap < 1e-9


def test_form_2_is_the_real_density_and_form_1_leaves_exactly_the_entropy_gap() -> None:
    by_class, whole = quantities(0.0), quantities(1.0)
    assert by_class.divergence == pytest.approx(0, abs=1e-12)
    assert by_class.entropy == pytest.approx(by_class.real_entropy)
    mean, variance = REAL.moments()
    assert whole.entropy == pytest.approx(math.log(2 * math.pi * math.e) + 0.5 * math.log(variance.prod()), abs=1e-9)
    assert whole.divergence == pytest.approx(whole.entropy - whole.real_entropy, abs=1e-9)
    assert class_means(1.0) == pytest.approx(np.tile(mean, (3, 1)))


def test_entropy_and_divergence_grow_with_alpha() -> None:
    found = [quantities(alpha) for alpha in np.linspace(0, 1, 11)]
    for name in ("entropy", "divergence", "class_gap"):
        values = [getattr(one, name) for one in found]
        assert values == sorted(values)
        assert values[-1] > values[0] + 0.5


def test_the_browsers_mixture_is_the_engines() -> None:
    plain = scene(0.4)
    assert plain["readings"][40][3] == f"{quantities(0.4).divergence:.3f} nats"
    axis = np.linspace(-plain["view"], plain["view"], plain["side"])
    points = np.stack(np.meshgrid(axis, axis), -1)
    assert np.array(plain["by_class"]).reshape(plain["side"], -1) == pytest.approx(REAL.density(points), abs=1e-4)


def test_the_schedules_shown_are_the_engines_own() -> None:
    lines = curves(lab(**{"evaluate.zeta": 1.5}).evaluate)
    assert lines["cosine"][120] == smoothed_cosine(0.5, 1.5)
    assert lines["plain"][-1] == pytest.approx(0)
    assert lines["ssrs"][-1] == 0
    assert "alrs" in curves(lab(**{"evaluate.schedule": "alrs"}).evaluate)


def test_boxes_keep_to_the_scale_and_the_image() -> None:
    boxes = draw_boxes(4000, 0.5, 1.0, 1)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert boxes.min() >= 0
    assert boxes.max() <= 1
    assert area.min() >= 0.5 - 1e-9
    assert draw_boxes(4000, 0.08, 1.0, 1)[:, 2:].mean() < boxes[:, 2:].mean()


def test_flatness_leaves_the_sharp_hole_for_the_flat_one() -> None:
    ends = {
        kind: X[seen(lab(**{"synthesise.flatness": kind}).synthesise).argmin()] for kind in ("none", "logit", "sam")
    }
    assert ends["none"] == pytest.approx(SHARP, abs=0.05)
    assert ends["logit"] == pytest.approx(FLAT, abs=0.1)
    assert ends["sam"] == pytest.approx(FLAT, abs=0.1)
    weak = lab(**{"synthesise.flatness_weight": 0.0}).synthesise
    assert X[seen(weak).argmin()] == pytest.approx(SHARP, abs=0.05)


def test_small_batches_take_more_and_noisier_steps() -> None:
    assert len(path(100, 25)) - 1 == 2 * 4
    assert len(path(100, 100)) - 1 == 2
    assert noise_share(100, 100) == 0
    assert noise_share(100, 1) == 1
    draw = np.random.default_rng(0)
    values = draw.standard_normal(100)
    means = [draw.permutation(values)[:25].mean() for _ in range(4000)]
    assert np.std(means) / values.std() == pytest.approx(noise_share(100, 25), rel=0.05)


def test_the_average_starts_as_a_copy() -> None:
    assert moving_average(np.array([4.0, 0.0]), 0.9) == pytest.approx([4.0, 3.6])


@pytest.mark.parametrize("name", MINIATURES)
def test_every_miniature_shows_something_and_says_what_to_look_at(name: str) -> None:
    found = MINIATURES[name](lab(), LOOK)
    assert found.say.endswith((".", "?"))
    assert found.figure or found.rows


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("starts", "initialise.kind", "noise"),
        ("schedules", "evaluate.zeta", 1.2),
        ("valley", "synthesise.flatness_decay", 0.93),
        ("batches", "views.batch_size", 7),
        ("committee", "relabel.observers", ["wrn-10-2"]),
        ("mixture", "synthesise.alpha", 0.9),
        ("crops", "synthesise.crop_area_min", 0.1),
        ("average", "evaluate.ema_decay", 0.95),
        ("groups", "synthesise.grouping", "difficulty"),
        ("residual", "synthesise.residual", 0.3),
        ("votes", "relabel.voting", "accuracy"),
        ("direction", "evaluate.hard_label_weight", 0.5),
    ],
)
def test_every_miniature_moves_with_its_control(name: str, path: str, value: object) -> None:
    before, after = MINIATURES[name](lab(), LOOK), MINIATURES[name](lab(**{path: value}), LOOK)
    if before.figure:
        assert before.figure.to_json() != after.figure.to_json()
    else:
        assert [row.chosen for row in before.rows] != [row.chosen for row in after.rows]


def test_what_ready_made_weights_have_seen_is_not_called_held_out() -> None:
    for pretrained, says in {"none": "on held-out images", "imagenet-1k": "on images seen in training"}.items():
        config = lab(**{"squeeze.pretrained": pretrained})
        assert says in MINIATURES["committee"](config, LOOK).figure.layout.xaxis.title.text
        assert says in MINIATURES["votes"](config, LOOK).readings[0].hint


def test_evidence_says_that_it_is_the_papers() -> None:
    for choice in CHOICES.values():
        for evidence in choice.evidence:
            assert "the paper" in evidence_figure(evidence).layout.xaxis.title.text


def test_the_usual_batch_is_seen_where_the_small_one_covers_it() -> None:
    usual, small = MINIATURES["batches"](lab(), LOOK).figure.data[:2]
    assert usual.marker.size > small.marker.size
    assert usual.line.width > small.line.width
