"""A matrix of runs for the API: its design checked, its runs executed, its scores as a table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edc_core.ablation import ScoreLookup, execution, parse_design, tidy_table
from edc_core.ablation.design import Design, refuse_ignored
from edc_core.ablation.matrix import Job, Matrix
from edc_core.api.arguments import listed
from edc_core.console.progress import MatrixBar, in_notebook
from edc_core.environment import set_before_torch
from edc_core.errors import EDCError
from edc_core.store import BUNDLED, StageResults

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"top1": "top1_percent", "raw": "top1_raw_percent", "ema": "top1_ema_percent", "settings": "profile"}


def checked_design(
    values: dict[str, Any], presets: str | Sequence[str] | None, choices: str | Sequence[str] | None
) -> Design:
    """The matrix design; names that its kind ignores are refused."""
    refuse_ignored(values["kind"], presets, choices)
    named = {name: listed(given) for name, given in (("presets", presets), ("choices", choices)) if given is not None}
    return parse_design(values | named)


def run_matrix(matrix: Matrix, home: Path, progress: bool) -> None:
    """Execute the missing runs of a matrix.

    Raises:
        EDCError: runs failed; the others are kept.
    """
    failed = _execute(matrix, home, progress)
    if failed:
        run, sentence = next(iter(failed.items()))
        raise EDCError(f"{len(failed)} of {len(matrix.jobs)} runs failed, the others are kept; '{run}': {sentence}")


def _execute(matrix: Matrix, home: Path, progress: bool) -> dict[str, str]:
    set_before_torch()
    if not progress:
        return execution.execute_matrix(matrix, home)
    with MatrixBar(in_notebook()) as bar:

        def ended(done: int, total: int, job: Job, error: str | None) -> None:
            bar.ended(done, total)

        return execution.execute_matrix(matrix, home, bar, ended)


def score_table(matrix: Matrix, home: Path) -> "pd.DataFrame":
    """A row for every run and student (see `ablate`)."""
    import pandas as pd

    rows = tidy_table.table(matrix, ScoreLookup(StageResults(home, (BUNDLED,))))
    return pd.DataFrame(rows).rename(columns=COLUMNS)
