"""What a person takes away of an ablation: one self-contained HTML file, a CSV and a LaTeX table; no torch."""

from edc_core.report.latex import latex
from edc_core.report.page import html
from edc_core.tidy import as_csv as csv

__all__ = ["csv", "html", "latex"]
