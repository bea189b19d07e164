"""Initial images that need no network, in NumPy only, so that a page shows exactly what the stage will produce.

Kinds that an observer ranks are in `initialise.py`; they take their rows and labels from here too.
"""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edc_core.config import InitialiseConfig
from edc_core.data.class_naming import named_class
from edc_core.data.external_sets.given import load_given
from edc_core.errors import SettingsError
from edc_core.rng import seed_from

FAVOURITE = "Bag"  # the single class that fills a set where none is named
GLYPHS = string.ascii_letters + string.digits
SHARES = (0.5, 1.1)  # a glyph's font size, in sides of the image
GROUND, CONTRAST = (0, 80), (90, 176)  # grey levels; ink is ground plus contrast


class TrainingImages(Protocol):
    """The training part: decoded (`data.Part`) or straight from the shards (`data.glance.Glance`)."""

    labels: np.ndarray

    def take(self, rows: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True)
class InitContext:
    """Inputs of the initial images: settings, classes, image size, and the training part."""

    config: InitialiseConfig
    ipc: int
    classes: tuple[str, ...]
    channels: int
    size: int  # pixels a side
    train: TrainingImages
    home: Path  # where imported sets are kept
    groups: np.ndarray | None = None  # (N,) of the training part, class x ipc + place; None: not divided

    @property
    def count(self) -> int:
        return self.ipc * len(self.classes)

    def random(self, *names: str | int) -> np.random.Generator:
        return np.random.default_rng(seed_from("initialise", self.config.seed, *names))

    def rows_of(self, label: int) -> np.ndarray:
        """Rows of a class in the training part, in an order drawn from the stage's seed."""
        return self.random("rows", label).permutation(np.flatnonzero(self.train.labels == label))


def ipc_text(counts: Sequence[int]) -> str:
    """Images per class as shown: "10", or "8.4 (3 to 12)" where classes differ."""
    if len(set(counts)) == 1:
        return str(counts[0])
    return f"{sum(counts) / len(counts):.1f} ({min(counts)} to {max(counts)})"


def image_labels(ipc: int, classes: int) -> np.ndarray:
    """Labels (ipc x classes,), one image of every class before the second of any."""
    return np.tile(np.arange(classes), ipc)


def start_labels(context: InitContext) -> np.ndarray:
    """Labels of the initial images, (N,) int64."""
    if context.config.kind == "single-class":
        return np.full(context.count, only_class(context.config.single_class, context.classes))
    if context.config.kind == "imported":
        return load_given(context.home, context.config.images)[1]
    return image_labels(context.ipc, len(context.classes))


def only_class(only: str | None, classes: tuple[str, ...]) -> int:
    """Class number of a single-class set; unnamed, handbags where there are any, else the first class.

    Raises:
        SettingsError: there is no such class.
    """
    if only is None:
        return classes.index(FAVOURITE) if FAVOURITE in classes else 0
    if (found := named_class(only, classes)) is None:
        some = ", ".join(classes[:20]) + (" ..." if len(classes) > 20 else "")
        raise SettingsError(
            f"initialise.single_class is '{only}', which is no class of this data set: choose one of {some}."
        )
    return found


def real_images(context: InitContext) -> np.ndarray:
    """Random training images of each class; where it is divided into groups, one of each of them."""
    if context.groups is not None:
        chosen = [
            next(row for row in context.rows_of(label) if context.groups[row] == label * context.ipc + place)
            for place in range(context.ipc)
            for label in range(len(context.classes))
        ]
        return context.train.take(np.array(chosen))
    rows = [context.rows_of(label)[: context.ipc] for label in range(len(context.classes))]
    return context.train.take(np.stack(rows, 1).ravel())


def one_class_only(context: InitContext) -> np.ndarray:
    """Random training images of one class for all labels; a class too small for them repeats its images."""
    rows = context.rows_of(only_class(context.config.single_class, context.classes))
    return context.train.take(np.resize(rows, context.count))


def glyph_images(context: InitContext) -> np.ndarray:
    """Letters and digits: images of another data set, labelled as if they were this one's."""
    return draw_glyphs(context.count, context.channels, context.size, context.random("glyphs"))


def draw_glyphs(count: int, channels: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """(count, channels, size, size) uint8: one glyph an image, of random kind, place, size and contrast."""
    images = np.empty((count, channels, size, size), np.uint8)
    for number in range(count):
        images[number] = _glyph(channels, size, rng)
    return images


def _glyph(channels: int, size: int, rng: np.random.Generator) -> np.ndarray:
    glyph = GLYPHS[rng.integers(len(GLYPHS))]
    font = ImageFont.load_default(max(6.0, size * rng.uniform(*SHARES)))
    place = rng.uniform(0.35, 0.65, 2) * size  # of the glyph's middle
    ground = rng.integers(*GROUND, channels)
    ink = ground + rng.integers(*CONTRAST, channels)
    mask = Image.new("L", (size, size))
    ImageDraw.Draw(mask).text(tuple(place), glyph, fill=255, font=font, anchor="mm")
    share = np.asarray(mask, np.float32)[None] / 255
    return np.rint(ground[:, None, None] * (1 - share) + ink[:, None, None] * share).astype(np.uint8)


def given_images(context: InitContext) -> np.ndarray:
    """Imported condensed set, read by its digest."""
    images, labels = load_given(context.home, context.config.images)
    if images.shape[1:] != (context.channels, context.size, context.size) or labels.max() >= len(context.classes):
        raise SettingsError(
            f"the imported set '{context.config.images}' has images of {images.shape[1:]} and classes to"
            f" {labels.max()}, which do not fit this data set: import it again for it."
        )
    return images


def standard_normal(context: InitContext) -> np.ndarray:
    """(N, C, H, W) float32 noise in normalised units, not yet in the valid range."""
    shape = (context.count, context.channels, context.size, context.size)
    return context.random("noise").standard_normal(shape, dtype=np.float32)


# (N, C, H, W) uint8, in the order of `start_labels`
NETWORK_FREE_INITIALISERS: dict[str, Callable[[InitContext], np.ndarray]] = {
    "real": real_images,
    "single-class": one_class_only,
    "glyphs": glyph_images,
    "imported": given_images,
}
