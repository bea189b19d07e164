"""What a run's row says of the results and imported sets that belong to it."""

import json
from contextlib import suppress
from typing import Any

from edc_core.errors import StoreError
from edc_core.store.result_schema import Expected
from edc_core.store.run_row_schema import read_row

Row = dict[str, Any]


def expected_of(row: Row) -> Expected:
    """What a run that can be read says of its results.

    Raises:
        StoreError: it cannot be read.
    """
    run = read_row(row)
    about, start = run.manifest.dataset, json.loads(row["settings"]).get("initialise")
    kind = start.get("kind") if isinstance(start, dict) else None
    sizes = (len(about.classes), about.channels, about.size, run.ipc)
    return Expected(str(row["id"])[:200], *sizes, kind if isinstance(kind, str) else "")


def sets_by_digest(rows: list[Row]) -> dict[str, list[Expected]]:
    """What runs say of the imported sets that they judge."""
    found: dict[str, list[Expected]] = {}
    for row in rows:
        with suppress(StoreError):
            expected, start = expected_of(row), json.loads(row["settings"]).get("initialise")
            if isinstance(start, dict) and isinstance(start.get("images"), str):
                found.setdefault(start["images"], []).append(expected)
    return found


def expected_by_key(rows: list[Row]) -> dict[str, list[Expected]]:
    """What runs say of each result, each thing once; those that cannot be read say nothing."""
    found: dict[str, dict[tuple, Expected]] = {}
    for row in rows:
        with suppress(StoreError):
            expected = expected_of(row)
            for node in read_row(row).plan:
                found.setdefault(node.key, {}).setdefault(expected.told, expected)
    return {key: list(said.values()) for key, said in found.items()}
