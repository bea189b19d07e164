"""Condensed images put together into one grid: by class, side by side, over time.

A grid is an array (height, width, bands) of uint8, bands being grey or RGB and alpha: what is between the
images is transparent, so a page's own colour shows through. Pixels stay as they are; whoever shows a grid
larger does so by whole multiples.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from edc_core.store.digests import damaged, verified

GAP = 1  # pixels between images, at native size
STRIP = 15  # pixels of a caption's height above an animation, and what parts it from the images
INK, PAPER, SKY = (255, 255, 255), (28, 36, 48), (86, 180, 233)


def by_class(pixels: np.ndarray, labels: np.ndarray, shown: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first `shown` images of each class, a row per class that is present.

    (N, C, H, W) and (N,) -> cells (R, K, C, H, W), which of them hold an image (R, K), and the rows' classes (R,).
    """
    classes = np.unique(labels)
    columns = min(shown, max((int((labels == label).sum()) for label in classes), default=0))
    cells = np.zeros((len(classes), columns, *pixels.shape[1:]), np.uint8)
    filled = np.zeros((len(classes), columns), bool)
    for row, label in enumerate(classes):
        chosen = np.flatnonzero(labels == label)[:columns]
        cells[row, : len(chosen)], filled[row, : len(chosen)] = pixels[chosen], True
    return cells, filled, classes


def in_rows(pixels: np.ndarray, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Images in reading order: (N, C, H, W) -> cells (R, columns, C, H, W) and which of them hold an image."""
    rows = -(-len(pixels) // columns)
    cells = np.zeros((rows * columns, *pixels.shape[1:]), np.uint8)
    cells[: len(pixels)] = pixels
    return cells.reshape(rows, columns, *pixels.shape[1:]), (np.arange(rows * columns) < len(pixels)).reshape(rows, -1)


def sheet(cells: np.ndarray, filled: np.ndarray | None = None, gap: int = GAP) -> np.ndarray:
    """Cells (R, K, C, H, W), grey or RGB, as a grid with `gap` transparent pixels between them."""
    rows, columns, channels, height, width = cells.shape
    opaque = np.ones((rows, columns), bool) if filled is None else filled
    alpha = np.broadcast_to(opaque[:, :, None, None, None] * np.uint8(255), (rows, columns, 1, height, width))
    spaced = np.zeros((rows, columns, channels + 1, height + gap, width + gap), np.uint8)
    spaced[..., :height, :width] = np.concatenate([cells, alpha], 2)
    whole = spaced.transpose(0, 3, 1, 4, 2).reshape(rows * (height + gap), columns * (width + gap), channels + 1)
    return whole[: whole.shape[0] - gap, : whole.shape[1] - gap]


def beside(canvases: Sequence[np.ndarray], gap: int) -> np.ndarray:
    """Grids of one height and kind, left to right, with `gap` transparent pixels between them."""
    between = np.zeros((canvases[0].shape[0], gap, canvases[0].shape[2]), np.uint8)
    parts = [part for canvas in canvases for part in (between, canvas)]
    return np.concatenate(parts[1:], 1)


def cut(canvas: np.ndarray, size: int) -> np.ndarray:
    """A gapless grid of square images (rows x size, columns x size[, 3]) as cells (R, K, C, size, size)."""
    grid = canvas[..., None] if canvas.ndim == 2 else canvas
    rows, columns = grid.shape[0] // size, grid.shape[1] // size
    grid = grid[: rows * size, : columns * size].reshape(rows, size, columns, size, grid.shape[2])
    return grid.transpose(0, 2, 4, 1, 3)


def read_png(path: Path) -> np.ndarray:
    """A PNG of the store as uint8, grey (height, width) or RGB (height, width, 3).

    Raises:
        StoreError: it is missing or damaged.
    """
    try:
        with Image.open(verified(path)) as image:
            return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))
    except (OSError, ValueError, SyntaxError) as error:
        raise damaged(path, error) from None


def enlarge(canvas: np.ndarray, scale: int) -> np.ndarray:
    """Each pixel as scale x scale of them."""
    return canvas.repeat(scale, 0).repeat(scale, 1)


def as_image(canvas: np.ndarray) -> Image.Image:
    """For Pillow: mode LA or RGBA, L where there is no alpha."""
    return Image.fromarray(np.ascontiguousarray(canvas[..., 0] if canvas.shape[2] == 1 else canvas))


def png(canvas: np.ndarray, scale: int = 1) -> bytes:
    """A grid as PNG, without loss, `scale` times as large."""
    buffer = io.BytesIO()
    as_image(enlarge(canvas, scale)).save(buffer, "PNG")
    return buffer.getvalue()


def moving(frames: Sequence[np.ndarray], captions: Sequence[str], seconds: float = 0.45) -> bytes:
    """Grids of one size as an animated PNG that repeats, each with its caption and how far it is above it.

    The first and the last frame are held longer, so that the eye can compare them.
    """
    drawn = [
        _captioned(as_image(frame).convert("RGBA"), caption, (number + 1) / len(frames))
        for number, (frame, caption) in enumerate(zip(frames, captions, strict=True))
    ]
    durations = [1000 * seconds * (3 if number in (0, len(drawn) - 1) else 1) for number in range(len(drawn))]
    buffer = io.BytesIO()
    drawn[0].save(buffer, "PNG", save_all=True, append_images=drawn[1:], duration=durations, loop=0)
    return buffer.getvalue()


def still(canvas: np.ndarray, caption: str, share: float) -> bytes:
    """One frame of `moving` by itself."""
    buffer = io.BytesIO()
    _captioned(as_image(canvas).convert("RGBA"), caption, share).save(buffer, "PNG")
    return buffer.getvalue()


def _captioned(frame: Image.Image, caption: str, share: float) -> Image.Image:
    """A strip above the frame: the caption in a pixel font that enlarges as crisply as the images do."""
    whole = Image.new("RGBA", (frame.width, frame.height + STRIP))
    whole.paste(frame, (0, STRIP))
    pen = ImageDraw.Draw(whole)
    pen.fontmode = "1"
    pen.rectangle((0, 0, whole.width, STRIP - 3), fill=PAPER)
    if share > 0:
        pen.rectangle((0, STRIP - 4, round(whole.width * share) - 1, STRIP - 3), fill=SKY)
    font = ImageFont.load_default_imagefont()
    pen.text(((whole.width - font.getlength(caption)) / 2, -1), caption, INK, font)
    return whole


def with_names(canvas: np.ndarray, names: Sequence[str], scale: int) -> np.ndarray:
    """A grid, enlarged, with a name before each of its rows and white behind: to be kept or printed.

    The names share the grid's height equally.
    """
    grown = as_image(enlarge(canvas, scale)).convert("RGBA")
    height = grown.height / max(len(names), 1)
    font = ImageFont.load_default(min(max(height * 0.3, 10), 28))
    margin = round(max((font.getlength(name) for name in names), default=0) + 20)
    paper = Image.new("RGB", (margin + grown.width, grown.height), "white")
    paper.paste(grown, (margin, 0), grown)
    pen = ImageDraw.Draw(paper)
    for row, name in enumerate(names):
        pen.text((margin - 10, (row + 0.5) * height), name, "black", font, anchor="rm")
    return np.asarray(paper)
