"""Squeeze: train one observer from scratch on the real training images (paper, sec. 2 and table 6).

For ImageNet-1k the paper takes torchvision's; `squeeze.pretrained` does so too.
"""

import math
import shlex
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edc_core.config import SqueezeConfig
from edc_core.data import Part
from edc_core.errors import Diverged
from edc_core.events import Scalars
from edc_core.networks.pretrained import load_ready, url_of
from edc_core.networks.runtime import Runtime
from edc_core.pipeline.context import SCORED_AT_ONCE, StageContext
from edc_core.pipeline.stages.divergence import GROWN, at_chance, guessing, is_finite, largest
from edc_core.rng import named_generator
from edc_core.torch_utils.device import to_device
from edc_core.training.schedules import smoothed_cosine
from edc_core.training.views import Normalisation, pad_crop_flip


def squeeze(context: StageContext) -> None:
    """Leaves `observer.safetensors` and `observer.json` with its accuracy (see `SqueezeConfig.scored_on`)."""
    config: SqueezeConfig = context.config.squeeze
    name = context.node.name
    runtime = context.runtime({name: config.precision})
    with runtime.use_threads():
        network = runtime.prepare_network(context.new_network(name, config.seed), name)
        began, fell = largest(network), False
        if config.ready_made:
            load_ready(network, name, *context.dataset.normalisation)
        else:
            fell = _train(context, config, runtime, network)
        seconds = context.seconds()
        normalise = context.normalisation(runtime.device)
        held_out = look(network, name, context.dataset.part("val"), normalise, runtime)
    if not config.ready_made and _blown_up(network, held_out, fell, largest(network) / began):
        raise _diverged(context)
    context.save_tensors("observer", network.state_dict())
    context.save_json(
        "observer",
        {
            "network": name,
            "parameters": sum(parameter.numel() for parameter in network.parameters()),
            "val_top1": held_out.top1,
            "dataset": context.dataset.description.name,
            "digest": context.dataset.description.digest,
            "settings": config.model_dump()
            if not config.ready_made
            else config.cache_key_fields() | {"url": url_of(name)},
            "command": _command(context, config),
            "seconds": seconds,
        },
    )


def _command(context: StageContext, config: SqueezeConfig) -> str:
    ready = f" --set squeeze.pretrained={config.pretrained}" if config.ready_made else ""
    name, dataset = context.node.name, context.dataset.description.name
    return f"python -m edc_core squeeze --dataset {shlex.quote(dataset)} --observers {name}{ready}"


@dataclass(frozen=True)
class Look:
    """A network's answers to a part of a data set."""

    top1: float  # percent
    images: int
    classes: int
    finite: bool  # whether all of them were numbers


def _blown_up(network: nn.Module, held_out: Look, fell: bool, growth: float) -> bool:
    """Whether training left nothing to go on with: no numbers, or huge weights that know no more than a guesser.

    `fell`: in some epoch the loss was below a guesser's. `growth`: of the largest weight. One sign alone is none: a
    network that has learnt little yet is at chance, and one that learns at a high rate has large weights.
    """
    if not held_out.finite or not is_finite(network):
        return True
    return growth > GROWN and not fell and at_chance(held_out.top1, held_out.images, held_out.classes)


def _diverged(context: StageContext) -> Diverged:
    return Diverged(f"observer {context.node.name} diverged", f"lower squeeze.lr (now {context.config.squeeze.lr})")


def _train(context: StageContext, config: SqueezeConfig, runtime: Runtime, network: nn.Module) -> bool:
    """SGD with momentum over `config.epochs`, checkpointed; returns whether an epoch's loss fell below chance.

    Raises:
        Diverged: weights are no numbers any more, of which nothing would come.
    """
    train, normalise = context.dataset.part("train"), context.normalisation(runtime.device)
    labels = torch.from_numpy(train.labels)
    optimiser = torch.optim.SGD(
        network.parameters(), config.lr, momentum=config.momentum, weight_decay=config.weight_decay
    )
    batches = math.ceil(len(train) / config.batch_size)
    total, step, loss_sum, fell, order = config.epochs * batches, 0, 0.0, False, None
    guessed = guessing(len(context.dataset.description.classes))
    if state := context.resume_state():
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        step, loss_sum = state["step"], state["loss_sum"]
        fell = state.get("fell", False)  # earlier versions did not note it
    network.train()
    while step < total:
        epoch, batch = divmod(step, batches)
        if batch == 0 or order is None:
            order = torch.randperm(len(train), generator=named_generator("squeeze", config.seed, "order", epoch))
        rows = order[batch * config.batch_size :][: config.batch_size]
        if config.schedule == "cosine":
            optimiser.param_groups[0]["lr"] = config.lr * smoothed_cosine(step / total, zeta=1)
        pixels = to_device(train.take(rows.numpy()), runtime.device)
        generator = named_generator("squeeze", config.seed, "augment", epoch, batch)
        images = normalise(pad_crop_flip(pixels, config.crop_padding, config.flip, generator))
        loss_sum += _step(network, context.node.name, optimiser, images, labels[rows].to(runtime.device), runtime)
        step += 1
        if batch == batches - 1:
            loss = loss_sum / batches
            if math.isfinite(loss):
                fell |= step > 1 and loss < guessed  # the first step's is that of fresh weights
                context.observe(Scalars(epoch + 1, {"loss/train": loss}))
            elif not is_finite(network):
                raise _diverged(context)
            loss_sum = 0.0
        context.progress(step, total, "step")
        if context.checkpoint_due():
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            context.save_checkpoint(state | {"step": step, "loss_sum": loss_sum, "fell": fell})
    return fell


def _step(
    network: nn.Module, name: str, optimiser: torch.optim.Optimizer, images: Tensor, labels: Tensor, runtime: Runtime
) -> float:
    with runtime.autocast(name):
        logits = network(images.contiguous(memory_format=runtime.memory_format(name)))
    loss = F.cross_entropy(logits.float(), labels)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def look(network: nn.Module, name: str, part: Part, normalise: Normalisation, runtime: Runtime) -> Look:
    """Predictions of a network in eval mode; its mode is restored afterwards."""
    was_training, correct, finite, classes = network.training, 0, True, 0
    network.eval()
    with torch.inference_mode(), runtime.autocast(name):
        for pixels, labels in part.batches(SCORED_AT_ONCE):
            images = normalise(to_device(pixels, runtime.device))
            logits = network(images.contiguous(memory_format=runtime.memory_format(name)))
            correct += (logits.argmax(1).cpu() == torch.from_numpy(labels)).sum().item()
            finite &= logits.isfinite().all().item()
            classes = logits.shape[1]
    network.train(was_training)
    return Look(100 * correct / len(part), len(part), classes, finite)


def top1(network: nn.Module, name: str, part: Part, normalise: Normalisation, runtime: Runtime) -> float:
    """Top-1 in percent, in eval mode; the network's mode is as before afterwards."""
    return look(network, name, part, normalise, runtime).top1
