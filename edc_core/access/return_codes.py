"""One-time codes by which a teacher gives a nickname back to a student whose browser lost its cookie.

A code opens the class once, for `VALID_SECONDS`, under the nickname that it was made for and no other. Then the
browser that held the nickname before is out.
"""

import hashlib
import hmac
import secrets
import time

from edc_core.access.class_codes import ClassDigests, class_digests
from edc_core.access.permissions import Person, Refused, check_teaches, classroom
from edc_core.store import Store

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that looks like another
LENGTH = 8
VALID_SECONDS = 600.0


def create_return_code(store: Store, student: str, person: Person) -> str:
    """Make a one-time code for a student (their id); an earlier one of theirs is void.

    Raises:
        Refused: `person` is not the teacher, or that is no student of this class.
    """
    check_teaches(person)
    room = classroom()
    assert room is not None  # `check_teaches` has seen to it
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    written = store.database.execute(
        "UPDATE people SET return_code = ?, return_until = ? WHERE id = ? AND room = ? AND archived IS NULL",
        (_digest(student, code), time.time() + VALID_SECONDS, student, class_digests(store, room).students),
    )
    if not written.rowcount:
        raise Refused("this person is no longer in the class: choose one of the list.")
    return code


def owner_of_return_code(store: Store, rooms: ClassDigests, nickname: str, code: str) -> str | None:
    """The id of the student whose valid code this is, where it is typed with their own nickname."""
    rows = store.database.rows(
        "SELECT id, nickname, return_code FROM people"
        " WHERE room = ? AND archived IS NULL AND return_code IS NOT NULL AND return_until > ?",
        (rooms.students, time.time()),
    )
    for row in rows:
        if row["nickname"].casefold() == nickname.casefold():
            typed = _digest(row["id"], code.strip().lower())
            return row["id"] if hmac.compare_digest(row["return_code"], typed) else None
    return None


def use_return_code(store: Store, student: str, token: str) -> None:
    """Spend a student's code: their nickname is with the browser of this token (a digest) from now on.

    Raises:
        Refused: it was used meanwhile.
    """
    written = store.database.execute(
        "UPDATE people SET token = ?, return_code = NULL, return_until = NULL"
        " WHERE id = ? AND return_code IS NOT NULL AND archived IS NULL",
        (token, student),
    )
    if not written.rowcount:
        raise Refused("this one-time code was used already: ask the teacher for another.")


def _digest(student: str, code: str) -> str:
    return hashlib.sha256(f"{student} {code}".encode()).hexdigest()
