"""Statistics: per-class moments of every matched layer's input over the real training images."""

import torch

from edc_core.config import StatisticsConfig
from edc_core.pipeline.context import StageContext
from edc_core.synthesis.moments import ClassSums, MomentHooks
from edc_core.torch_utils.device import to_device

# Pixels of a channel at once: ResNet-18 at 32 px then stays well below 2 GB. Another value moves last bits only.
# A GPU waits for the processor to name each operation, so it is given ten times as many.
BATCH_PIXELS, ON_A_GPU = 50 * 32**2, 500 * 32**2


def batch_size(size: int, device: str) -> int:
    """Images at once, for images of `size` px a side."""
    return max(16, (BATCH_PIXELS if device == "cpu" else ON_A_GPU) // size**2)


def statistics(context: StageContext) -> None:
    """Leaves `statistics.safetensors`: `ClassSums.finish()`; and `layout.json` with the layers' names."""
    config: StatisticsConfig = context.config.statistics
    name = context.node.name
    runtime = context.runtime({name: config.precision})
    train = context.dataset.part("train")
    classes = len(context.dataset.description.classes)
    sums, done = None, 0
    with runtime.use_threads(), torch.inference_mode():
        network = context.observer(name, runtime)
        normalise = context.normalisation(runtime.device)
        with MomentHooks(network, config.patch) as hooks:
            for pixels, labels in train.batches(batch_size(context.dataset.description.size, runtime.device)):
                images = normalise(to_device(pixels, runtime.device))
                with runtime.autocast(name):
                    network(images.contiguous(memory_format=runtime.memory_format(name)))
                moments = hooks.pop()
                sums = sums or ClassSums.empty(classes, hooks.layout.width)
                sums.add(moments, torch.from_numpy(labels))
                done += len(labels)
                context.progress(done, len(train), "image")
    moments, sums = sums.finish(), None  # the sums are twice as large
    context.save_tensors("statistics", moments)
    layout = hooks.layout
    groups = [{"layer": c.layer, "kind": c.kind, "width": c.width} for c in layout.groups]
    context.save_json("layout", {"layers": layout.layers, "columns": groups, "patch": config.patch})
