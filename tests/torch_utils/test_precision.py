"""Precision: one word for all stages, the matching loss in bfloat16, and the table that compares accuracies."""

import pytest
import torch

from edc_core.config import SynthesiseConfig
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import SettingsError
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.rng import seeded_global_rng
from edc_core.stage_graph import build_stage_graph
from edc_core.synthesis.image_optimiser import Observer
from edc_core.synthesis.matching import Matcher, make_targets
from edc_core.synthesis.moments import ClassSums, MomentHooks
from experiments.precision_table import said_of_losses, table

STAGES = ("squeeze", "statistics", "initialise", "synthesise", "relabel", "evaluate")


def keys(**changes: str) -> list[str]:
    named = {path.replace("__", "."): value for path, value in changes.items()}
    config = configure("RDED", "fashion-mnist-mini", get_profile("tiny"), 2, 0, None, named)
    return [node.key for node in build_stage_graph(config, "0" * 32)]


def test_one_word_is_every_stages_precision_with_the_same_keys() -> None:
    one = keys(device__precision="float32")
    assert one == keys(**{f"{stage}__precision": "float32" for stage in STAGES})
    assert not set(one) & set(keys())  # each stage that computes, a scorer's included, is another
    assert keys(device__precision="auto") == keys()


def test_a_stages_own_precision_goes_before_the_one_word() -> None:
    changes = {"device.precision": "float32", "evaluate.precision": "auto"}
    config = configure("EDC", "fashion-mnist-mini", get_profile("tiny"), 2, 0, None, changes)
    assert (config.synthesise.precision, config.evaluate.precision) == ("float32", "auto")
    with pytest.raises(SettingsError, match="precision is 'half'"):
        configure("EDC", "fashion-mnist-mini", get_profile("tiny"), 2, 0, None, {"device.precision": "half"})


def test_the_matching_loss_in_bfloat16_is_that_of_float32_within_a_hundredth() -> None:
    name, labels = "resnet18-w8", torch.tensor([0, 1, 0, 1])
    with seeded_global_rng("precision"):
        network = build(name, 3, 16, 2).eval().requires_grad_(False)
        real, images = torch.randn(8, 3, 16, 16), torch.randn(4, 3, 16, 16)
    config, losses = SynthesiseConfig(observers=(name,)), {}
    with MomentHooks(network, 4) as hooks:
        network(0.5 * real + 0.3)
    moments = hooks.pop()
    sums = ClassSums.empty(2, hooks.layout.width)
    sums.add(moments, torch.arange(8) % 2)
    targets = make_targets(sums.finish(), hooks.layout, network, "class")
    for precision in ("float32", "bfloat16"):
        runtime = Runtime("cpu", 1, {name: precision})
        matcher = Matcher(config, hooks.layout, targets, "cpu")
        observer = Observer(name, runtime.prepare_network(network, name), hooks, matcher, runtime)
        with hooks, torch.no_grad():
            _, seen = observer.predict(images)
        keep = torch.ones(len(matcher.weight))
        losses[precision] = matcher.loss(seen, labels, keep)[0].item()
    assert losses["bfloat16"] != losses["float32"]  # it was computed otherwise
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.01)


def test_the_table_pairs_seeds_and_says_whether_the_interval_is_narrow_enough() -> None:
    cells = {("float32", seed): 80.0 + seed for seed in range(3)}
    near = cells | {("bfloat16", seed): 80.1 + seed + 0.1 * seed for seed in range(3)}
    assert "| 1 | 81.00 | 81.20 | +0.20 |" in table(near, [0, 1, 2])
    assert "the interval lies within 1 point" in table(near, [0, 1, 2])
    far = cells | {("bfloat16", seed): 78.0 + 2 * seed for seed in range(3)}
    assert "the interval does not lie within" in table(far, [0, 1, 2])
    assert "wants two seeds" in table(near, [0])


def test_matching_losses_are_told_as_what_bfloat16_adds() -> None:
    said = said_of_losses({"a": [2.0, 2.01], "b": [4.0, 3.99]})
    assert said.endswith("by observer: a +0.50 %, b -0.25 %.")
