"""A new class: the students of the one before, their runs and bets leave every list, and nothing computed is lost.

People carry the mark (`people.archived`); their runs, matrices, bets and votes follow it.
"""

import time
from dataclasses import dataclass

from edc_core.access.people import clean_nickname
from edc_core.access.permissions import Person, Refused, check_may_write
from edc_core.jobs.class_actions import stop_everything
from edc_core.jobs.class_overview import own_rooms
from edc_core.store import Store
from edc_core.store.schema import transaction
from edc_core.wording.grammar import plural

# The first teacher who launched a run, too.
CO_LAUNCHER = (
    "SELECT person FROM submissions JOIN people ON people.id = person"
    " WHERE submissions.run = runs.id AND NOT extra AND room = ? ORDER BY time LIMIT 1"
)


@dataclass(frozen=True)
class ArchivedClass:
    """One earlier class of this code; `moment` is when the next one took its place (seconds since the epoch)."""

    moment: float
    students: int
    runs: int


def archive_class(store: Store, person: Person) -> str:
    """Stop everything and archive the class's students with their runs, bets and votes. Says what was done.

    Their nicknames are free again and their browsers are asked for the code. The teacher stays, with their own runs and
    those that they launched together with a student.

    Raises:
        Refused: this person is not the teacher of the class, the lab is read-only, or there are no students.
    """
    teachers, students = own_rooms(store, person)
    check_may_write()
    with transaction(store.database):
        inside = "room = ? AND archived IS NULL"
        (count,) = store.database.rows(f"SELECT COUNT(*) FROM people WHERE {inside}", (students,))[0]
        if not count:
            raise Refused("nobody has joined this class yet: there is nothing to archive.")
        stop_everything(store, person)
        own = f"owner IN (SELECT id FROM people WHERE {inside})"
        store.database.execute(
            f"UPDATE runs SET owner = COALESCE(({CO_LAUNCHER}), owner) WHERE {own}", (teachers, students)
        )
        (runs,) = store.database.rows(f"SELECT COUNT(*) FROM runs WHERE {own}", (students,))[0]
        store.database.execute(
            f"UPDATE people SET archived = ?, return_code = NULL, return_until = NULL WHERE {inside}",
            (time.time(), students),
        )
    who = f"{count} {plural(count, 'person', 'people')} and {runs} {plural(runs, 'run')}"
    return f"{who} archived: the next class can come in."


def archived_classes(store: Store, person: Person) -> list[ArchivedClass]:
    """Earlier classes of this code, the latest first.

    Raises:
        Refused: this person is not the teacher of the class.
    """
    _, students = own_rooms(store, person)
    rows = store.database.rows(
        "SELECT archived, COUNT(DISTINCT people.id) AS students, COUNT(runs.id) AS runs"
        " FROM people LEFT JOIN runs ON runs.owner = people.id"
        " WHERE room = ? AND archived IS NOT NULL GROUP BY archived ORDER BY archived DESC",
        (students,),
    )
    return [ArchivedClass(*row) for row in rows]


def restore_class(store: Store, moment: float, person: Person) -> str:
    """Bring an archived class back beside the present one: its browsers are known again. Says what was done.

    Raises:
        Refused: this person is not the teacher of the class, the lab is read-only, there is no such class, or one of
            its nicknames is somebody else's now.
    """
    _, students = own_rooms(store, person)
    check_may_write()
    with transaction(store.database):
        rows = store.database.rows("SELECT nickname, archived FROM people WHERE room = ?", (students,))
        back = [row["nickname"] for row in rows if row["archived"] == moment]
        taken = {clean_nickname(row["nickname"]).casefold() for row in rows if row["archived"] is None}
        if not back:
            raise Refused("this class is not in the archive: reload the page.")
        if twice := [nickname for nickname in back if clean_nickname(nickname).casefold() in taken]:
            raise Refused(f"nickname '{twice[0]}' is in both classes: archive the present one first.")
        store.database.execute("UPDATE people SET archived = NULL WHERE room = ? AND archived = ?", (students, moment))
    return f"{len(back)} {plural(len(back), 'person', 'people')} brought back with their runs."
