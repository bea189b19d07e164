"""README's animation: two sets of images as they form, then the students that learn from them.

    python -m experiments.make_animation    # writes docs/condensing.gif

It shows stored steps and curves of two runs that come with the project: the ladder's first rung and EDC. The same
store and the same Pillow give the same file.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from edc_core.environment import ROOT
from edc_core.figures.colours import colour_of
from edc_core.runs.condensed_set import key_of, snapshots
from edc_core.runs.image_grids import cut, enlarge, read_png, sheet
from edc_core.store import Store
from edc_core.store.run_record import RunRecord

ANIMATION = ROOT / "docs" / "condensing.gif"
TITLES = {"A": "CONFIG A, from noise", "G": "EDC (CONFIG G), from real images"}
ROWS, SCALE = 3, 2  # images of a class, enlargement
MARGIN, LINE, GAP, CHART = 14, 20, 8, 150  # pixels
PAPER, INK, GRID = "#FFFFFF", "#1C2430", "#D5DBE1"
GREYS, SHADES = 96, 12  # of the images; of each line between its colour and the paper
FORMING, RACING, HELD = 380, 110, 3000  # milliseconds of a frame


@dataclass(frozen=True)
class Film:
    """A finished run: its snapshots (step, image), and its student's held-out accuracy in percent."""

    preset: str
    run: str
    steps: list[tuple[int, np.ndarray]]
    epochs: list[int]
    top1_percent: list[float]


def read_films(home: Path) -> list[Film]:
    """The runs of `TITLES` with soft labels that come with the project."""
    store = Store(home)
    runs = [run for run in store.runs() if run.bundled and run.settings["relabel"]["labels"] != "hard"]
    films = [_film(store, next(run for run in runs if run.preset == preset)) for preset in TITLES]
    store.close()
    return films


def _film(store: Store, run: RunRecord) -> Film:
    size = run.manifest["dataset"]["size"]
    steps = [(step, _columns(read_png(path), size)) for step, path in snapshots(store, run).items()]
    epochs, values = store.curves(key_of(run, "evaluate"))["top1/ema"]
    return Film(run.preset, run.id, steps, list(epochs), list(values))


def _columns(canvas: np.ndarray, size: int) -> np.ndarray:
    """A stored grid, a row per class, as grey (height, width) with a column per class and `ROWS` images in each."""
    cells = cut(canvas, size)[:, :ROWS].swapaxes(0, 1)
    spaced = sheet(cells)
    grey = np.where(spaced[..., 1] > 0, spaced[..., 0], 255).astype(np.uint8)
    return enlarge(grey, SCALE)


def frames(films: list[Film]) -> Iterator[tuple[Image.Image, int]]:
    """Every frame with its milliseconds: the images form step by step, then the curves grow."""
    last = max(len(film.steps) for film in films)
    points = max(len(film.epochs) for film in films)
    for number in range(last):
        yield _frame(films, number, 0), FORMING * (3 if number in (0, last - 1) else 1)
    for number in range(1, points + 1):
        yield _frame(films, last, number), HELD if number == points else RACING


def _frame(films: list[Film], number: int, points: int) -> Image.Image:
    height, width = films[0].steps[0][1].shape
    block = height + LINE + GAP
    frame = Image.new("RGB", (width + 2 * MARGIN, len(films) * block + LINE + CHART + 2 * MARGIN), PAPER)
    pen, font = ImageDraw.Draw(frame), ImageFont.load_default(14)
    for place, film in enumerate(films):
        step, canvas = film.steps[min(number, len(film.steps) - 1)]
        top = MARGIN + place * block
        pen.text((MARGIN, top), TITLES[film.preset], colour_of(film.preset), font)
        pen.text((MARGIN + width, top), f"step {step} of {film.steps[-1][0]}", INK, font, anchor="ra")
        frame.paste(Image.fromarray(canvas), (MARGIN, top + LINE))
    _chart(pen, films, points, (MARGIN, MARGIN + len(films) * block, width), font)
    return frame


def _chart(pen: ImageDraw.ImageDraw, films: list[Film], points: int, place: tuple[int, int, int], font) -> None:
    """The students' accuracy so far, from 0 to 100 %, with the last value beside each line."""
    left, top, width = place
    pen.text((left, top + 4), "A student trained on each, by its preset: accuracy on held-out images", INK, font)
    left, right, top = left + 44, left + width - 60, top + LINE + 8
    bottom = top + CHART - 16
    for level in (0, 50, 100):
        height = bottom - (bottom - top) * level / 100
        pen.line((left, height, right, height), GRID)
        pen.text((left - 6, height), f"{level} %", INK, font, anchor="rm")
    for film in films:
        line = [
            (left + (right - left) * epoch / film.epochs[-1], bottom - (bottom - top) * value / 100)
            for epoch, value in zip(film.epochs[:points], film.top1_percent, strict=False)
        ]
        if len(line) > 1:
            pen.line(line, colour_of(film.preset), 3, joint="curve")
        if line:
            pen.text((line[-1][0] + 8, line[-1][1]), f"{film.top1_percent[points - 1]:.0f} %", INK, font, anchor="lm")


def palette() -> Image.Image:
    """One palette for all frames: greys, and shades of each run's colour and of the ink on the paper."""
    colours = [np.full(3, level) for level in np.linspace(0, 255, GREYS)]
    for name in (INK, *map(colour_of, TITLES)):
        shares = np.linspace(0, 1, SHADES, endpoint=False)[:, None]
        colours += list((1 - shares) * ImageColor.getrgb(name) + shares * ImageColor.getrgb(PAPER))
    carrier = Image.new("P", (1, 1))
    carrier.putpalette(np.rint(colours).astype(np.uint8).tobytes())
    return carrier


def save(shown: list[tuple[Image.Image, int]], path: Path) -> None:
    """A GIF that repeats; what stands still between two frames is stored once."""
    flat = [canvas.quantize(palette=palette(), dither=Image.Dither.NONE) for canvas, _ in shown]
    durations = [milliseconds for _, milliseconds in shown]
    flat[0].save(path, save_all=True, append_images=flat[1:], duration=durations, loop=0, optimize=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ANIMATION, help="the GIF to write (default: docs/condensing.gif)")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as home:
        films = read_films(Path(home))
    shown = list(frames(films))
    save(shown, out)
    for film in films:
        print(f"{film.run}: {len(film.steps)} steps, top-1 {film.top1_percent[-1]:.1f} % held out")
    width, height = shown[0][0].size
    print(f"{out.name}: {len(shown)} frames, {width} x {height}, {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
