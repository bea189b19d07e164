"""Progress bars for a person at a terminal or in a notebook: one bar a stage, with the time left."""

import sys
import warnings
from typing import Any

from tqdm import tqdm

from edc_core.events import Event, Progress, StageDone, StageStarted
from edc_core.wording.stage_text import title_of_stage


def in_notebook() -> bool:
    """Whether this process is a notebook's kernel."""
    return "ipykernel" in sys.modules


def bar_type(notebook: bool) -> Any:
    """tqdm's bar of text; in a notebook that has ipywidgets, tqdm's widget."""
    if not notebook:
        return tqdm  # loading `tqdm.auto` takes longer
    with warnings.catch_warnings():  # without ipywidgets it recommends them, and falls back to text
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm as widget
    return widget


class ProgressBar:
    """An observer that draws; use as a context manager. A terminal's goes to stderr, a notebook's to its cell.

    A notebook names computed stages only: what it prints is kept.
    """

    def __init__(self, notebook: bool = False) -> None:
        self.bar: Any = None
        self.title = ""
        self.notebook = notebook
        self.type, self.out = bar_type(notebook), sys.stdout if notebook else sys.stderr
        # Not a terminal: a line now and then, not thousands of carriage returns.
        self.pause = 0.1 if notebook or sys.stderr.isatty() else 5.0

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *error) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage, name, _):
                named = "" if self.notebook else f" ({stage})"  # its word in settings
                self.title = f"{title_of_stage(stage)} {name}".strip() + named
            case Progress(done, total, unit, note):
                self._draw(done, total, unit, note)
            case StageDone(stage, name, _, cached, seconds):
                self._close()
                if cached and self.notebook:
                    return
                took = "from the store" if cached else f"{seconds:.1f} s"
                print(f"{f'{title_of_stage(stage)} {name}'.strip():38} {took}", file=self.out, flush=True)

    def _draw(self, done: int, total: int, unit: str, note: str) -> None:
        if self.bar is None:
            start = max(done - 1, 0)
            self.bar = self.type(
                total=total or None,
                initial=start,
                unit=unit,
                desc=self.title,
                leave=False,
                mininterval=self.pause,
                file=self.out,
            )
        if note:
            self.bar.set_postfix_str(note, refresh=False)
        self.bar.update(done - self.bar.n)

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


class MatrixBar:
    """One bar over the runs of a matrix, with the stage that is at work; use as a context manager."""

    def __init__(self, notebook: bool = False) -> None:
        self.bar = bar_type(notebook)(unit="run", file=sys.stdout if notebook else sys.stderr)

    def __enter__(self) -> "MatrixBar":
        return self

    def __exit__(self, *error) -> None:
        self.bar.close()

    def __call__(self, event: Event) -> None:
        if isinstance(event, StageStarted):
            self.bar.set_postfix_str(f"{title_of_stage(event.stage)} {event.name}".strip())

    def ended(self, done: int, total: int) -> None:
        """Show how many runs are done."""
        self.bar.total = total
        self.bar.update(done - self.bar.n)
