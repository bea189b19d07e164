"""Figures as files for a paper: PDF, SVG and PNG in the print style, drawn by kaleido in a browser of this machine.

Kaleido and a Chrome or Chromium are optional; nothing is imported before somebody asks for a file. A first file takes
three to four seconds, most of which the browser needs to start.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from edc_core.errors import EDCError, SettingsError
from edc_core.figures.plotly_objects import go
from edc_core.figures.print_style import DOTS_PER_INCH, LAID_OUT, for_print, shrinkage

FORMATS = ("pdf", "svg", "png")
TIMEOUT = 60  # seconds after which a browser that answers nothing is given up
PATIENCE = 10  # seconds to wait for another figure
LONGEST_NAME = 80  # letters of a file's name
CURE = "install the extra 'figures' (kaleido) and Chrome or Chromium, or save SVG and PNG from the app in a browser"
_drawing = threading.Lock()


class FigureError(EDCError):
    """A figure cannot be drawn as a file on this machine."""


@lru_cache(1)
def drawing_browser() -> str | None:
    """Path of the browser that kaleido draws in; None where kaleido or a browser is missing."""
    if find_spec("kaleido") is None:
        return None
    from choreographer.browsers.chromium import Chromium

    return Chromium.find_browser(skip_local=False)


def figure_bytes(figure: go.Figure, ending: str, inches: float, patience: float = PATIENCE) -> bytes:
    """A figure as PDF, SVG or PNG of 300 dots an inch; one at a time.

    Raises:
        SettingsError: a format or width that figures do not have.
        FigureError: nothing here can draw it, or another figure is being drawn.
    """
    return _drawn([figure], (ending,), inches, patience)[0]


def scale_of(ending: str, inches: float) -> float:
    """Pixels of the file for each of the figure as it is laid out."""
    return inches * DOTS_PER_INCH / LAID_OUT[inches] if ending == "png" else shrinkage(inches)


def file_name(content: str, inches: float, ending: str) -> str:
    """`accuracy-by-epoch-3.25in.pdf`: a figure's file is named by its content and width."""
    words = "".join(letter if letter.isalnum() else " " for letter in content.lower()).split()
    return f"{'-'.join(words)[:LONGEST_NAME].strip('-') or 'figure'}-{inches}in.{ending}"


def write_figures(
    figures: Sequence[tuple[go.Figure, str, str]], folder: Path, inches: float, endings: Sequence[str] = FORMATS
) -> list[Path]:
    """Write figures, each with its content and its caption, in every format, and the captions as text; gives the files.

    Raises:
        SettingsError: a format or width that figures do not have.
        FigureError: nothing here can draw them.
    """
    drawn = iter(_drawn([figure for figure, _, _ in figures], endings, inches, PATIENCE))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for _, content, caption in figures:
        for ending in (*endings, "txt"):
            written.append(folder / file_name(content, inches, ending))
            written[-1].write_bytes(f"{caption}\n".encode() if ending == "txt" else next(drawn))
    return written


@contextmanager
def one_at_a_time(patience: float) -> Iterator[None]:
    """Hold the only place for a figure that is drawn."""
    if not _drawing.acquire(timeout=patience):
        raise FigureError("another figure is being drawn, and one is drawn at a time", "try again in a few seconds")
    try:
        yield
    finally:
        _drawing.release()


def _drawn(figures: Sequence[go.Figure], endings: Sequence[str], inches: float, patience: float) -> list[bytes]:
    """Each figure in each format, all in one browser."""
    for ending in endings:
        if ending not in FORMATS:
            raise SettingsError(f"the format is '{ending}', but figures are pdf, svg or png: choose one of these.")
    shown = [for_print(figure, inches) for figure in figures]
    with one_at_a_time(patience):
        if (browser := drawing_browser()) is None:
            raise FigureError("nothing on this machine can draw a figure as a file", CURE)
        try:
            return _by_kaleido([(figure, ending, scale_of(ending, inches)) for figure in shown for ending in endings])
        except Exception as error:  # of kaleido, of the browser, or a timeout
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise FigureError(f"{browser} could not draw the figure ({said})", CURE) from error


def _by_kaleido(wanted: Sequence[tuple[go.Figure, str, float]]) -> list[bytes]:
    import kaleido

    kaleido.start_sync_server(timeout=TIMEOUT, mathjax=False, silence_warnings=True)  # nothing is fetched
    try:
        drawn = []
        for figure, ending, scale in wanted:
            size = {"width": figure.layout.width, "height": figure.layout.height, "scale": scale}
            drawn.append(kaleido.calc_fig_sync(figure, opts={"format": ending, **size}))
        return drawn
    finally:
        kaleido.stop_sync_server(silence_warnings=True)
