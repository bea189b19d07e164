"""Accuracy against images per class, a line a method."""

from edc_core.ablation.method_table import MethodTable
from edc_core.figures.colours import PRESET_DASHES, colour_of
from edc_core.figures.ladder import TOP1
from edc_core.figures.plotly_objects import go
from edc_core.figures.style import PERCENT, framed


def methods_by_ipc(table: MethodTable, axis: str = TOP1, ink: str | None = None) -> go.Figure:
    """Mean top-1 with 95 % intervals against IPC, on a logarithmic axis; the best at each IPC is ringed."""
    figure = go.Figure()
    for method in table.methods:
        known = [(ipc, table.cells[method, ipc]) for ipc in table.ipcs if (method, ipc) in table.cells]
        reach = [one.half or 0.0 for _, one in known]
        best = [table.best(ipc) == method for ipc, _ in known]
        colour = colour_of(method)
        figure.add_scatter(
            x=[ipc for ipc, _ in known],
            y=[one.mean for _, one in known],
            error_y={"type": "data", "array": reach, "thickness": 2, "width": 6},
            mode="lines+markers",
            name="EDC" if method == "G" else method,
            line={"color": colour, "width": 2.5, "dash": PRESET_DASHES.get(method, "solid")},
            marker={"size": [13 if top else 8 for top in best], "line": {"width": [3 if top else 0 for top in best]}},
            hovertemplate="%{fullData.name}, IPC %{x}: %{y:.1f} %<extra></extra>",
        )
    framed(figure, "images per class (IPC)", axis, 400, ink)
    figure.update_yaxes(autorangeoptions=PERCENT)
    figure.update_xaxes(type="log", tickvals=list(table.ipcs), ticktext=[str(ipc) for ipc in table.ipcs])
    return figure
