"""Difficulty: training images ranked by the observers of the synthesis, grouped, and the groups' moments."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from edc_core.config import StatisticsConfig
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.statistics import batch_size
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.difficulty import class_ranks, scores, split
from edc_core.synthesis.moments import ClassSums, FeatureLayout, MomentHooks, Moments
from edc_core.torch_utils.device import to_device


def difficulty(context: StageContext) -> None:
    """Leaves `groups.safetensors`: each training image's group and mean rank; and each observer's
    `NAME.safetensors`: `ClassSums.finish()` of the groups in place of the classes."""
    config: StatisticsConfig = context.config.statistics
    names = context.config.synthesise.observers
    runtime = context.runtime(dict.fromkeys(names, config.precision))
    labels = context.dataset.part("train").labels
    with runtime.use_threads(), torch.inference_mode():
        ranks = [class_ranks(_scored(context, runtime, name), labels) for name in names]
        mean_rank = np.mean(ranks, 0)
        groups = split(mean_rank, labels, context.config.ipc)
        for name in names:
            context.save_tensors(name, _group_moments(context, runtime, name, groups))
    context.save_tensors("groups", {"group": torch.from_numpy(groups), "rank": torch.from_numpy(mean_rank).float()})


def _scored(context: StageContext, runtime, name: str) -> np.ndarray:
    """Difficulty score of each training image under one observer: (N,)."""
    statistics = read_tensors(context.upstream_dir("statistics", name) / "statistics.safetensors")
    mean, variance = statistics["mean"], statistics["within"] + statistics["between"]
    labels = torch.from_numpy(context.dataset.part("train").labels)
    spread, found = context.config.synthesise.grouping_variance_weight, torch.empty(len(labels))
    for moments, layout, rows in _seen(context, runtime, name, 0):
        own = labels[rows]
        found[rows] = scores(moments, Moments(mean[own], variance[own]), layout, spread)
    return found.numpy()


def _group_moments(context: StageContext, runtime, name: str, groups: np.ndarray) -> dict[str, Tensor]:
    """Per group what `statistics` collects per class."""
    sums, count = None, len(context.dataset.description.classes) * context.config.ipc
    for moments, layout, rows in _seen(context, runtime, name, 1):
        sums = sums or ClassSums.empty(count, layout.width)
        sums.add(moments, torch.from_numpy(groups[rows]))
    return sums.finish()


def _seen(context: StageContext, runtime, name: str, look: int) -> Iterator[tuple[Moments, FeatureLayout, np.ndarray]]:
    """Every training image's moments, batch after batch, on the CPU in float32; `look` is 0 or 1, for progress."""
    train, names = context.dataset.part("train"), context.config.synthesise.observers
    network, normalise = context.observer(name, runtime), context.normalisation(runtime.device)
    before, done = (look * len(names) + names.index(name)) * len(train), 0
    with MomentHooks(network, context.config.statistics.patch) as hooks:
        for pixels, labels in train.batches(batch_size(context.dataset.description.size, runtime.device)):
            images = normalise(to_device(pixels, runtime.device))
            with runtime.autocast(name):
                network(images.contiguous(memory_format=runtime.memory_format(name)))
            seen, rows = hooks.pop(), np.arange(done, done + len(labels))
            done += len(labels)
            context.progress(before + done, 2 * len(names) * len(train), "image")
            yield Moments(seen.mean.cpu().float(), seen.variance.cpu().float()), hooks.layout, rows
