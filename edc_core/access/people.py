"""The people of a class: a nickname each, and a token that their browser remembers.

The store keeps digests of tokens and codes, never themselves.
"""

import hashlib
import math
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress

from edc_core.access.class_codes import ClassDigests, class_digests
from edc_core.access.permissions import Classroom, Person, Refused, WrongCode
from edc_core.access.return_codes import owner_of_return_code, use_return_code
from edc_core.access.wrong_codes import THROTTLE, CodeThrottle
from edc_core.errors import StoreError
from edc_core.store import Store
from edc_core.store.schema import transaction

MAX_NICKNAME_LENGTH = 24
SEEN_SECONDS = 20.0


def enter_class(
    store: Store, room: Classroom, code: str, nickname: str, place: str = "", door: CodeThrottle | None = None
) -> tuple[Person, str]:
    """Register a visitor of a class; returns the person, and the token for `person_of_token`.

    A teacher may come back under the same nickname; a student's is theirs alone, and given back by a one-time code
    in the code's place. `place` is where they come from, at whose `door` wrong codes are counted (None: the
    process's own).

    Raises:
        WrongCode: a wrong code, or too many were typed.
        Refused: a nickname that is taken or not fit to show.
    """
    rooms, shown = class_digests(store, room), clean_nickname(nickname)
    opened = _opened(
        lambda: room.opened_by(code) or owner_of_return_code(store, rooms, shown, code), place, door or THROTTLE
    )
    token = secrets.token_urlsafe(24)
    if opened not in ("class", "teacher"):  # a student's id
        use_return_code(store, opened, _digest(token))
        return Person(opened, _nickname_of(store, opened)), token
    teacher, own = opened == "teacher", rooms.of(opened)
    name = fit_nickname(nickname)
    with transaction(store.database):
        taken = _namesake(store, rooms, name)
        if taken and not (teacher and taken["room"] == own):
            raise Refused(f"nickname '{name}' is taken: choose another. Is it yours? The teacher gives it back.")
        person = taken["id"] if taken else secrets.token_hex(8)
        store.database.execute(
            "INSERT OR REPLACE INTO people (id, nickname, room, token, created) VALUES (?, ?, ?, ?, ?)",
            (person, name, own, _digest(token), time.time()),
        )
    return Person(person, name, teacher), token


def _opened(opened_by: Callable[[], str | None], place: str, door: CodeThrottle) -> str:
    """Who comes in by a code: "class", "teacher", or the student whose one-time code it is.

    Raises:
        WrongCode: nobody, or too many wrong ones were typed.
    """
    found: list[str | None] = []

    def is_right() -> bool:
        found.append(opened_by())
        return found[0] is not None

    if wait := door.look(place, is_right):
        raise WrongCode(f"too many wrong codes were typed here: try again in {math.ceil(wait)} s.")
    if not found[0]:
        raise WrongCode("wrong class code: check the board; capitals matter.")
    return found[0]


def person_of_token(store: Store, room: Classroom, token: str | None) -> Person | None:
    """Person of a token; None if it belongs to nobody of this class."""
    if not token or len(token) > 100:
        return None
    rooms = class_digests(store, room)
    query = "SELECT id, nickname, room, seen FROM people WHERE token = ? AND archived IS NULL"
    row = store.database.row(query, (_digest(token),))
    if row is None or row["room"] not in rooms:
        return None
    _touch(store, row)
    return Person(row["id"], row["nickname"], row["room"] == rooms.teachers)


def _touch(store: Store, row: sqlite3.Row) -> None:
    """Note that somebody is here: at most one small write a person in `SEEN_SECONDS`."""
    now = time.time()
    if row["seen"] is None or abs(now - row["seen"]) > SEEN_SECONDS:
        with suppress(StoreError):  # a full disk keeps nobody from looking
            store.database.execute("UPDATE people SET seen = ? WHERE id = ?", (now, row["id"]))


def fit_nickname(nickname: str) -> str:
    """The nickname as it is shown: 1 to 24 printable characters, spaces single.

    Raises:
        Refused: it is none.
    """
    name = clean_nickname(nickname)
    if not 1 <= len(name) <= MAX_NICKNAME_LENGTH or not name.isprintable() or not any(map(str.isalnum, name)):
        shown = name[:MAX_NICKNAME_LENGTH] if name.isprintable() else "..."
        raise Refused(f"nickname '{shown}' does not fit: give 1 to {MAX_NICKNAME_LENGTH} letters or digits.")
    return name


def clean_nickname(nickname: str) -> str:
    """What was typed with single spaces, and with letters that look alike made one."""
    return " ".join(unicodedata.normalize("NFKC", nickname).split())


def _nickname_of(store: Store, person: str) -> str:
    return store.database.rows("SELECT nickname FROM people WHERE id = ?", (person,))[0]["nickname"]


def _namesake(store: Store, rooms: ClassDigests, name: str):
    """Who has this nickname in the class already, capitals apart."""
    both = (rooms.students, rooms.teachers or rooms.students)
    query = "SELECT id, nickname, room FROM people WHERE room IN (?, ?) AND archived IS NULL"
    people = store.database.rows(query, both)
    return next((other for other in people if other["nickname"].casefold() == name.casefold()), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
