"""Difficulty groups: scores, ranks and groups by hand in NumPy, and a run that starts from and matches them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from edc_core.config import RunConfig, SynthesiseConfig
from edc_core.data import describe, open_dataset
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import SettingsError
from edc_core.networks.builders import build
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.stage_graph import build_stage_graph
from edc_core.store import StageResults
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.difficulty import VARIANCE_EPS, class_ranks, members, scores, split
from edc_core.synthesis.matching import Matcher, make_targets
from edc_core.synthesis.moments import FeatureLayout, MomentHooks, Moments, NormGroup, pool_moments
from edc_core.training.views import Normalisation

DATA = "fashion-mnist-mini"
CLASSES, IPC = 10, 2


def tiny(**changes) -> RunConfig:
    changes = {"synthesise.grouping": "difficulty", "statistics.precision": "float32"} | changes
    return configure("G", DATA, get_profile("tiny"), IPC, 0, changes=changes)


@pytest.fixture(scope="module")
def run(tiny_run: dict, shared_home: Path) -> PreparedRun:
    prepared = prepare(tiny(), describe(DATA))
    execute(prepared, shared_home)
    return prepared


def result(run: PreparedRun, home: Path, stage: str, name: str = "") -> Path:
    return next(StageResults(home).find(node.key) for node in run.nodes if (node.stage, node.name) == (stage, name))


def test_the_score_by_hand() -> None:
    """Two layers of two and three channels; patch columns do not count."""
    layout = FeatureLayout(
        ["a", "b"], [False, True], [NormGroup(0, "channel", 2), NormGroup(0, "patch", 4), NormGroup(1, "channel", 3)]
    )
    generator = np.random.default_rng(0)
    means, variances = generator.normal(size=(2, 5, 9)), generator.uniform(0, 2, (2, 5, 9))
    expected = []
    for row in range(5):
        layers = []
        for columns in (slice(0, 2), slice(6, 9)):
            apart = means[0, row, columns] - means[1, row, columns]
            ratio = np.log((variances[0, row, columns] + VARIANCE_EPS) / (variances[1, row, columns] + VARIANCE_EPS))
            width = columns.stop - columns.start
            layers.append((np.sqrt((apart**2).sum()) + 0.7 * np.sqrt((ratio**2).sum())) / np.sqrt(width))
        expected.append(np.mean(layers))
    images, classes = (Moments(torch.tensor(means[i]), torch.tensor(variances[i])) for i in (0, 1))
    np.testing.assert_allclose(scores(images, classes, layout, 0.7).numpy(), expected)


def test_ranks_and_groups_by_hand() -> None:
    labels = np.array([0, 1, 0, 0, 1, 0, 1, 0])
    ranks = class_ranks(np.array([0.5, 9.0, 0.1, 0.5, 2.0, 0.9, 3.0, 0.3]), labels)
    assert ranks.tolist() == [2, 2, 0, 3, 0, 4, 1, 1]
    assert split(ranks.astype(float), labels, 2).tolist() == [0, 3, 0, 1, 2, 1, 2, 0]
    with pytest.raises(SettingsError, match="class 1 has 3"):
        split(ranks.astype(float), labels, 4)


def test_the_classs_first_image_stands_for_its_first_group() -> None:
    assert members(torch.tensor([0, 1, 2, 0, 1, 2]), 2).tolist() == [0, 2, 4, 1, 3, 5]
    assert members(torch.tensor([1, 1, 1, 1]), 2).tolist() == [2, 3, 2, 3]


def test_a_runs_groups_are_those_of_its_observers_ranks(run: PreparedRun, shared_home: Path) -> None:
    data = open_dataset(DATA, run.config.data, shared_home, run.description)
    train, normalise = data.part("train"), Normalisation.of(*data.normalisation)
    images, ranks = normalise(torch.from_numpy(train.take(np.arange(len(train))))), []
    folder = result(run, shared_home, "difficulty")
    kept = read_tensors(folder / "groups.safetensors")
    for name in run.config.synthesise.observers:
        network = build(name, 1, 28, CLASSES).eval()
        network.load_state_dict(read_tensors(result(run, shared_home, "squeeze", name) / "observer.safetensors"))
        with torch.inference_mode(), MomentHooks(network, 4) as hooks:
            network(images)
            moments = hooks.pop()
        own = pool_moments(moments, torch.nn.functional.one_hot(torch.from_numpy(train.labels), CLASSES).T.float())
        theirs = Moments(own.mean[train.labels], own.variance[train.labels])
        ranks.append(class_ranks(scores(moments, theirs, hooks.layout, 1.0).numpy(), train.labels))
        measured = read_tensors(folder / f"{name}.safetensors")
        member = torch.nn.functional.one_hot(kept["group"], CLASSES * IPC).T.float()
        expected = pool_moments(moments, member)
        torch.testing.assert_close(measured["mean"], expected.mean, rtol=1e-3, atol=1e-4)
        variance = measured["within"] + measured["between"]
        torch.testing.assert_close(variance, expected.variance, rtol=1e-2, atol=1e-3)
    # Ranks whose scores are equal but for the last bits may change places.
    assert (np.abs(np.mean(ranks, 0) - kept["rank"].numpy()) > 0.6).mean() < 0.01
    assert kept["group"].tolist() == split(kept["rank"].numpy(), train.labels, IPC).tolist()


def test_each_image_starts_from_its_own_group(run: PreparedRun, shared_home: Path) -> None:
    train = open_dataset(DATA, run.config.data, shared_home, run.description).part("train")
    normalise = Normalisation.of(*open_dataset(DATA, run.config.data, shared_home, run.description).normalisation)
    start = read_tensors(result(run, shared_home, "initialise") / "images.safetensors")
    groups = read_tensors(result(run, shared_home, "difficulty") / "groups.safetensors")["group"].numpy()
    pixels = normalise.pixels(start["images"]).numpy()
    everything = train.take(np.arange(len(train)))
    rows = [int(np.flatnonzero((everything == one).all((1, 2, 3)))[0]) for one in pixels]
    assert groups[rows].tolist() == members(start["labels"], IPC).tolist()


def test_form_two_compares_an_image_with_its_group_and_form_one_with_all() -> None:
    """One BatchNorm layer of three channels, two classes of two groups; every image stands alone for its group."""
    generator = torch.Generator().manual_seed(0)
    layout = FeatureLayout(["0"], [True], [NormGroup(0, "channel", 3)])
    network = torch.nn.Sequential(torch.nn.BatchNorm2d(3))

    def drawn(rows: int) -> dict[str, torch.Tensor]:
        values = torch.rand(3, rows, 3, generator=generator)
        return dict(zip(("mean", "within", "between"), values, strict=True)) | {"count": torch.full((rows,), 5)}

    classes, groups = drawn(2), drawn(4)
    config = SynthesiseConfig(observers=("a",), grouping="difficulty", momentum=0.0, first_layer_weight=1.0)
    targets = make_targets(classes, layout, network, "class", groups)
    matcher = Matcher(config, layout, targets, "cpu")
    images = Moments(torch.rand(4, 3, generator=generator), torch.rand(4, 3, generator=generator))
    standing = members(torch.tensor([0, 1, 0, 1]), 2)
    _, gaps = matcher.loss(images, standing, torch.ones(1))
    expected = np.mean(
        [
            np.linalg.norm(images.mean[i] - groups["mean"][g])
            + np.linalg.norm(images.variance[i] - groups["within"][g])
            for i, g in enumerate(standing.tolist())
        ]
    )
    assert gaps.form2.item() == pytest.approx(expected, rel=1e-5)
    plain = Matcher(config, layout, make_targets(classes, layout, network, "class"), "cpu")
    assert torch.equal(matcher.targets.all.mean, plain.targets.all.mean)


def test_only_a_synthesis_that_matches_by_class_has_groups() -> None:
    plan = build_stage_graph(tiny(**{"synthesise.alpha": 1.0}), "0" * 32)
    assert "difficulty" not in {node.stage for node in plan}
    noise = build_stage_graph(tiny(**{"initialise.kind": "noise"}), "0" * 32)
    nodes = {node.stage: node for node in noise}
    assert nodes["difficulty"].key in nodes["synthesise"].inputs
    assert nodes["difficulty"].key not in nodes["initialise"].inputs
