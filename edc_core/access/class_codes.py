"""A class's codes as the store keeps them: salted and slow to compute, so that a copy of the store tells no code.

The salt is drawn once a store. A digest is computed once a process, as pages ask for it with every script run.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from functools import lru_cache

from edc_core.access.permissions import Classroom
from edc_core.store import Store

SALT = "class salt"  # its name among the measurements, which stay with the store
COST = {"n": 2**14, "r": 8, "p": 1}  # 16 MiB and some 50 ms a guess
COMPUTING = threading.Lock()  # thirty sessions that come at once compute it once


@dataclass(frozen=True)
class ClassDigests:
    """The digests of a class's two codes, and by those the unsalted ones that were kept up to version 0.1."""

    students: str
    teachers: str | None
    former: dict[str, str]

    def __contains__(self, digest: str) -> bool:
        return digest in (self.students, self.teachers)

    def of(self, who: str) -> str:
        """Code digest for a visitor who came in as "class" or "teacher"."""
        return self.teachers if who == "teacher" and self.teachers else self.students

    @property
    def cookies(self) -> tuple[str, ...]:
        """Cookie names, today's first; a browser may know two classes on one machine."""
        return tuple(f"edc_person_{digest[:8]}" for digest in (self.students, self.former[self.students]))


def class_digests(store: Store, room: Classroom) -> ClassDigests:
    """A class's rooms in a store. Who came in under a former digest of the same code stays in, under today's."""
    salt = _salt(store)
    with COMPUTING:
        digests = {code: digest_of(code, salt) for code in (room.code, room.teacher_code) if code}
    former = {digest: legacy_digest(code) for code, digest in digests.items()}
    for digest, old in former.items():
        if store.database.row("SELECT 1 FROM people WHERE room = ? LIMIT 1", (old,)):
            store.database.execute("UPDATE people SET room = ? WHERE room = ?", (digest, old))
    return ClassDigests(digests[room.code], digests[room.teacher_code] if room.teacher_code else None, former)


@lru_cache(16)
def digest_of(code: str, salt: str) -> str:
    """Salted scrypt digest of a code (32 hexadecimal digits)."""
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), dklen=16, **COST).hex()


def legacy_digest(code: str) -> str:
    """Unsalted digest of a code, as versions up to 0.1 stored it."""
    return hashlib.sha256(f"edc class {code}".encode()).hexdigest()[:32]


def _salt(store: Store) -> str:
    if (found := store.measurement(SALT)) is None:
        store.database.execute(
            "INSERT OR IGNORE INTO measurements (name, value, time) VALUES (?, json_quote(?), unixepoch())",
            (SALT, secrets.token_hex(16)),
        )
        found = store.measurement(SALT)  # another process may have been first
    return found
