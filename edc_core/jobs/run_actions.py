"""What a person may do with a run that is there: stop it, take it up again, name it, delete it."""

from collections.abc import Iterable
from contextlib import suppress

from edc_core.access.permissions import Person, Refused, check_allowed, classroom, may_change, may_stop, read_only
from edc_core.errors import StoreError
from edc_core.jobs.dataset_access import check_all_listed
from edc_core.jobs.queue import Ticket, launchers, others, submit, submit_task
from edc_core.jobs.supervisor import supervise
from edc_core.jobs.tasks.registry import TASK_KINDS, revalidate
from edc_core.stage_graph import RESULT_STAGES
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.schema import transaction
from edc_core.store.states import RunState

MAX_TITLE_LENGTH = 80


def stop(store: Store, run: str, person: Person) -> str:
    """Stop a waiting or working run, or only take back one's own wish where others asked for it too.

    A run that waited is cancelled at once, and stays in the list with its Resume. Gives a sentence that says what was
    done.

    Raises:
        Refused: it is somebody else's.
        StoreError: it is neither queued nor running.
    """
    with transaction(store.database):
        found = store.run(run)
        check_allowed(may_stop(found, person), found)
        rest = others(store, found.id, person) if classroom() and not person.teacher else []
        if rest:
            whose = _withdraw(store, found, person, [heir for heir in launchers(store, found.id) if heir in rest])
            return f"{len(rest)} more asked for this run, so it goes on for them; {whose}."
        store.cancel(found.id)  # before anybody joins it
    supervise(store)
    return "stopping: what is finished is kept." if found.state == RunState.RUNNING else "taken out of the queue."


def stop_all(store: Store, runs: Iterable[str], person: Person) -> None:
    """Stop each of these runs; one that ended meanwhile, or is somebody else's by now, stays as it is."""
    for run in runs:
        with suppress(Refused, StoreError):
            stop(store, run, person)


def resume(store: Store, run: str, person: Person, take_over: bool = False) -> Ticket:
    """Queue an interrupted, cancelled or failed run again; it goes on where it stopped, extra stages included.

    `take_over`: also where a process holds it that does not answer; should it wake up, it stops by itself.

    Raises:
        Refused: it is somebody else's, its data set is not on the list, or this person has enough runs waiting.
        StoreError: it was made from other data or by other code.
    """
    found = store.run(run)
    check_allowed(may_stop(found, person), found)
    check_all_listed(store, found.settings, person)  # before anything is looked at there
    if take_over:
        store.take_over(found.id)
        found = store.run(found.id)
    if kind := TASK_KINDS.get(found.origin):
        return submit_task(store, kind.again(found), person)
    return submit(store, revalidate(found), person, wanted=RESULT_STAGES + tuple(found.wanted))


def may_delete(store: Store, run: RunRecord, person: Person) -> bool:
    """Whether that person may delete the run (a dict of `Store.run` or `Store.runs`), or take themselves off it.

    Who asked for an extra stage of a finished run did not launch it, and has nothing to take away.
    """
    if read_only() or run.bundled:
        return False
    return may_change(run, person) or bool(person.id and person.id in launchers(store, run.id))


def delete(store: Store, run: str, person: Person) -> str:
    """Forget a run and what only it uses; where others launched it too, it stays for them.

    Raises:
        Refused: it is somebody else's, or comes with the project.
        StoreError: it is queued or running.
    """
    with transaction(store.database):
        found = store.run(run)
        check_allowed(may_delete(store, found, person), found)
        rest = [other for other in launchers(store, found.id) if other != person.id]
        owned = may_change(found, person)
        if classroom() and not person.teacher and (rest or not owned):
            whose = _withdraw(store, found, person, rest)
            if not rest:
                return f"others began the run, so it stays; {whose}."
            return f"{len(rest)} more asked for this run, so it stays for them; {whose}."
    store.delete(found.id)
    return "deleted."


def rename(store: Store, run: str, title: str, person: Person) -> None:
    """Show a run under a title of one's own; an empty one takes it away.

    Raises:
        Refused: it is somebody else's, or the title does not fit.
    """
    title = fit_title(title)
    found = store.run(run)
    check_allowed(may_change(found, person), found)
    store.database.execute("UPDATE runs SET title = ? WHERE id = ?", (title, found.id))


def fit_title(title: str) -> str:
    """A title as it is kept.

    Raises:
        Refused: it is too long, or holds what cannot be shown.
    """
    title = " ".join(title.split())
    if len(title) > MAX_TITLE_LENGTH or not title.isprintable():
        raise Refused(f"the title has {len(title)} characters: give at most {MAX_TITLE_LENGTH} printable ones.")
    return title


def _withdraw(store: Store, found: RunRecord, person: Person, heirs: list[str]) -> str:
    """Take one person off a run; what they owned passes to the next who launched it. Says whose it is now."""
    store.database.execute("DELETE FROM submissions WHERE run = ? AND person = ?", (found.id, person.queue_share))
    if found.owner == person.id and not heirs:
        return "it stays yours"
    if found.owner == person.id:
        store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (heirs[0], found.id))
    return "it is no longer yours"
