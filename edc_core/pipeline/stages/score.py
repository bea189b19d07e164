"""Score: what a trained student gets right on held-out or test images, raw and averaged weights alike."""

import torch
from torch import Tensor

from edc_core.events import TestSetOpened
from edc_core.pipeline.context import SCORED_AT_ONCE, StageContext, load_weights
from edc_core.store.tensors import read_tensors
from edc_core.torch_utils.device import to_device


def score(context: StageContext) -> None:
    """Leaves `score.json` (top-1, top-5, per class, confusion matrix) and `predictions.safetensors`."""
    split = context.config.score.split
    name = context.node.trained_student.network
    part = context.dataset.part(split)
    runtime = context.runtime({name: context.config.evaluate.precision})
    classes = len(context.dataset.description.classes)
    path = context.upstream_dir("evaluate", context.node.name) / "student.safetensors"
    saved = read_tensors(path)
    normalise = context.normalisation(runtime.device)
    labels = torch.from_numpy(part.labels)
    if split == "test":
        context.observe(TestSetOpened(context.node.key))
    scores, predictions = {"split": split, "images": len(part)}, {}
    with runtime.use_threads(), torch.inference_mode():
        for number, kind in enumerate(("raw", "ema")):
            student = context.new_network(name, "scored")
            weights = {k.partition(".")[2]: v for k, v in saved.items() if k.startswith(f"{kind}.")}
            load_weights(student, weights, path, name)
            student = runtime.prepare_network(student.eval(), name)
            # Filled in place: small results that are kept among large freed ones were measured to let memory grow by
            # 3.5 KB an image; all logits would fill it.
            predicted = torch.empty(len(part), dtype=torch.int64)
            best, seen = torch.empty(len(part), min(5, classes), dtype=torch.int64), 0
            for pixels, _ in part.batches(SCORED_AT_ONCE):
                images = normalise(to_device(pixels, runtime.device))
                with runtime.autocast(name):
                    logits = student(images.contiguous(memory_format=runtime.memory_format(name))).float().cpu()
                rows = slice(seen, seen + len(pixels))
                predicted[rows], best[rows] = logits.argmax(1), logits.topk(best.shape[1], 1).indices
                seen = rows.stop
                context.progress(number * len(part) + seen, 2 * len(part), "image")
            scores[kind] = measure(predicted, best, labels, classes)
            predictions[kind] = predicted.to(torch.int16)
    context.save_tensors("predictions", predictions)
    context.save_json("score", scores)


def measure(predicted: Tensor, best: Tensor, labels: Tensor, classes: int) -> dict:
    """Top-1 and top-5 in percent, top-1 per class, and the confusion matrix (true rows, predicted columns).

    `predicted` (N,) and `best` (N, 5) are each image's likeliest class and classes.
    """
    confusion = torch.bincount(labels * classes + predicted, minlength=classes**2).view(classes, classes)
    return {
        "top1": 100 * (predicted == labels).double().mean().item(),
        "top5": 100 * (best == labels[:, None]).any(1).double().mean().item(),
        "per_class": (100 * confusion.diag() / confusion.sum(1).clamp_min(1)).tolist(),
        "confusion": confusion.tolist(),
    }
