"""Choices beyond EDC: their formulas by hand, and nothing of them in a run that has them off."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.ablation.design import cells_of, parse_design
from edc_core.ablation.factors import choice_factors
from edc_core.ablation.questions import questions
from edc_core.config import EvaluateConfig, InitialiseConfig, RunConfig, SynthesiseConfig
from edc_core.data import Part, describe, open_dataset
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.paper_choices import CHOICES
from edc_core.design_space.presets import EXTENSIONS, PRESETS, SWITCHES
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import Cancelled, EDCError, SettingsError
from edc_core.events import CheckpointReached, Event
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import PreparedRun, prepare
from edc_core.rng import named_generator
from edc_core.runs.command_line import changes_of
from edc_core.stage_graph import build_stage_graph, run_id
from edc_core.store import StageResults
from edc_core.store.files import read_json
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.image_optimiser import ImageOptimiser
from edc_core.synthesis.residual import block_ends, drawn_patches, starts_real
from edc_core.training.committee import Committee, voting_weights
from edc_core.training.label_losses import LossInputs, cosine
from edc_core.training.views import CutMix, Normalisation
from tests.conftest import answer, edc

DATA = "fashion-mnist-mini"
NORMALISE = Normalisation.of((0.5,), (0.25,))
LOGITS, SOFT = np.random.default_rng(0).normal(size=(2, 5, 4))
LABELS = np.array([0, 3, 1, 1, 2])
HELD_OUT = {"score.split": "val"}  # a tenth of the test images, which only take longer
EARLIER = ("A", "B", "C", "D", "E", "F", "G", "EDC", "SRe2L", "CDA", "G-VBSM", "RDED", "random", "herding", "noise")


def tiny(seed: int = 0, **changes) -> RunConfig:
    return configure("G", DATA, get_profile("tiny"), 2, seed, changes=changes)


# Off: as if they were not there ----------------------------------------------------------------------


def test_keys_of_runs_without_them_are_those_from_before_there_were_any() -> None:
    """The digest was taken of the code before these settings existed: its stored results are still found."""
    found = []
    for table in ("lab", "lab-quick", "cifar-10"):
        for preset in EARLIER:
            for protocol in (None, "edc", "hard", "rded"):
                config = configure(preset, DATA, PROFILES[table], 10, 3, protocol)
                nodes = build_stage_graph(config, "0" * 32)
                found.append([run_id(config, nodes), [node.key for node in nodes]])
    digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()
    assert digest == "3f0b9fe4bed4b0cb7a29e1cba6427be0d907b99d4fd20694795ed4ff0d7c09d8"


@pytest.mark.parametrize("name", EXTENSIONS)
def test_a_switch_is_off_but_in_edc_plus_and_makes_another_run_when_on(name: str) -> None:
    choice = EXTENSIONS[name]
    assert all(name not in preset.choices for title, preset in PRESETS.items() if title != "EDC+")
    plain, off, on = (
        build_stage_graph(tiny(**values), "0" * 32) for values in ({}, choice.off_values, choice.on_values)
    )
    assert plain == off
    assert {node.key for node in plain} != {node.key for node in on}
    assert {node.key for node in plain if node.stage == "squeeze"} == {n.key for n in on if n.stage == "squeeze"}


def test_the_papers_eight_stay_eight() -> None:
    assert len(CHOICES) == 8
    assert list(SWITCHES) == [*CHOICES, *EXTENSIONS]
    assert all(choice.rung is None for choice in EXTENSIONS.values())


@pytest.mark.parametrize("name", EXTENSIONS)
def test_a_run_with_one_on_is_repeated_by_its_command(name: str) -> None:
    settings = tiny(**EXTENSIONS[name].on_values).model_dump(mode="json")
    assert EXTENSIONS[name].on_values.items() <= changes_of(settings).items()


@pytest.mark.parametrize("name", EXTENSIONS)
def test_a_run_with_one_on_ends(name: str, tiny_run: dict, shared_home: Path) -> None:
    result = execute(prepare(tiny(**EXTENSIONS[name].on_values, **HELD_OUT), describe(DATA)), shared_home)
    assert 0 <= result["top1_ema"] <= 100
    assert result["run"] != prepare(tiny(**HELD_OUT), describe(DATA)).run


def test_a_run_with_all_on_ends_at_the_command_line(tiny_run: dict, shared_home: Path) -> None:
    values = [pair for choice in EXTENSIONS.values() for pair in choice.on_values.items()]
    pairs = [word for path, value in values for word in ("--set", f"{path}={value}")]
    result = answer(edc("run", "--profile", "tiny", "--ipc", "2", "--split", "val", *pairs, home=shared_home))
    assert 0 <= result["top1_ema"] <= 100
    assert result["run"] != prepare(tiny(**HELD_OUT), describe(DATA)).run


def test_an_ablation_holds_them_only_when_they_are_named() -> None:
    table = get_profile("tiny")
    assert not any(factor.beyond for factor in choice_factors(table))
    assert len(cells_of(parse_design({"kind": "factorial"}), table)) == 256
    asked = parse_design({"kind": "factorial", "choices": ["flatness", "cosine-labels"]})
    cells = {cell.on: cell.changes for cell in cells_of(asked, table)}
    assert len(cells) == 4
    both, neither = (tiny(**cells[frozenset(on)]) for on in (("flatness", "cosine-labels"), ()))
    assert (both.evaluate.loss, both.synthesise.flatness) == ("cosine", "logit")
    assert (neither.evaluate.loss, neither.synthesise.flatness) == ("mse_gt", "none")
    assert build_stage_graph(tiny(**cells[frozenset({"flatness"})]), "0" * 32) == build_stage_graph(tiny(), "0" * 32)
    assert [question.title for question in questions(asked)] == ["flatness regularisation", "cosine label loss"]


# Cosine label loss (GIFT) ----------------------------------------------------------------------------


@pytest.mark.parametrize("cutmix", [None, CutMix(torch.tensor([1, 0, 3, 2, 4]), 0, 2, 0, 2, 0.5)])
@pytest.mark.parametrize(("weight", "smoothing"), [(0.1, 0.1), (0.7, 0.0), (0.0, 0.4)])
def test_cosine_by_hand(cutmix: CutMix | None, weight: float, smoothing: float) -> None:
    expected = []
    for logits, soft, label in zip(LOGITS, SOFT, LABELS, strict=True):
        s = np.full(4, smoothing / 4)
        s[label] += 1 - smoothing
        goal = soft / np.sqrt((soft**2).sum()) + weight * s / np.sqrt((s**2).sum())
        expected.append(1 - logits @ goal / np.sqrt((logits**2).sum() * (goal**2).sum()))
    batch = LossInputs(torch.tensor(LOGITS), torch.tensor(LABELS), torch.tensor(SOFT), cutmix)
    config = EvaluateConfig(loss="cosine", hard_label_weight=weight, smoothing=smoothing)
    assert cosine(batch, config).item() == pytest.approx(np.mean(expected), abs=1e-6)


# Committee voting (CV-DD) ----------------------------------------------------------------------------


def test_votes_are_shares_of_the_summed_accuracy() -> None:
    assert voting_weights({"a": 90.0, "b": 60.0, "c": 0.0}) == pytest.approx({"a": 0.6, "b": 0.4, "c": 0.0})
    with pytest.raises(EDCError, match=r"relabel\.voting"):
        voting_weights({"a": 0.0, "b": 0.0})


def test_ready_made_observers_have_no_accuracy_to_vote_by() -> None:
    """torchvision's weights were trained on every image that is held out here."""
    ready = {"squeeze.pretrained": "imagenet-1k", "relabel.voting": "accuracy"}
    with pytest.raises(SettingsError, match=r"^relabel\.voting is 'accuracy' with .* 'imagenet-1k'.* to 'equal', or"):
        tiny(**ready)
    assert tiny(**{**ready, "relabel.voting": "equal"}).squeeze.scored_on == "images seen in training"
    assert tiny(**{**ready, "relabel.labels": "hard", "evaluate.loss": "ce"})  # nobody votes
    assert tiny(**{**ready, "squeeze.pretrained": "none"}).squeeze.scored_on == "held-out images"


def test_a_weighted_committee_by_hand() -> None:
    shares = {"convnet-d1-w8": 0.5, "convnet-d2-w8": 0.3, "convnet-d3-w8": 0.2}
    members = {name: nn.Sequential(nn.Flatten(), nn.Linear(9, 4)) for name in shares}
    runtime = Runtime("cpu", 1, dict.fromkeys(members, "float32"))
    images = torch.randn(6, 1, 3, 3)
    flat, expected = images.flatten(1).double().numpy(), 0.0
    for name, member in members.items():
        weight, bias = (tensor.detach().double().numpy() for tensor in (member[1].weight, member[1].bias))
        expected = expected + shares[name] * (flat @ weight.T + bias)
    np.testing.assert_allclose(Committee(members, runtime, shares)(images).numpy(), expected, atol=1e-5)


def test_a_runs_votes_are_its_observers_own_accuracies(tiny_run: dict, shared_home: Path) -> None:
    run = prepare(tiny(**{"relabel.voting": "accuracy", "relabel.precision": "float32"} | HELD_OUT), describe(DATA))
    execute(run, shared_home)
    found = {(node.stage, node.name): StageResults(shared_home).find(node.key) for node in run.nodes}
    images = normalisation_of(run, shared_home)(read_tensors(found["synthesise", ""] / "images.safetensors")["images"])
    total, expected = 0.0, torch.zeros(20, 10)
    for name in run.config.relabel.observers:
        network = build(name, 1, 28, 10).eval()
        network.load_state_dict(read_tensors(found["squeeze", name] / "observer.safetensors"))
        accuracy = read_json(found["squeeze", name] / "observer.json")["val_top1"]
        total, expected = total + accuracy, expected + accuracy * network(images).detach()
    labels = read_tensors(found["relabel", ""] / "labels.safetensors")["logits"]
    torch.testing.assert_close(labels, expected / total, rtol=1e-4, atol=1e-4)


# Data residual (FADRM) -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("iterations", "blocks", "ends"), [(8, 4, {2, 4, 6}), (50, 4, {12, 25, 38}), (1, 4, set()), (9, 2, {4})]
)
def test_blocks_end_at_even_steps_and_never_at_the_last(iterations: int, blocks: int, ends: set[int]) -> None:
    assert block_ends(iterations, blocks) == ends


def test_a_drawn_picture_is_of_the_images_class() -> None:
    """Every training image of class c is one flat grey of its own, from 60 c to 60 c + 9."""
    labels = np.arange(40) % 4
    pixels = np.ones((1, 8, 8), np.uint8) * (60 * labels + np.arange(40) // 4).astype(np.uint8)[:, None, None, None]
    part = Part(pixels, labels, np.arange(40))
    asked = torch.tensor([3, 0, 0, 2, 1, 3] * 5)
    config = SynthesiseConfig(observers=("convnet-d1-w8",), crop_area_min=0.2)
    first, second = (
        NORMALISE.pixels(drawn_patches(part, asked, NORMALISE, config, named_generator("residual", n))) for n in (0, 1)
    )
    assert torch.equal(first.amax((1, 2, 3)), first.amin((1, 2, 3)))
    assert torch.equal(first.amax((1, 2, 3)).long() // 60, asked)
    assert not torch.equal(first, second)


def test_a_block_begins_with_the_mixture_and_a_fresh_optimiser() -> None:
    config = SynthesiseConfig(observers=("convnet-d1-w8",), residual=0.25)
    start, pictures = torch.rand(3, 1, 4, 4), torch.rand(3, 1, 4, 4)
    work = ImageOptimiser(config, start, torch.tensor([0, 1, 2]), NORMALISE)
    work.images.grad = torch.ones_like(work.images)
    work.adam.step()
    before = work.images.detach().clone()
    work.apply_data_residual(pictures, 0.25)
    torch.testing.assert_close(work.images.detach(), 0.75 * before + 0.25 * pictures)
    torch.testing.assert_close(work.averaged, 0.75 * start + 0.25 * pictures)
    assert not work.adam.state


def still(patch: str) -> PreparedRun:
    """A tiny run whose images hardly move but for what is mixed in."""
    changes = {"synthesise.residual": 0.5, "synthesise.residual_patch": patch, "synthesise.lr": 1e-6}
    return prepare(tiny(**changes, **HELD_OUT), describe(DATA))


def normalisation_of(run: PreparedRun, home: Path) -> Normalisation:
    return Normalisation.of(*open_dataset(DATA, run.config.data, home, run.description).normalisation)


def start_and_end(run: PreparedRun, home: Path) -> tuple[Tensor, Tensor, Tensor]:
    """The starting and the condensed images, normalised, and their classes."""
    keys = {node.stage: node.key for node in run.nodes}
    start, end = (
        read_tensors(StageResults(home).find(keys[stage]) / "images.safetensors")
        for stage in ("initialise", "synthesise")
    )
    return start["images"], normalisation_of(run, home)(end["images"]), start["labels"]


def test_its_own_start_is_mixed_in_where_that_is_real(tiny_run: dict, shared_home: Path) -> None:
    run = still("start")
    execute(run, shared_home)
    start, end, _ = start_and_end(run, shared_home)
    torch.testing.assert_close(end, start, atol=0.02, rtol=0)
    assert starts_real(InitialiseConfig(kind="real"))
    assert not starts_real(InitialiseConfig(kind="noise"))


def test_drawn_pictures_are_mixed_in_after_each_block_but_the_last(tiny_run: dict, shared_home: Path) -> None:
    run = still("drawn")
    execute(run, shared_home)
    start, end, labels = start_and_end(run, shared_home)
    train = open_dataset(DATA, run.config.data, shared_home, run.description).part("train")
    expected = start
    for step in (2, 4, 6):
        draw = named_generator("synthesise", 0, "residual", 0, step)
        pictures = drawn_patches(train, labels, normalisation_of(run, shared_home), run.config.synthesise, draw)
        expected = 0.5 * expected + 0.5 * pictures
    torch.testing.assert_close(end, expected, atol=0.02, rtol=0)
    assert F.l1_loss(expected, start) > 0.2


@pytest.mark.parametrize("patch", ["start", "drawn"])
def test_a_synthesis_stopped_between_blocks_ends_bit_identical(
    patch: str, tiny_run: dict, shared_home: Path, decoded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"synthesise.residual": 0.5, "synthesise.residual_patch": patch, "views.epochs": 1} | HELD_OUT
    run = prepare(tiny(5, **changes), describe(DATA))
    key = next(node.key for node in run.nodes if node.stage == "synthesise")
    monkeypatch.setenv("EDC_CHECKPOINT_SECONDS", "0")
    checkpoints: list[Event] = []

    def stop(event: Event) -> None:
        checkpoints.extend([event] * isinstance(event, CheckpointReached))
        if len(checkpoints) == 5:
            raise Cancelled("stopped by the test")

    stopped, whole = (decoded(tmp_path / name) for name in ("stopped", "whole"))
    with pytest.raises(Cancelled):
        execute(run, stopped, stop, (shared_home,))
    assert not StageResults(stopped).find(key)
    bits = []
    for home in (stopped, whole):
        execute(run, home, bundled=(shared_home,))
        bits.append((StageResults(home).find(key) / "images.safetensors").read_bytes())
    assert bits[0] == bits[1]
