"""docs/api.md and docs/lab.ipynb, run as they stand in a process of their own, with a store each."""

import base64
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import edc_core as edc
from edc_core.api import Run
from experiments.make_notebook import NOTEBOOK
from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", DOCUMENT, re.M | re.S)
MARK = "--- the next block ---"


@pytest.fixture(scope="module")
def printed(begun: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block prints, then all outputs of the notebook; both stores have the tiny observers already."""
    first, second = (begun(tmp_path_factory.mktemp(name)) for name in ("document", "notebook"))
    notebook = f"""
import json, os
from experiments.make_notebook import NOTEBOOK, run_cells
os.environ["EDC_HOME"] = {str(second)!r}
print(json.dumps(run_cells(json.loads(NOTEBOOK.read_text(encoding="utf-8")))))
"""
    code = f"\nprint('{MARK}')\n".join([*(block for block, _ in BLOCKS), notebook])
    environment = os.environ | {"EDC_HOME": str(first), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=first, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(f"{MARK}\n")


def test_the_document_s_examples_print_what_it_says(printed: list[str]) -> None:
    assert len(BLOCKS) == DOCUMENT.count("```python") == 6
    assert printed[:-1] == [text for _, text in BLOCKS]


def test_the_document_names_every_function_and_every_part_of_a_run() -> None:
    parts = [
        name
        for name, part in vars(Run).items()
        if not name.startswith("_") and callable(getattr(part, "__get__", None))
    ]
    assert len(parts) > 10
    assert all(f"run.{name}" in DOCUMENT for name in parts)
    assert all(f"`edc.{name}`" in DOCUMENT for name in dir(edc) if name.islower() and not name.startswith("_"))


def test_the_notebook_s_cells_show_what_was_kept(printed: list[str]) -> None:
    notebook, shown = json.loads(NOTEBOOK.read_text(encoding="utf-8")), json.loads(printed[-1])
    kept = [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [texts(outputs) for outputs in shown] == [texts(outputs) for outputs in kept]
    pairs = zip(pictures(shown), pictures(kept), strict=True)
    assert [bool((drawn == other).all()) for drawn, other in pairs] == [True]
    assert sum(len(outputs) for outputs in kept) == len(kept) > 6


def texts(outputs: list[dict]) -> list[list[str]]:
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


def pictures(cells: list[list[dict]]) -> list[np.ndarray]:
    found = [
        output["data"]["image/png"] for outputs in cells for output in outputs if "image/png" in output.get("data", {})
    ]
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(content)))) for content in found]
