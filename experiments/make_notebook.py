"""Run the cells of docs/lab.ipynb in order, as a kernel would, and keep what they show. No Jupyter is needed.

Run `python -m experiments.make_notebook` after an edit of a cell. It computes in a store of its own, where the runs
that come with the project are found.
"""

import ast
import base64
import io
import json
import os
import re
import tempfile
from contextlib import redirect_stdout
from typing import Any

from edc_core.environment import ROOT

NOTEBOOK = ROOT / "docs" / "lab.ipynb"
RICH = {"text/html": "_repr_html_", "image/png": "_repr_png_"}


def run_cells(notebook: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The outputs of each code cell, in the notebook format's form; the cells share their names."""
    os.environ["COLUMNS"] = "80"  # pandas shows as many columns as a terminal of this width holds
    names: dict[str, Any] = {"__name__": "__main__"}
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [_run_cell("".join(cell["source"]), number, names) for number, cell in enumerate(code, 1)]


def _run_cell(source: str, number: int, names: dict[str, Any]) -> list[dict[str, Any]]:
    """What a cell prints, and what its last expression shows."""
    tree, value, printed = ast.parse(source), None, io.StringIO()
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    with redirect_stdout(printed):
        exec(compile(tree, f"cell {number}", "exec"), names)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    outputs: list[dict[str, Any]] = []
    if text := printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": text.splitlines(True)})
    if value is not None:
        outputs.append(
            {"data": _shown(value), "execution_count": number, "metadata": {}, "output_type": "execute_result"}
        )
    return outputs


def _shown(value: Any) -> dict[str, Any]:
    """A value as a kernel sends it: as text, and as HTML or PNG where it has that form."""
    found = {kind: getattr(value, name)() for kind, name in RICH.items() if hasattr(value, name)}
    data = {
        kind: base64.b64encode(part).decode() if isinstance(part, bytes) else part.splitlines(True)
        for kind, part in found.items()
        if part
    }
    text = re.sub(r" at 0x[0-9A-F]+>", ">", repr(value))  # an address is another one each time
    return data | {"text/plain": text.splitlines(True)}


def with_outputs(notebook: dict[str, Any], outputs: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """The notebook with these outputs of its code cells."""
    waiting = enumerate(outputs, 1)
    cells = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            number, shown = next(waiting)
            cell = cell | {"execution_count": number, "outputs": shown}
        cells.append(cell)
    return notebook | {"cells": cells}


def main() -> None:
    """Write the notebook anew."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as home:
        os.environ["EDC_HOME"] = home
        shown = with_outputs(notebook, run_cells(notebook))
    NOTEBOOK.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
