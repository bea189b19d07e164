"""What a person takes away: runs or an ablation as one self-contained HTML file, a CSV, a LaTeX table."""

from edc_core.ablation.tidy_table import as_csv as csv
from edc_core.report.ablation_report import html
from edc_core.report.latex import latex
from edc_core.report.markup import Charts
from edc_core.report.run_report import runs_html

__all__ = ["Charts", "csv", "html", "latex", "runs_html"]
