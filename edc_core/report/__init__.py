"""What a person takes away: runs or an ablation as one self-contained HTML file, a CSV, a LaTeX table; no torch."""

from edc_core.report.latex import latex
from edc_core.report.page import html
from edc_core.report.runs import runs_html
from edc_core.tidy import as_csv as csv

__all__ = ["csv", "html", "latex", "runs_html"]
