"""The class as its teacher sees it: who is here, what they run, and their best run."""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from edc_core.access.class_codes import class_digests
from edc_core.access.permissions import Person, check_teaches, classroom
from edc_core.runs.run_table import top1_of
from edc_core.store import Store
from edc_core.store.run_record import TASKS, RunRecord
from edc_core.store.run_rows import read_runs

ACTIVE_SECONDS = 300.0  # since somebody opened or used a page, for which they count as active

# Runs and other tasks that a person of the class asked for; `?`: the class's two codes, and the moment of its archive.
OF_CLASS = "IN (SELECT run FROM submissions JOIN people ON people.id = person WHERE room IN (?, ?) AND archived IS ?)"
SIGNED = (
    "SELECT run, person, extra FROM submissions JOIN people ON people.id = person"
    " WHERE room IN (?, ?) AND archived IS ?"
)
PEOPLE = "SELECT id, nickname, room, created, seen FROM people WHERE room IN (?, ?) AND archived IS ?"


@dataclass(frozen=True)
class Member:
    """One person of the class. Times are seconds since the epoch."""

    id: str
    nickname: str
    teacher: bool
    seen: float
    launched: Sequence[RunRecord] = ()  # their runs, the newest first; also those that others asked for too
    asked: Sequence[RunRecord] = ()  # what waits or works for them, other tasks than runs included

    @property
    def is_active(self) -> bool:
        return time.time() - self.seen < ACTIVE_SECONDS

    @property
    def best(self) -> RunRecord | None:
        """Their finished run of the highest top-1."""
        return max((run for run in self.launched if run.result), key=lambda run: top1_of(run) or 0.0, default=None)

    @property
    def best_top1(self) -> float | None:
        return top1_of(self.best) if self.best else None


@dataclass(frozen=True)
class ClassOverview:
    """All people of the class with their runs: students by nickname, the teacher last."""

    members: Sequence[Member]
    runs: Sequence[RunRecord] = field(default_factory=list)  # that somebody of the class launched, the newest first

    @property
    def students(self) -> list[Member]:
        return [one for one in self.members if not one.teacher]

    def nicknames_of(self, run: RunRecord) -> list[str]:
        """Everybody who launched that run."""
        return self._launchers.get(run.id, [])

    @cached_property
    def _launchers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for one in self.members:
            for run in one.launched:
                found.setdefault(run.id, []).append(one.nickname)
        return found


def class_overview(store: Store, person: Person, archived: float | None = None) -> ClassOverview:
    """Read the class that this lab is open to, or the one that was archived at a moment.

    The store is asked the same few questions however many are in it.

    Raises:
        Refused: this person is not its teacher.
    """
    rooms = own_rooms(store, person)
    those = (*rooms, archived)
    people = store.database.rows(PEOPLE, those)
    found = read_runs(store.database, which=OF_CLASS, values=those)
    by_name = {run.id: run for run in found}
    launched: dict[str, list[RunRecord]] = {row["id"]: [] for row in people}
    asked: dict[str, list[RunRecord]] = {row["id"]: [] for row in people}
    for row in store.database.rows(SIGNED, those):
        if (run := by_name.get(row["run"])) is None:  # damaged
            continue
        if run.state.is_alive:
            asked.setdefault(row["person"], []).append(run)
        if run.origin not in TASKS and not row["extra"]:
            launched.setdefault(row["person"], []).append(run)
    members = [
        Member(
            row["id"],
            row["nickname"],
            row["room"] == rooms[0],
            row["seen"] or row["created"],
            sorted(launched[row["id"]], key=lambda run: -run.created),
            sorted(asked[row["id"]], key=lambda run: (not run.state.is_at_work, run.queued or 0.0)),
        )
        for row in people
    ]
    names = {run.id for runs in launched.values() for run in runs}
    ordered = sorted(members, key=lambda one: (one.teacher, _in_alphabet(one.nickname)))
    return ClassOverview(ordered, [run for run in found if run.id in names])


def _in_alphabet(nickname: str) -> str:
    """Sorting key: É beside E."""
    return unicodedata.normalize("NFKD", nickname).casefold()


def own_rooms(store: Store, person: Person) -> tuple[str, str]:
    """Digests of the teacher's and the students' code, for the class's teacher.

    Raises:
        Refused: this person is not its teacher.
    """
    check_teaches(person)
    room = classroom()
    assert room is not None  # `check_teaches` has seen to it
    digests = class_digests(store, room)
    return digests.teachers or "", digests.students
