"""View Methods: accuracy of each method at each number of images per class."""

import pandas as pd
import streamlit as st

from edc_core.ablation.method_table import MethodTable, method_table
from edc_core.intervals import MeasuredEffect
from pages.choices.chart import axis_title, render_matrix_chart

NOT_MEASURED = "–"


def render_methods(shown) -> list[MeasuredEffect]:
    """A table of accuracies with intervals, the best of each column marked, and the chart against IPC."""
    table = method_table(shown.every)
    where, protocol = axis_title(shown.entry.design), shown.entry.design.protocol
    judged = f"all judged by the protocol {protocol}" if protocol else "each judged by its own protocol"
    st.markdown(f"**{_said(table)}** Mean {where} with its 95 % interval, {judged}; ★ marks the best mean.")
    frame = pd.DataFrame(
        {f"IPC {ipc}": [cell_text(table, method, ipc) for method in table.methods] for ipc in table.ipcs},
        index=pd.Index([_named(method) for method in table.methods], name="method"),
    )
    st.table(frame)
    from edc_core.figures.methods import methods_by_ipc

    render_matrix_chart(
        "choices_methods",
        lambda _, ink: methods_by_ipc(table, where, ink),
        shown,
        "methods by IPC",
        f"Mean {where} of each method against images per class, {judged}.",
    )
    return []


def cell_text(table: MethodTable, method: str, ipc: int) -> str:
    """Accuracy, its interval, and a star where it is the column's best."""
    found = table.cells.get((method, ipc))
    if found is None:
        return NOT_MEASURED
    return f"{found.text(' %')}{' ★' if table.best(ipc) == method else ''}"


def _said(table: MethodTable) -> str:
    """Which method is best at each IPC, and whether its interval clears the next one's."""
    parts = []
    for ipc in table.ipcs:
        best = table.best(ipc)
        if best is None:
            continue
        top = table.cells[best, ipc]
        others = [table.cells[name, ipc] for name in table.methods if name != best and (name, ipc) in table.cells]
        clear = top.low is not None and all(one.high is not None and one.high < top.low for one in others)
        parts.append(f"IPC {ipc}: {_named(best)}{'' if clear else ' (intervals overlap)'}")
    return f"Highest at {'; '.join(parts)}." if parts else "Nothing to compare yet."


def _named(method: str) -> str:
    return "EDC" if method == "G" else method
