"""Initialise: the images that synthesis starts from."""

import numpy as np
import torch

from edc_core.config import InitialiseConfig
from edc_core.pipeline.context import StageContext
from edc_core.store.files import write_grid
from edc_core.store.tensors import read_tensors
from edc_core.synthesis.initial_images import InitContext, start_labels
from edc_core.synthesis.initialise import INITIALISERS, Source


def _groups(context: StageContext) -> np.ndarray | None:
    """The training images' groups, where the start is chosen by them."""
    if not (context.config.synthesise.grouped and context.config.initialise.kind == "real"):
        return None
    return read_tensors(context.upstream_dir("difficulty") / "groups.safetensors")["group"].numpy()


def initialise(context: StageContext) -> None:
    """Leaves `images.safetensors` (float32, normalised) and `grid.png`."""
    config: InitialiseConfig = context.config.initialise
    ranked = config.is_active("scorer")
    runtime = context.runtime({config.scorer: config.precision} if ranked else {})
    about = context.dataset.description
    inputs = InitContext(
        config=config,
        ipc=context.config.ipc,
        classes=about.classes,
        channels=about.channels,
        size=about.size,
        train=context.dataset.part("train"),
        home=context.stage_results.home,
        groups=_groups(context),
    )
    with runtime.use_threads():
        source = Source(
            context=inputs,
            normalise=context.normalisation(runtime.device),
            scorer=context.observer(config.scorer, runtime) if ranked else None,
            runtime=runtime,
            progress=context.progress,
        )
        images = INITIALISERS[config.kind](source)
    labels = torch.from_numpy(start_labels(inputs))
    context.save_tensors("images", {"images": images, "labels": labels})
    write_grid(context.work.path / "grid.png", source.normalise.pixels(images).cpu().numpy(), labels.numpy())
