"""Matrices of runs in the queue: submit, stop, resume, add seeds, delete.

A matrix is a row of the table `ablations`; `ablation_work` says whether its runs are handed to the queue here.
"""

import json
import secrets
import time

from edc_core.ablation.design import Design, parse_design
from edc_core.ablation.progress import QUEUED, RUNNING, matrix_progress
from edc_core.access.permissions import Person, Refused, check_may_start, check_may_write
from edc_core.errors import EDCError
from edc_core.jobs.dataset_access import check_listed
from edc_core.jobs.matrix_feeder import ORIGIN, enqueue_next_runs
from edc_core.jobs.matrix_requests import MatrixRequest, all_matrices, expand_matrix, find_matrix, may_change_matrix
from edc_core.jobs.run_actions import fit_title, stop_all
from edc_core.jobs.supervisor import CANCEL_GRACE_SECONDS
from edc_core.store import Store
from edc_core.store.schema import transaction
from edc_core.store.states import MatrixState, RunState

MAX_SEEDS = 100


def submit_matrix(store: Store, design: Design, person: Person, title: str = "", held: bool = False) -> str:
    """Ask for a whole matrix; returns its id. `held` only writes it down, for bets before the first run.

    The same design of the same person is one matrix: it is taken up again.

    Raises:
        Refused: this person may not start anything here, a data set is not on the list, or the title does not fit.
        EDCError: the design does not fit its data sets.
    """
    check_may_start(person)
    for address in design.datasets:
        check_listed(store, address, person)
    title = fit_title(title)
    expand_matrix(design)
    values = design.model_dump(mode="json")
    with transaction(store.database):
        same = (request for request in all_matrices(store) if request.design == design and request.owner == person.id)
        found = next(same, None)
        name = found.id if found else f"m-{secrets.token_hex(4)}"
        if found is None:
            store.database.execute(
                "INSERT INTO ablations (id, created, title, design, owner, nickname) VALUES (?, ?, ?, ?, ?, ?)",
                (name, time.time(), title, json.dumps(values), person.id, person.nickname),
            )
            _set(store, name, MatrixState.HELD, person.session)
    if not held:
        resume_matrix(store, name, person)
    return name


def resume_matrix(store: Store, name: str, person: Person) -> str:
    """Start a matrix, or take it up again: what failed or was stopped is tried again, what is finished stays.

    Raises:
        Refused: it is somebody else's.
    """
    request = _changeable(store, name, person)
    if (
        request.state != MatrixState.RUNNING
        or matrix_progress(expand_matrix(request.design), store, request.since).failed
    ):
        _set(store, name, MatrixState.RUNNING, person.session or request.session)
    enqueue_next_runs(store)
    return "going on: what is finished is not computed again."


def stop_matrix(store: Store, name: str, person: Person) -> str:
    """Hand in no more of it, and stop its runs that nobody else needs.

    Raises:
        Refused: it is somebody else's.
    """
    request = _changeable(store, name, person)
    store.database.execute("UPDATE ablation_work SET state = ? WHERE ablation = ?", (MatrixState.STOPPED, name))
    mine = _runs(store, request, RUNNING, QUEUED)
    for other in all_matrices(store):
        if other.id != name and other.state == MatrixState.RUNNING:
            mine -= _runs(store, other)
    rows = store.database.rows("SELECT id FROM runs WHERE origin = ?", (ORIGIN,))
    stop_all(store, [row["id"] for row in rows if row["id"] in mine], person)
    return "stopped: what is finished is kept."


def add_seeds(store: Store, name: str, count: int, person: Person) -> str:
    """So many more seeds; everything that is measured stays, and it goes on.

    Raises:
        Refused: it is somebody else's, or there would be too many.
    """
    request = _changeable(store, name, person)
    seeds = request.design.seeds + count
    if count < 1 or seeds > MAX_SEEDS:
        raise Refused(f"{seeds} seeds are out of bounds: a matrix has at most {MAX_SEEDS}.")
    grown = parse_design(request.design.model_dump(mode="json") | {"seeds": seeds})
    expand_matrix(grown)
    store.database.execute("UPDATE ablations SET design = ? WHERE id = ?", (grown.model_dump_json(), name))
    resume_matrix(store, name, person)
    return f"{seeds} seeds: only the new ones are computed."


def rename_matrix(store: Store, name: str, title: str, person: Person) -> None:
    """Show it under another title; an empty one takes it away.

    Raises:
        Refused: it is somebody else's, or the title does not fit.
    """
    _changeable(store, name, person)
    store.database.execute("UPDATE ablations SET title = ? WHERE id = ?", (fit_title(title), name))


def delete_matrix(store: Store, name: str, person: Person) -> str:
    """Forget that it was asked for; its runs, their results and the bets on it stay.

    Raises:
        Refused: it is somebody else's.
    """
    stop_matrix(store, name, person)
    with transaction(store.database):
        store.database.execute("DELETE FROM ablations WHERE id = ?", (name,))
        store.database.execute("DELETE FROM ablation_work WHERE ablation = ?", (name,))
    return "forgotten: its runs and their results stay."


def _changeable(store: Store, name: str, person: Person) -> MatrixRequest:
    check_may_write()
    request = find_matrix(store, name)
    if not may_change_matrix(request, person):
        whose = f"is {request.nickname}'s" if request.nickname else "is not yours"
        raise Refused(f"matrix '{request.title or name}' {whose}: ask them or the teacher, or build one of your own.")
    return request


def _set(store: Store, name: str, state: MatrixState, session: str) -> None:
    """What was stopped a moment ago, and has not ended yet, counts as stopped before."""
    stopping = store.database.row("SELECT 1 FROM runs WHERE state = ? AND cancel = 1 LIMIT 1", (RunState.RUNNING,))
    since = time.time() + (CANCEL_GRACE_SECONDS if stopping else 0.0)
    store.database.execute(
        "INSERT OR REPLACE INTO ablation_work (ablation, state, since, session) VALUES (?, ?, ?, ?)",
        (name, state, since, session),
    )


def _runs(store: Store, request: MatrixRequest, *states: str) -> set[str]:
    """Its runs in one of these states, or in any; none where its data set is gone, and so it cannot be laid out."""
    try:
        places = matrix_progress(expand_matrix(request.design), store, request.since).places
    except EDCError:
        return set()
    return {place.job.prepared.run for place in places if not states or place.state in states}
