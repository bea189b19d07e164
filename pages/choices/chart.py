"""Charts of a matrix; plotly is imported with the first one, so that tables appear without it."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from edc_core.ablation.design import Design
from edc_core.data.short_names import short_name
from edc_core.wording.grammar import plural
from pages.shared.charts import NO_MODE_BAR, ink, render_chart
from pages.shared.save_figure import Printed


def render_matrix_chart(
    key: str, make: Callable[[ModuleType, str | None], Any], shown, content: str, caption: str
) -> None:
    """Draw `make(edc_core.figures.ablation, the page's colour of text)`; it is saved under its content and caption."""
    from edc_core.figures import ablation as figures_ablation

    row = shown.rows[0]
    data, seeds = short_name(row.dataset), len({row.seed for row in shown.rows})
    about = f"{data}, IPC {row.ipc}, student {row.student}, {seeds} {plural(seeds, 'seed')}; 95 % intervals."
    printed = Printed(f"{content} {data} IPC {row.ipc}", f"{caption} {about}")
    render_chart(make(figures_ablation, ink()), key=key, config=NO_MODE_BAR, printed=printed)


def axis_title(design: Design) -> str:
    """Title of the accuracy axis, with its unit."""
    return "top-1 on test images (%)" if design.split == "test" else "top-1 on held-out images (%)"
