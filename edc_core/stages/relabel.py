"""Relabel: the committee's labels of the condensed images.

A student's views are labelled on the fly, from the deterministic plan of `views.*`; what is kept here
is the committee's verdict on the images as they are, for looking at, and what the labels would weigh.
"""

import torch

from edc_core.augment import ViewPlan
from edc_core.config import RelabelConfig
from edc_core.stages.context import Context


def relabel(context: Context) -> None:
    """Leaves `labels.safetensors` (float32 logits, (N, C)) and `labels.json`."""
    config: RelabelConfig = context.config.relabel
    images, labels = context.condensed()
    classes = len(context.dataset.description.classes)
    plan = ViewPlan(context.config.views, len(images), images.shape[-1])
    epochs, rest = divmod(plan.steps, plan.batches)
    views = epochs * len(images) + min(rest * plan.config.batch_size, len(images))
    record = {"labels": config.labels, "views": views, "steps": plan.steps}
    if config.labels == "hard":
        logits = torch.nn.functional.one_hot(labels, classes).float()
        record |= {"agreement": 100.0, "bytes_if_stored": 0}
    else:
        logits = _committee_logits(context, config, images)
        agreement = (logits.argmax(1) == labels).float().mean().item()
        # Half precision logits of every view, as if stored ahead (FKD).
        record |= {"agreement": 100 * agreement, "bytes_if_stored": record["views"] * classes * 2}
    context.save_tensors("labels", {"logits": logits, "labels": labels})
    context.save_json("labels", record)


def _committee_logits(context: Context, config: RelabelConfig, images: torch.Tensor) -> torch.Tensor:
    runtime = context.runtime(dict.fromkeys(config.observers, config.precision))
    normalise = context.normalisation(runtime.device)
    parts = []
    with runtime.threads_set():
        committee = context.committee(runtime)
        for chunk in images.split(500):
            parts.append(committee(normalise(chunk.to(runtime.device))).cpu())
            context.progress(sum(map(len, parts)), len(images), "image")
    return torch.cat(parts)
