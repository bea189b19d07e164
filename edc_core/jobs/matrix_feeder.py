"""Runs of matrices handed to the queue, a few at a time.

Open pages and, between two runs, the worker call `enqueue_next_runs`, so a matrix goes on with no browser open.
"""

from contextlib import suppress
from functools import partial

from edc_core.ablation.progress import FAILED, LATER, QUEUED, RUNNING, STOPPED, matrix_progress
from edc_core.access.permissions import Refused, most_queued, read_only
from edc_core.errors import EDCError
from edc_core.jobs.matrix_requests import MatrixRequest, all_matrices, expand_matrix
from edc_core.jobs.queue import submit, waiting
from edc_core.store import Store
from edc_core.store.states import MatrixState

ORIGIN = "ablation"  # of its runs, as the store tells where a run was asked for
UNCHANGED = f"ablation = ? AND since = ? AND state = '{MatrixState.RUNNING}'"  # neither stopped nor started again since


def enqueue_next_runs(store: Store) -> int:
    """Hand the next runs of running matrices to the queue, as far as each person's share has room; returns how many.

    One place of a person's share is left free, so that a matrix does not keep its owner from a single run.
    Cheap where no matrix is running. A matrix with nothing left to hand in, and nothing on its way, is finished.
    """
    if read_only() or not store.database.row(
        "SELECT 1 FROM ablation_work WHERE state = ? LIMIT 1", (MatrixState.RUNNING,)
    ):
        return 0
    handed = 0
    for request in sorted(all_matrices(store), key=lambda request: request.since):
        if request.state == MatrixState.RUNNING:
            handed += _feed(store, request)
    return handed


def _feed(store: Store, request: MatrixRequest) -> int:
    try:
        found = matrix_progress(expand_matrix(request.design), store, request.since)
    except EDCError:  # its data set is gone: the page says so
        _end(store, request, MatrixState.STOPPED)
        return 0
    if not found.count(LATER, QUEUED, RUNNING):
        stopped = found.count(STOPPED) and not found.count(FAILED)
        _end(store, request, MatrixState.STOPPED if stopped else MatrixState.FINISHED)
        return 0
    handed = 0
    taken: set[str] = set()  # scores that this call has asked for
    check = partial(_check, store, request)
    with suppress(Refused):
        check()  # cheap, outside the write lock; repeated inside the transaction before each run
        for job in found.waiting:
            if taken.issuperset(job.score_keys):
                continue
            handed += submit(store, job.prepared, request.person, origin=ORIGIN, check=check).outcome == "queued"
            taken |= set(job.score_keys)
    return handed


def _check(store: Store, request: MatrixRequest) -> None:
    """Refuse to hand in more of it: it was stopped since it was looked at, or others handed in its owner's share."""
    if not store.database.row(f"SELECT 1 FROM ablation_work WHERE {UNCHANGED}", (request.id, request.since)):
        raise Refused("the matrix was stopped.")
    if waiting(store, request.person) >= max(1, most_queued() - 1):
        raise Refused("enough of its runs are waiting.")


def _end(store: Store, request: MatrixRequest, state: MatrixState) -> None:
    """Unless it was started again meanwhile."""
    store.database.execute(f"UPDATE ablation_work SET state = ? WHERE {UNCHANGED}", (state, request.id, request.since))
