"""Crop boxes on real images, and what an observer sees of them."""

import numpy as np
from PIL import Image

from edc_core.config import RunConfig
from edc_core.figures.colours import OKABE_ITO
from edc_core.figures.miniatures.miniature import Look, Miniature, Reading, bare, rgb
from edc_core.figures.plotly_objects import go
from edc_core.training.schedules import smoothed_cosine

SEED, CROPS_SHOWN, GAP = 3, 6, 4


def draw_boxes(count: int, minimum: float | np.ndarray, maximum: float, seed: int) -> np.ndarray:
    """RandomResizedCrop boxes as (left, top, right, bottom) in [0, 1], (count, 4); the engine's rule in NumPy.

    Area share in [minimum, maximum], ratio 3/4 to 4/3, up to ten tries for a box that fits inside, else the
    whole image. The draws do not depend on the range, so a box glides as the range moves.
    """
    draw = np.random.default_rng(seed)
    least = np.broadcast_to(np.asarray(minimum, float), count)[:, None]
    area = least + draw.random((count, 10)) * (maximum - least)
    ratio = np.exp(draw.uniform(np.log(3 / 4), np.log(4 / 3), (count, 10)))
    sizes = np.stack([np.sqrt(area * ratio), np.sqrt(area / ratio)], -1)
    fits = (sizes <= 1).all(-1)
    size = sizes[np.arange(count), fits.argmax(1)]
    size[~fits.any(1)] = 1.0
    corner = draw.random((count, 2)) * (1 - size)
    return np.concatenate([corner, corner + size], 1)


def crops(config: RunConfig, look: Look) -> Miniature:
    """One crop of each image, drawn as synthesis draws them, above what the observer sees (flips left out).

    Under CDA's curriculum the least area sinks from the whole image: left is the first iteration, right the last.
    """
    settings, images = config.synthesise, rgb(look.samples[:CROPS_SHOWN])
    count, size = len(images), images.shape[1]
    least = np.full(count, settings.crop_area_min)
    if settings.crop_curriculum == "easy_to_hard":
        ease = np.array([smoothed_cosine(i / max(count - 1, 1), zeta=1) for i in range(count)])  # as in synthesis
        least = settings.crop_area_min + (settings.crop_area_max - settings.crop_area_min) * ease
    boxes = draw_boxes(count, least, settings.crop_area_max, SEED)
    step = size + GAP
    canvas = np.zeros((2 * size + GAP, count * step - GAP, 4), np.uint8)
    figure = go.Figure()
    for i, (image, box) in enumerate(zip(images, boxes, strict=True)):
        seen = Image.fromarray(np.ascontiguousarray(image)).resize(
            (size, size), Image.Resampling.BILINEAR, tuple(box * size)
        )
        for top, pixels in ((0, image), (size + GAP, np.asarray(seen))):
            canvas[top : top + size, i * step : i * step + size] = np.dstack(
                [pixels, np.full((size, size), 255, np.uint8)]
            )
        left, top, right, bottom = box * size - 0.5
        line = {"color": OKABE_ITO["orange"], "width": 3}
        figure.add_shape(type="rect", x0=left + i * step, x1=right + i * step, y0=top, y1=bottom, line=line)
    figure.add_trace(go.Image(z=canvas, colormodel="rgba"))
    bare(figure, 260)
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return Miniature(
        "Above, the crop; below, what the observer sees of it: could you still name the thing?",
        figure,
        readings=(Reading("mean area seen", f"{100 * area.mean():.0f} %", "of these crops, of an image's area"),),
    )
