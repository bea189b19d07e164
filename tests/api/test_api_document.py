"""docs/api.md and docs/lab.ipynb, run as they stand, each in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

DOCUMENT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", DOCUMENT, re.M | re.S)
MARK = "--- the next block ---"


def test_the_document_s_examples_print_what_it_says(tmp_path: Path) -> None:
    assert len(BLOCKS) == DOCUMENT.count("```python") == 6
    code = f"\nprint('{MARK}')\n".join(block for block, _ in BLOCKS)
    environment = os.environ | {"EDC_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split(f"{MARK}\n") == [text for _, text in BLOCKS]


def test_the_document_names_every_function_and_every_part_of_a_run() -> None:
    import edc_core as edc
    from edc_core.api import Run

    parts = [
        name
        for name, part in vars(Run).items()
        if not name.startswith("_") and callable(getattr(part, "__get__", None))
    ]
    assert len(parts) > 10
    assert all(f"run.{name}" in DOCUMENT for name in parts)
    assert all(f"`edc.{name}`" in DOCUMENT for name in dir(edc) if name.islower() and not name.startswith("_"))
