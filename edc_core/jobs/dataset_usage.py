"""Data set usage: which runs, matrices and tasks use a data set."""

import json
from dataclasses import dataclass
from typing import Literal

from edc_core.access.permissions import Refused
from edc_core.data.address import stored_address
from edc_core.jobs.matrix_requests import all_matrices
from edc_core.store import TASKS, Store
from edc_core.store.states import ALIVE_SQL


@dataclass(frozen=True)
class Resting:
    """One of them, and the address of the data set that it rests on."""

    kind: Literal["run", "matrix", "task"]
    address: str

    @property
    def place(self) -> str:
        return stored_address(self.address).place


def resting(store: Store) -> list[Resting]:
    """Every run and every matrix, and every task that waits or is at work; a matrix of two data sets stands twice."""
    marks = ", ".join("?" * len(TASKS))
    query = f"SELECT dataset, origin FROM runs WHERE origin NOT IN ({marks}) OR state IN {ALIVE_SQL}"
    found = [
        Resting("task" if row["origin"] in TASKS else "run", row["dataset"])
        for row in store.database.rows(query, TASKS)
    ]
    return found + [Resting("matrix", address) for asked in all_matrices(store) for address in asked.design.datasets]


def digests_at_work(store: Store) -> set[str]:
    """The data sets, by digest, that runs and tasks which wait or work read, wherever their images lie."""
    rows = store.database.rows(f"SELECT manifest FROM runs WHERE state IN {ALIVE_SQL}")
    return {json.loads(row["manifest"]).get("dataset", {}).get("digest", "") for row in rows}


def check_unused(store: Store, address: str, title: str, place: str | None) -> None:
    """Refuse to take away what something rests on: this data set, or anything chosen from a folder that would go.

    Raises:
        Refused: naming what rests on it, and the cure.
    """
    kinds = [one.kind for one in resting(store) if one.address == address or one.place == place]
    if count := kinds.count("run"):
        rest, them = ("runs rest", "them") if count > 1 else ("run rests", "it")
        raise Refused(f"{count} {rest} on data set '{title}': delete {them} first, on the page Runs.")
    if count := kinds.count("matrix"):
        rest, them = ("matrices rest", "them") if count > 1 else ("matrix rests", "it")
        raise Refused(
            f"{count} {rest} on data set '{title}': take {them} off the list first, on the page Which choice?"
        )
    if kinds:
        raise Refused(f"data set '{title}' is being checked or squeezed: stop that first, or wait for its end.")
