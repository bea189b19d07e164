"""Charts of a matrix; plotly is imported with the first one, so that tables appear without it."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from edc_core.ablation.design import Design
from pages.shared.charts import NO_MODE_BAR, ink, render_chart


def render_matrix_chart(key: str, make: Callable[[ModuleType, str | None], Any]) -> None:
    """Draw `make(edc_core.figures.ablation, the page's colour of text)`."""
    from edc_core.figures import ablation as figures_ablation

    render_chart(make(figures_ablation, ink()), key=key, config=NO_MODE_BAR)


def axis_title(design: Design) -> str:
    """Title of the accuracy axis, with its unit."""
    return "top-1 on test images (%)" if design.split == "test" else "top-1 on held-out images (%)"
