"""Runs of matrices handed to the queue, a few at a time.

Pages call `feed` while somebody looks, the worker between two runs, so a matrix goes on with no browser open.
"""

from contextlib import suppress
from functools import partial

from edc_core.ablation.progress import FAILED, LATER, QUEUED, RUNNING, STOPPED, progress
from edc_core.access.permissions import Refused, most_queued, read_only
from edc_core.errors import EDCError
from edc_core.jobs.matrix_requests import Asked, all_matrices, laid_out
from edc_core.jobs.queue import submit, waiting
from edc_core.store import Store
from edc_core.store.states import MatrixState

ORIGIN = "ablation"  # of its runs, as the store tells where a run was asked for
AS_SEEN = f"ablation = ? AND since = ? AND state = '{MatrixState.RUNNING}'"  # neither stopped nor started again since


def feed(store: Store) -> int:
    """Hand the next runs of running matrices to the queue, as far as each person's share has room; gives how many.

    One place of a person's share is left free, so that a matrix does not keep its owner from a single run.
    Cheap where no matrix is running. A matrix with nothing left to hand in, and nothing on its way, is finished.
    """
    if read_only() or not store.database.row(
        "SELECT 1 FROM ablation_work WHERE state = ? LIMIT 1", (MatrixState.RUNNING,)
    ):
        return 0
    handed = 0
    for asked in sorted(all_matrices(store), key=lambda asked: asked.since):
        if asked.state == MatrixState.RUNNING:
            handed += _feed(store, asked)
    return handed


def _feed(store: Store, asked: Asked) -> int:
    try:
        found = progress(laid_out(asked.design), store, asked.since)
    except EDCError:  # its data set is gone: the page says so
        _end(store, asked, MatrixState.STOPPED)
        return 0
    if not found.count(LATER, QUEUED, RUNNING):
        stopped = found.count(STOPPED) and not found.count(FAILED)
        _end(store, asked, MatrixState.STOPPED if stopped else MatrixState.FINISHED)
        return 0
    handed = 0
    taken: set[str] = set()  # scores that this very call has asked for
    check = partial(_check, store, asked)
    with suppress(Refused):
        check()  # cheap, outside the write lock; repeated inside the transaction before each run
        for job in found.waiting:
            if taken.issuperset(job.score_keys):
                continue
            handed += submit(store, job.prepared, asked.person, origin=ORIGIN, check=check).outcome == "queued"
            taken |= set(job.score_keys)
    return handed


def _check(store: Store, asked: Asked) -> None:
    """Refuse to hand in more of it: it was stopped since it was looked at, or others handed in its owner's share."""
    if not store.database.row(f"SELECT 1 FROM ablation_work WHERE {AS_SEEN}", (asked.id, asked.since)):
        raise Refused("the matrix was stopped.")
    if waiting(store, asked.person) >= max(1, most_queued() - 1):
        raise Refused("enough of its runs are waiting.")


def _end(store: Store, asked: Asked, state: MatrixState) -> None:
    """Unless it was started again meanwhile."""
    store.database.execute(f"UPDATE ablation_work SET state = ? WHERE {AS_SEEN}", (state, asked.id, asked.since))
