"""What the store holds: every run in a table, one run as an object."""

import os
import warnings
from contextlib import closing
from typing import TYPE_CHECKING, Any

from edc_core.api.arguments import checked_keywords, home_of, text
from edc_core.api.run import Run, load_run, settings_of
from edc_core.runs import run_table
from edc_core.store import Store
from edc_core.store.run_record import RunRecord

if TYPE_CHECKING:
    import pandas as pd


@checked_keywords
def list_runs(home: str | os.PathLike | None = None) -> "pd.DataFrame":
    """Every run of the store, archived ones too, the newest first, and those that come with the project.

    Args:
        home: the store's folder; by default `EDC_HOME`, else ./runs.

    Returns:
        A row a run: `run`, `name` (what differs from its preset, as "EDC without flatness"), `changed` (every
        difference in full), `state`, `preset`, `dataset`, `ipc`, `seed`, `protocol`, `profile`; `top1_percent` of the
        weights that its settings score, `top1_raw_percent`, `top1_ema_percent`, `split`; `computing_seconds`,
        `image_bytes`, `test_set_evaluations`, `title`, `origin`, `created` (UTC); then every setting, as
        `evaluate.zeta`. What is not known yet is missing (NaN).

    Raises:
        EDCError: the store cannot be read.
    """
    import pandas as pd

    with closing(Store(home_of(home))) as store:
        rows = [_row(run, store) for run in store.runs(archived=True)]
        damaged = [row["id"] for row in store.damaged()]
    for name in damaged:
        warnings.warn(f"run '{name}' is damaged and left out: edc.load says how.", stacklevel=3)
    table = pd.DataFrame(rows)
    if not rows:
        return table
    return table.assign(created=pd.to_datetime(table["created"], unit="s", utc=True))


def _row(run: RunRecord, store: Store) -> dict[str, Any]:
    shown = run_table.row(run, store.stage_results)
    result, settings = run.result or {}, settings_of(run)
    whole = {path: value for path, value in settings.items() if "." not in path}
    return {
        "run": run.id,
        "name": str(run_table.called(run)),
        "changed": shown["changed"],
        "state": str(run.state),
        "preset": run.preset,
        "dataset": run.dataset,
        "ipc": run.ipc,
        "seed": run.seed,
        "protocol": shown["protocol"],
        "profile": whole.get("profile", whole.get("settings")),
        "top1_percent": shown["top1"],
        "top1_raw_percent": result.get("top1"),
        "top1_ema_percent": result.get("top1_ema"),
        "split": shown["split"],
        "computing_seconds": shown["seconds"],
        "image_bytes": shown["bytes"],
        "test_set_evaluations": shown["looks"],
        "title": shown["name"],
        "origin": shown["origin"],
        "created": shown["created"],
    } | {path: value for path, value in settings.items() if "." in path}


@checked_keywords
def load(run: str | Run, *, home: str | os.PathLike | None = None) -> Run:
    """A run of the store: settings, scores, curves, condensed images and their labels.

    Args:
        run: its name, or the beginning or end of it where only one run has that; a Run is read anew.
        home: the store's folder; by default `EDC_HOME`, else ./runs.

    Returns:
        The run; see `edc_core.api.Run`. Its arrays are read when they are asked for.

    Raises:
        EDCError: there is no such run, or several.
    """
    if isinstance(run, Run):
        return load_run(run.id, home_of(run.home if home is None else home))
    return load_run(text("run", run), home_of(home))
