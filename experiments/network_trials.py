"""One network put through what the engine asks of it: built, trained a step or an epoch, matched a step back."""

import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import SynthesiseConfig
from edc_core.data import describe
from edc_core.design_space.compose import configure
from edc_core.design_space.profiles import default_profile
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.stages.squeeze import squeeze
from edc_core.rng import named_generator, seeded_global_rng
from edc_core.store.files import read_json
from edc_core.synthesis.image_optimiser import ImageOptimiser, Observer
from edc_core.synthesis.matching import Matcher, make_targets
from edc_core.synthesis.moments import ClassSums, MomentHooks
from edc_core.training.views import Normalisation
from tests.support.stage_contexts import context_of

CLASSES = 4
LABELS = torch.tensor([0, 3])


@dataclass(frozen=True)
class Trial:
    """What was found; seconds of each part, forward and backward together."""

    parameters: int
    norms: int  # matched BatchNorm2d layers
    convolutions: int  # matched Conv2d layers
    seconds: dict[str, float]


def random_images(channels: int, size: int, what: str) -> Tensor:
    """(2, C, H, W) normalised noise."""
    return torch.randn((2, channels, size, size), generator=named_generator("trial", what))


def new_network(name: str, channels: int, size: int, classes: int = CLASSES) -> nn.Module:
    with seeded_global_rng("trial", name):
        return build(name, channels, size, classes)


def constructed(name: str, channels: int, size: int) -> Trial:
    """Built without memory for its weights, and a batch of shapes sent through it."""
    started = time.perf_counter()
    with torch.device("meta"):
        network = build(name, channels, size, CLASSES).eval()
        assert network(torch.empty(2, channels, size, size)).shape == (2, CLASSES)
    return _found(network, {"build": time.perf_counter() - started})


def tried(name: str, channels: int, size: int, precision: str = "float32") -> Trial:
    """Built, trained one step and matched one step, on batches of two; what is wrong is an AssertionError."""
    runtime, seconds = Runtime("cpu", 1, {name: precision}), {}
    for part, work in (("build", _built), ("train", _trained), ("match", _matched)):
        started = time.perf_counter()
        network = work(None if part == "build" else network, runtime, name, channels, size)  # noqa: F821
        seconds[part] = time.perf_counter() - started
    return _found(network, seconds)


def _found(network: nn.Module, seconds: dict[str, float]) -> Trial:
    norms, convolutions = (
        sum(isinstance(module, kind) for module in network.modules()) for kind in (nn.BatchNorm2d, nn.Conv2d)
    )
    return Trial(sum(p.numel() for p in network.parameters()), norms, convolutions, seconds)


def _built(_: None, runtime: Runtime, name: str, channels: int, size: int) -> nn.Module:
    return runtime.prepare_network(new_network(name, channels, size), name)


def _trained(network: nn.Module, runtime: Runtime, name: str, channels: int, size: int) -> nn.Module:
    """Squeeze's step: every weight has a finite gradient, and the weights move."""
    images = random_images(channels, size, "train").contiguous(memory_format=runtime.memory_format(name))
    optimiser = torch.optim.SGD(network.parameters(), 1e-3)
    with runtime.autocast(name):
        logits = network.train()(images).float()
    assert logits.shape == (2, CLASSES)
    F.cross_entropy(logits, LABELS).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    before = next(network.parameters()).detach().clone()
    optimiser.step()
    assert not torch.equal(before, next(network.parameters()))
    return network


def _matched(network: nn.Module, runtime: Runtime, name: str, channels: int, size: int) -> nn.Module:
    """Synthesis's step by the matching loss alone: every image has a finite gradient, and moves."""
    network.eval().requires_grad_(False)
    config = SynthesiseConfig(observers=(name,), cross_entropy_weight=0.0, flatness="none", iterations=1)
    hooks = MomentHooks(network, patch=4)
    with hooks, torch.no_grad(), runtime.autocast(name):
        network(random_images(channels, size, "real").contiguous(memory_format=runtime.memory_format(name)))
        moments = hooks.pop()
    sums = ClassSums.empty(CLASSES, hooks.layout.width)
    sums.add(moments, LABELS)
    statistics = {key: value.nan_to_num(0) for key, value in sums.finish().items()}  # classes without an image
    matcher = Matcher(config, hooks.layout, make_targets(statistics, hooks.layout, network, "class"), "cpu")
    observer = Observer(name, network, hooks, matcher, runtime)
    normalise = Normalisation.of((0.5,) * channels, (0.25,) * channels)
    work = ImageOptimiser(config, random_images(channels, size, "synthetic"), LABELS, normalise)
    before = work.images.detach().clone()
    with hooks:
        losses, _ = work.step(0, observer, named_generator("trial", "crop"))
    assert losses["loss/matching"].isfinite()
    assert losses["loss/matching"] > 0
    gradient = work.images.grad
    assert gradient.isfinite().all()
    assert (gradient.flatten(1).abs().amax(1) > 0).all()
    assert not torch.equal(before, work.images.detach())
    return network


def squeezed(name: str, dataset: str, home: Path, work: Path, **changes: object) -> dict:
    """Squeeze's own record of a network after one epoch at the rate of the data set's table.

    Raises:
        Diverged: it was refused.
    """
    about = describe(dataset)
    asked = {"synthesise.observers": (name,), "relabel.observers": (name,), "squeeze.epochs": 1}
    changes = {path.replace("__", "."): value for path, value in changes.items()}
    config = configure("G", dataset, default_profile(about.classes, about.size), 1, 0, changes=asked | changes)
    squeeze(context_of(config, home, "squeeze", work, name=name))
    return read_json(work / "observer.json")
