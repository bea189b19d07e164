"""The people of a class: a nickname each, and a token that their browser remembers.

The store keeps digests of tokens and codes, never themselves.
"""

import hashlib
import secrets
import time
import unicodedata

from edc_core.jobs.rights import Classroom, Person, Refused
from edc_core.store import Store
from edc_core.store.database import transaction

LONGEST = 24


def enter(store: Store, room: Classroom, code: str, nickname: str) -> tuple[Person, str]:
    """Let somebody in; gives who they are, and the token by which `known` finds them again.

    A teacher may come back under the same nickname; a student's is theirs alone.

    Raises:
        Refused: a wrong code, or a nickname that is taken or not fit to show.
    """
    opened = room.room_of(code)
    if opened is None:
        raise Refused("this is not the code of the class: it stands on the board; mind capitals.")
    teacher = opened == room.teachers_room
    name = fit_nickname(nickname)
    token = secrets.token_urlsafe(24)
    with transaction(store.database):
        taken = _namesake(store, room, name)
        if taken and not (teacher and taken["room"] == opened):
            raise Refused(f"nickname '{name}' is taken: choose another.")
        person = taken["id"] if taken else secrets.token_hex(8)
        store.database.execute(
            "INSERT OR REPLACE INTO people (id, nickname, room, token, created) VALUES (?, ?, ?, ?, ?)",
            (person, name, opened, _digest(token), time.time()),
        )
    return Person(person, name, teacher), token


def known(store: Store, room: Classroom, token: str | None) -> Person | None:
    """Whose token that is, None where it is nobody's of this class."""
    if not token or len(token) > 100:
        return None
    row = store.database.row("SELECT id, nickname, room FROM people WHERE token = ?", (_digest(token),))
    if row is None or row["room"] not in (room.room, room.teachers_room):
        return None
    return Person(row["id"], row["nickname"], row["room"] == room.teachers_room)


def fit_nickname(nickname: str) -> str:
    """The nickname as it is shown: 1 to 24 printable characters, spaces single.

    Raises:
        Refused: it is none.
    """
    name = " ".join(unicodedata.normalize("NFKC", nickname).split())
    if not 1 <= len(name) <= LONGEST or not name.isprintable() or not any(map(str.isalnum, name)):
        shown = name[:LONGEST] if name.isprintable() else "..."
        raise Refused(f"nickname '{shown}' does not fit: give 1 to {LONGEST} letters or digits.")
    return name


def _namesake(store: Store, room: Classroom, name: str):
    """Who has this nickname in the class already, capitals apart."""
    rooms = (room.room, room.teachers_room or room.room)
    people = store.database.rows("SELECT id, nickname, room FROM people WHERE room IN (?, ?)", rooms)
    return next((other for other in people if other["nickname"].casefold() == name.casefold()), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
