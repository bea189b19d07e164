"""The run store: one home folder with its runs, their curves and their stage results."""

import json
import os
import time
from pathlib import Path
from typing import Any

from edc_core.environment import ASSETS
from edc_core.store.digests import verified
from edc_core.store.files import read_json
from edc_core.store.runs import Runs
from edc_core.store.schema import connect, transaction
from edc_core.store.stage_results import StageResults, safe_key

BUNDLED = ASSETS / "store"  # results that come with the project, read-only


def default_home() -> Path:
    """`EDC_HOME`, else ./runs."""
    return Path(os.environ.get("EDC_HOME") or "runs").absolute()


class Store(Runs):
    """Runs and stage results under `home`; the bundled stage results of `assets/` are found too, read-only."""

    def __init__(self, home: Path | None = None, bundled: tuple[Path, ...] = (BUNDLED,)) -> None:
        self.home = (home or default_home()).absolute()
        self.database = connect(self.home / "store.sqlite")
        self.stage_results = StageResults(self.home, bundled)
        self.claimed = set()

    def close(self) -> None:
        self.database.close()

    # Curves and looks ---------------------------------------------------------------------------

    def add_curves(self, rows: list[tuple[str, str, int, float]]) -> None:
        """(key, series, step, value) rows; a step computed again replaces its first value."""
        with transaction(self.database):
            self.database.executemany("INSERT OR REPLACE INTO curves VALUES (?, ?, ?, ?)", rows)

    def curves(self, key: str, whole: bool = False) -> dict[str, tuple[list[int], list[float]]]:
        """The stage's curves, series -> (steps, values), live or finished; where they are to be `whole`, finished."""
        found = self.stage_results.find(safe_key(key))
        files = [found / "curves.json"] if found else []
        # Of bundled students whose weights were left out.
        files += [place / "curves" / f"{key}.json" for place in self.stage_results.bundled]
        if path := next((path for path in files if path.exists()), None):
            read = read_json(verified(path, path.parents[1]))
            return {name: (steps, values) for name, (steps, values) in read.items()}
        curves: dict[str, tuple[list[int], list[float]]] = {}
        if whole:
            return curves
        query = "SELECT series, step, value FROM curves WHERE key = ? ORDER BY series, step"
        for series, step, value in self.database.rows(query, (key,)):
            steps, values = curves.setdefault(series, ([], []))
            steps.append(step)
            values.append(value)
        return curves

    def drop_curves(self, key: str) -> None:
        """Forget a stage's live rows: they stand in its result now."""
        self.database.execute("DELETE FROM curves WHERE key = ?", (key,))

    def add_test_set_evaluation(self, key: str, dataset: str, run: str) -> None:
        """Count one scoring of the test set."""
        self.database.execute("INSERT INTO looks VALUES (?, ?, ?, ?)", (key, dataset, run, time.time()))

    # This machine -------------------------------------------------------------------------------

    def measurement(self, name: str) -> Any | None:
        """What was last measured under that name, else None."""
        row = self.database.row("SELECT value FROM measurements WHERE name = ?", (name,))
        return json.loads(row["value"]) if row else None

    def set_measurement(self, name: str, value: Any) -> None:
        """Keep a JSON value; an earlier one of that name is replaced."""
        self.database.execute(
            "INSERT OR REPLACE INTO measurements VALUES (?, ?, ?)", (name, json.dumps(value), time.time())
        )
