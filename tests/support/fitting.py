"""Layout checks in the browser: elements too wide, cut, squeezed or overlapping."""

import time
from pathlib import Path

from tests.support.browser import quiet

NARROWEST = 120  # pixels of a chart's panel
FAULTS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def faults(tab) -> list[str]:
    """What does not fit: wider than the window, cut, squeezed, or text over text within a chart."""
    return tab.evaluate(FAULTS, NARROWEST)


def assert_fits(tab, what: str, charts: int = 0, seconds: float = 20) -> None:
    """The page at rest fits its window and shows so many charts, which are laid out anew a moment after they come."""
    deadline, found, calm = time.monotonic() + seconds, ["never at rest"], 0
    while calm < 2 and time.monotonic() < deadline:
        quiet(tab)
        count = tab.locator(".js-plotly-plot").filter(has=tab.locator(".main-svg")).count()
        found = faults(tab) if count >= charts else [f"{count} of {charts} charts are there"]
        calm = 0 if found else calm + 1
        tab.wait_for_timeout(100)
    assert not found, (what, found)
