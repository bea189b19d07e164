"""Requested matrices of runs, as the store keeps them: owner, state and progress."""

import json
import threading
from dataclasses import dataclass
from functools import lru_cache

from edc_core.ablation.design import Design, parse_design
from edc_core.ablation.matrix import Matrix, build_matrix
from edc_core.ablation.progress import MatrixProgress, matrix_progress
from edc_core.access.permissions import Person, classroom, read_only
from edc_core.data import describe
from edc_core.errors import EDCError, StoreError
from edc_core.store import Store
from edc_core.store.states import MatrixState

EXPAND_LOCK = threading.Lock()  # thirty sessions that open one matrix lay it out once


@dataclass(frozen=True)
class MatrixRequest:
    """A requested matrix of runs."""

    id: str
    created: float
    title: str
    design: Design
    owner: str
    nickname: str
    state: MatrixState
    since: float
    session: str
    archived: float | None = None  # since when its owner's class is over

    @property
    def person(self) -> Person:
        """Person in whose name its runs are submitted."""
        return Person(self.owner, self.nickname, session=self.session)


def expand_matrix(design: Design) -> Matrix:
    """`lay_out`, remembered: a thousand runs take a second.

    Raises:
        EDCError: the design does not fit its data sets.
    """
    with EXPAND_LOCK:
        return _laid_out(design.model_dump_json(), tuple(describe(name).digest for name in design.datasets))


@lru_cache(16)
def _laid_out(design: str, digests: tuple[str, ...]) -> Matrix:
    return build_matrix(parse_design(json.loads(design)))


def all_matrices(store: Store) -> list[MatrixRequest]:
    """All requested matrices, newest first, archived ones too; those of a newer version are left out."""
    query = (
        f"SELECT ablations.*, COALESCE(state, '{MatrixState.HELD}') AS state, COALESCE(since, 0) AS since,"
        " COALESCE(session, '') AS session, people.archived"
        " FROM ablations LEFT JOIN ablation_work ON ablation = ablations.id"
        " LEFT JOIN people ON people.id = ablations.owner ORDER BY ablations.created DESC"
    )
    found = []
    for row in store.database.rows(query):
        try:
            design = parse_design(json.loads(row["design"]))
        except (EDCError, ValueError):
            continue
        found.append(MatrixRequest(**{**dict(row), "design": design, "state": MatrixState(row["state"])}))
    return found


def find_matrix(store: Store, name: str) -> MatrixRequest:
    """One matrix by its id.

    Raises:
        StoreError: there is none of that name.
    """
    if found := next((request for request in all_matrices(store) if request.id == name), None):
        return found
    raise StoreError(f"matrix '{name}' is not in the store '{store.home}': it was deleted, or is another machine's.")


def state_of_matrix(store: Store, name: str) -> MatrixProgress:
    """Every run of a matrix with its state.

    Raises:
        StoreError: there is no such matrix.
        EDCError: it cannot be laid out any more, as its data set is gone.
    """
    request = find_matrix(store, name)
    return matrix_progress(expand_matrix(request.design), store, request.since)


def may_change_matrix(request: MatrixRequest, person: Person) -> bool:
    """Whether that person may stop, grow, rename or delete it."""
    if read_only():
        return False
    return classroom() is None or person.teacher or bool(person.id and person.id == request.owner)
