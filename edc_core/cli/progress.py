"""Progress on stderr, for a person at a terminal: one bar a stage, with the time left."""

import sys

from tqdm import tqdm

from edc_core.events import Event, Progress, StageDone, StageStarted


class Bar:
    """An observer that draws; use as a context manager."""

    def __init__(self) -> None:
        self.bar: tqdm | None = None
        self.title = ""

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted(stage, name, _):
                self.title = f"{stage} {name}".strip()
            case Progress(done, total, unit, note):
                self._draw(done, total, unit, note)
            case StageDone(stage, name, _, cached, seconds):
                self._close()
                took = "from the store" if cached else f"{seconds:.1f} s"
                print(f"{f'{stage} {name}'.strip():32} {took}", file=sys.stderr, flush=True)

    def _draw(self, done: int, total: int, unit: str, note: str) -> None:
        if self.bar is None:
            # Not a terminal: a line now and then, not thousands of carriage returns.
            pause = 0.1 if sys.stderr.isatty() else 5.0
            self.bar = tqdm(total=total or None, unit=unit, desc=self.title, leave=False, mininterval=pause)
            self.bar.initial = self.bar.n = max(done - 1, 0)
        if note:
            self.bar.set_postfix_str(note, refresh=False)
        self.bar.update(done - self.bar.n)

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None
