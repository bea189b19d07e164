"""Relabel: the committee's labels of the condensed images.

By default a student's views are labelled on the fly, from the deterministic plan of `views.*`; what is kept here is
the committee's verdict on the images as they are, for looking at, and what the labels would weigh. With
`relabel.stored` the same views are labelled here, ahead (FKD), and evaluate reads the labels.
"""

import torch

from edc_core.config import RelabelConfig
from edc_core.pipeline.context import SCORED_AT_ONCE, StageContext
from edc_core.store.digests import digest_of
from edc_core.torch_utils.cuda_graphs import GraphedCallable
from edc_core.training.committee import Committee
from edc_core.training.stored_labels import save_shard, shard_path
from edc_core.training.views import Normalisation, ViewPlan


def relabel(context: StageContext) -> None:
    """Leaves `labels.safetensors` (float32 logits, (N, C)) and `labels.json`; and `soft/`, where labels are stored."""
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
        runtime = context.runtime(dict.fromkeys(config.observers, config.precision))
        with runtime.use_threads():
            committee = context.committee(runtime)
            normalise = context.normalisation(runtime.device)
            logits = _of_images(context, committee, normalise, images)
            weight = record["views"] * classes * 2  # half precision logits of every view, as if stored ahead (FKD)
            if config.stores:
                weight = _store(context, committee, normalise, images, plan)
        agreement = (logits.argmax(1) == labels).float().mean().item()
        record |= {"agreement": 100 * agreement, "bytes_if_stored": weight}
        if config.stores:
            record |= {"stored": True, "top_k": config.logits_top_k, "shards": plan.epochs}
    context.save_tensors("labels", {"logits": logits, "labels": labels})
    context.save_json("labels", record)


def _of_images(
    context: StageContext, committee: Committee, normalise: Normalisation, images: torch.Tensor
) -> torch.Tensor:
    """The committee's logits of the images as they are, (N, C) float32."""
    logits = torch.empty(len(images), len(context.dataset.description.classes))
    for rows in torch.arange(len(images)).split(SCORED_AT_ONCE):
        logits[rows] = committee(normalise(images[rows].to(committee.runtime.device))).cpu()
        context.progress(rows[-1].item() + 1, len(images), "image")
    return logits


def _store(
    context: StageContext, committee: Committee, normalise: Normalisation, images: torch.Tensor, plan: ViewPlan
) -> int:
    """Label every view, a shard an epoch, from the last checkpoint on; returns the labels' size in bytes."""
    pixels, labelled = images.to(committee.runtime.device), GraphedCallable(committee)
    state = _as_far_as_right(context.resume_state() or {"epochs": 0, "bytes": 0}, context)
    for epoch in range(state["epochs"], plan.epochs):
        rows, parts = [], []
        for view in plan.epoch(epoch):
            rows.append(view.rows)
            parts.append(labelled(view.render(pixels, normalise)).cpu())
            context.progress(epoch * plan.batches + len(parts), plan.steps, "step", "storing labels")
        size = save_shard(
            context.work.path, epoch, torch.cat(rows), torch.cat(parts), context.config.relabel.logits_top_k
        )
        seals = [*state["sha256"], digest_of(shard_path(context.work.path, epoch))]
        state = {"epochs": epoch + 1, "bytes": state["bytes"] + size, "sha256": seals}
        if context.checkpoint_due():
            context.save_checkpoint(state)
    return state["bytes"]


def _as_far_as_right(state: dict, context: StageContext) -> dict:
    """The last checkpoint if all its shards are intact; else an empty one, to label all views again."""
    seals = state.get("sha256", [""] * state["epochs"])  # empty ones: of an earlier version
    for epoch, seal in enumerate(seals):
        path = shard_path(context.work.path, epoch)
        if not path.is_file() or (seal and digest_of(path) != seal):
            context.remark = f"'{path.name}' was damaged, so all labels are stored again"
            return {"epochs": 0, "bytes": 0, "sha256": []}
    return state | {"sha256": seals}
