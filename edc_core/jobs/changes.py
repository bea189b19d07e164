"""What a person may do with a run that is there: stop it, take it up again, name it, delete it."""

from edc_core.jobs.kinds import KINDS, prepare_again
from edc_core.jobs.queue import Ticket, others, submit, submit_task
from edc_core.jobs.rights import Person, Refused, check_may_change, classroom
from edc_core.jobs.tending import tend
from edc_core.plan import RESULT_STAGES
from edc_core.store import Store
from edc_core.store.database import transaction

LONGEST_TITLE = 80


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
        check_may_change(store, found, person)
        rest = others(store, found["id"], person) if classroom() and not person.teacher else []
        if rest:
            _withdraw(store, found, person, rest[0])
            return f"{len(rest)} more asked for this run, so it goes on for them; it is no longer yours."
    store.cancel(found["id"])
    tend(store)
    return "stopping: what is finished is kept." if found["state"] == "running" else "taken out of the queue."


def resume(store: Store, run: str, person: Person) -> Ticket:
    """Queue an interrupted, cancelled or failed run again; it goes on where it stopped, extra stages included.

    Raises:
        Refused: it is somebody else's, or this person has enough runs waiting.
        StoreError: it was made from other data or by other code.
    """
    found = store.run(run)
    check_may_change(store, found, person)
    if kind := KINDS.get(found["origin"]):
        return submit_task(store, kind.again(found), person)
    return submit(store, prepare_again(found), person, wanted=RESULT_STAGES + tuple(found["wanted"]))


def delete(store: Store, run: str, person: Person) -> str:
    """Forget a run and what only it uses; where others asked for it too, it stays for them.

    Raises:
        Refused: it is somebody else's, or comes with the project.
        StoreError: it is queued or running.
    """
    with transaction(store.database):
        found = store.run(run)
        check_may_change(store, found, person)
        rest = [other for other in found["submitters"] if other != person.id]
        if rest and classroom() and not person.teacher:
            _withdraw(store, found, person, rest[0])
            return f"{len(rest)} more asked for this run, so it stays for them; it is no longer yours."
    store.delete(found["id"])
    return "deleted."


def rename(store: Store, run: str, title: str, person: Person) -> None:
    """Show a run under a title of one's own; an empty one takes it away.

    Raises:
        Refused: it is somebody else's, or the title does not fit.
    """
    title = fit_title(title)
    found = store.run(run)
    check_may_change(store, found, person)
    store.database.execute("UPDATE runs SET title = ? WHERE id = ?", (title, found["id"]))


def fit_title(title: str) -> str:
    """A title as it is kept.

    Raises:
        Refused: it is too long, or holds what cannot be shown.
    """
    title = " ".join(title.split())
    if len(title) > LONGEST_TITLE or not title.isprintable():
        raise Refused(f"the title has {len(title)} characters: give at most {LONGEST_TITLE} printable ones.")
    return title


def _withdraw(store: Store, found: dict, person: Person, heir: str) -> None:
    """Take one person off a run; what they owned passes to the next who asked for it."""
    store.database.execute("DELETE FROM submissions WHERE run = ? AND person = ?", (found["id"], person.turn))
    if found["owner"] == person.id:
        store.database.execute("UPDATE runs SET owner = ? WHERE id = ?", (heir, found["id"]))
