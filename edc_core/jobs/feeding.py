"""Runs of matrices handed to the queue, a few at a time.

Pages call `feed` while somebody looks, the worker between two runs, so a matrix goes on with no browser open.
"""

from edc_core.ablation.progress import FAILED, LATER, QUEUED, RUNNING, STOPPED, progress
from edc_core.errors import EDCError
from edc_core.jobs.asked import Asked, all_matrices, laid_out
from edc_core.jobs.queue import submit, waiting
from edc_core.jobs.rights import Refused, most_queued, read_only
from edc_core.store import Store

ORIGIN = "ablation"  # of its runs, as the store tells where a run was asked for


def feed(store: Store) -> int:
    """Hand the next runs of running matrices to the queue, as far as each person's share has room; gives how many.

    One place of a person's share is left free, so that a matrix does not keep its owner from a single run.
    Cheap where no matrix is running. A matrix with nothing left to hand in, and nothing on its way, is finished.
    """
    if read_only() or not store.database.row("SELECT 1 FROM ablation_work WHERE state = 'running' LIMIT 1"):
        return 0
    handed = 0
    for asked in sorted(all_matrices(store), key=lambda asked: asked.since):
        if asked.state == "running":
            handed += _feed(store, asked)
    return handed


def _feed(store: Store, asked: Asked) -> int:
    try:
        found = progress(laid_out(asked.design), store, asked.since)
    except EDCError:  # its data set is gone: the page says so
        _end(store, asked, "stopped")
        return 0
    if not found.count(LATER, QUEUED, RUNNING):
        _end(store, asked, "stopped" if found.count(STOPPED) and not found.count(FAILED) else "finished")
        return 0
    handed = 0
    room = max(1, most_queued() - 1) - waiting(store, asked.person)
    taken: set[str] = set()  # scores that this very call has asked for
    for job in found.waiting:
        if room <= 0:
            break
        if taken.issuperset(job.score_keys):
            continue
        try:
            ticket = submit(store, job.prepared, asked.person, origin=ORIGIN)
        except Refused:
            break
        taken |= set(job.score_keys)
        handed += ticket.outcome == "queued"
        room -= ticket.outcome == "queued"
    return handed


def _end(store: Store, asked: Asked, state: str) -> None:
    """Unless it was started again meanwhile."""
    store.database.execute(
        "UPDATE ablation_work SET state = ? WHERE ablation = ? AND since = ? AND state = 'running'",
        (state, asked.id, asked.since),
    )
