"""What the teacher of a class may do to all of its work at once."""

from contextlib import suppress

from edc_core.access.permissions import Person, check_may_write, check_teaches
from edc_core.errors import StoreError
from edc_core.jobs.supervisor import supervise
from edc_core.store import Store
from edc_core.store.schema import transaction
from edc_core.store.states import MatrixState, RunState
from edc_core.wording.grammar import plural


def stop_everything(store: Store, person: Person) -> str:
    """Stop all that runs and take all that waits out of the queue; what is finished is kept. Says what was done.

    Raises:
        Refused: this person is not the teacher of the class, or the lab is read-only.
    """
    return _stop(store, person, working=True)


def clear_queue(store: Store, person: Person) -> str:
    """Take all that waits out of the queue; what runs goes on. Says what was done.

    Raises:
        Refused: this person is not the teacher of the class, or the lab is read-only.
    """
    return _stop(store, person, working=False)


def _stop(store: Store, person: Person, working: bool) -> str:
    """In one transaction, so that no worker takes what is about to be stopped; matrices hand in no more."""
    check_teaches(person)
    check_may_write()
    with transaction(store.database):
        store.database.execute(
            "UPDATE ablation_work SET state = ? WHERE state = ?", (MatrixState.STOPPED, MatrixState.RUNNING)
        )
        alive = store.alive()
        chosen = [run for run in alive if working or run.state == RunState.QUEUED]
        for run in chosen:
            with suppress(StoreError):  # ended meanwhile
                store.cancel(run.id)
    supervise(store)
    waited = sum(run.state == RunState.QUEUED for run in chosen)
    done = [f"{waited} taken out of the queue"] * bool(waited)
    if count := len(chosen) - waited:
        done.insert(0, f"{count} {plural(count, 'run')} told to stop")
    return f"{' and '.join(done)}: what is finished is kept." if done else "nothing runs or waits."
