"""The steps that stages take, on random images, each as a function to be timed.

forward   an observer's inference on images; on a GPU as a captured CUDA graph, as when it labels views
moments   an observer looks at real images and their moments are summed (statistics)
observe   one step of synthesis: crop, look, match, gradient, Adam
train     one step of a student without its views and committee: forward, backward, AdamW, EMA
"""

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import EvaluateConfig, SynthesiseConfig
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.stages.evaluate import make_optimiser
from edc_core.rng import named_generator, seeded_global_rng
from edc_core.synthesis.image_optimiser import ImageOptimiser, Observer
from edc_core.synthesis.matching import Matcher, make_targets
from edc_core.synthesis.moments import ClassSums, MomentHooks
from edc_core.torch_utils.cuda_graphs import GraphedCallable
from edc_core.torch_utils.frozen_batchnorm import freeze_batchnorm
from edc_core.training.ema import make_ema_model
from edc_core.training.views import Normalisation

CLASSES = 10


def normalisation(channels: int, device: str) -> Normalisation:
    return Normalisation.of((0.5,) * channels, (0.25,) * channels, device=device)


def random_images(batch: int, channels: int, size: int, runtime: Runtime) -> Tensor:
    generator = named_generator("calibrate", 0)
    return torch.randn((batch, channels, size, size), generator=generator).to(runtime.device)


def new_network(network: str, channels: int, size: int) -> nn.Module:
    with seeded_global_rng("calibrate", network):
        return build(network, channels, size, CLASSES)


def placed(network: str, images: Tensor, runtime: Runtime) -> nn.Module:
    built = new_network(network, images.shape[1], images.shape[-1])
    return runtime.prepare_network(built.eval().requires_grad_(False), network)


def _forward(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    model, layout = placed(network, images, runtime), runtime.memory_format(network)

    @torch.inference_mode()
    def look(images: Tensor) -> Tensor:
        with runtime.autocast(network):
            return model(images.contiguous(memory_format=layout)).float()

    return partial(GraphedCallable(look), images)


def _moments(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    model, labels = placed(network, images, runtime), torch.arange(len(images)) % CLASSES
    hooks = MomentHooks(model, 4)
    layout = runtime.memory_format(network)
    sums: list[ClassSums] = []

    @torch.inference_mode()
    def step() -> None:
        with hooks, runtime.autocast(network):
            model(images.contiguous(memory_format=layout))
        moments = hooks.pop()
        if not sums:
            sums.append(ClassSums.empty(CLASSES, hooks.layout.width))
        sums[0].add(moments, labels)

    return step


def _observe(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    model = freeze_batchnorm(placed(network, images, runtime))
    config = SynthesiseConfig(observers=(network,), flatness="none")
    labels = (torch.arange(len(images)) % CLASSES).to(images.device)
    hooks = MomentHooks(model, 4)
    with torch.inference_mode(), hooks, runtime.autocast(network):
        model(images.contiguous(memory_format=runtime.memory_format(network)))
        moments = hooks.pop()
        sums = ClassSums.empty(CLASSES, hooks.layout.width)
        sums.add(moments, labels)
        statistics = sums.finish()
    statistics = {name: tensor.clone().nan_to_num() for name, tensor in statistics.items()}
    targets = make_targets(statistics, hooks.layout, model, config.category_variance)
    matcher = Matcher(config, hooks.layout, targets, runtime.device)
    observer = Observer(network, model, hooks, matcher, runtime)
    work = ImageOptimiser(config, images, labels, normalisation(images.shape[1], runtime.device))

    def step() -> None:
        with hooks:
            work.step(1, observer, named_generator("calibrate", 1))

    return step


def _train(network: str, images: Tensor, runtime: Runtime) -> Callable[[], object]:
    config = EvaluateConfig(students=(network,))
    student = runtime.prepare_network(new_network(network, images.shape[1], images.shape[-1]), network).train()
    ema, optimiser = make_ema_model(student, config.ema_decay), make_optimiser(student, config)
    soft, layout = torch.zeros(len(images), CLASSES, device=images.device), runtime.memory_format(network)

    def step() -> None:
        with runtime.autocast(network):
            logits = student(images.contiguous(memory_format=layout))
        loss = F.mse_loss(logits.float(), soft)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        ema.update_parameters(student)
        loss.item()

    return step


STEPS = {"forward": _forward, "moments": _moments, "observe": _observe, "train": _train}
