"""The one HTML file that a report is: its style, its script, plotly and the figures inside."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any

from plotly.offline import get_plotlyjs

from edc_core import __version__
from edc_core.design_space.citations import bibtex
from edc_core.report.markup import Charts, element, text

HERE = Path(__file__).parent
TERMS = (
    "Top-1: percent of images whose class the student names first; of the last epoch, never of the best. Point: one"
    " percent of top-1. IPC: condensed images per class. Interval: 95 %, Student's t over seeds."
)


def document(heading: str, parts: list[str], charts: Charts) -> str:
    """A whole page: its heading, when it was made, and its parts (HTML) in order."""
    made = f"A report of EDC Lab {__version__}, made on {time.strftime('%d %B %Y')}."
    body = [element("h1", heading), element("p", made, "made"), *parts]
    files = {name: (HERE / f"report.{name}").read_text(encoding="utf-8") for name in ("css", "js")}
    return Template((HERE / "template.html").read_text(encoding="utf-8")).substitute(
        title=text(heading), body="\n".join(body), figures=charts.json(), plotly=get_plotlyjs(), **files
    )


def to_cite(runs: Iterable[Mapping[str, Any]]) -> str:
    """BibTeX of what runs of these settings rest on, under its heading."""
    return element("h3", "To cite") + element("pre", bibtex(runs))
