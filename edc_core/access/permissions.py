"""Who may change what: one person at their own machine, or a class with a teacher.

`EDC_CLASS_CODE` opens a class, `EDC_TEACHER_CODE` tells its teacher apart, `EDC_READ_ONLY=1` makes
a site to look at, `EDC_MAX_QUEUED_PER_SESSION` (default 3) bounds what one person may have waiting.
"""

import hmac
import os
import re
from dataclasses import dataclass

from edc_core.errors import EDCError, SettingsError
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

MAX_QUEUED = 3


class Refused(EDCError):
    """The visitor may not do this; the sentence says why and who may."""


class WrongCode(Refused):
    """What was typed is no code of the class, or it is not looked at just now."""


@dataclass(frozen=True)
class Person:
    """A visitor of the lab. Without a class everybody is the same person, and may do everything.

    `session` tells browsers apart where `id` does not, so that turns are shared between them. `at_machine`: what they
    came through is open to this machine alone, as the command line is.
    """

    id: str = ""
    nickname: str = ""
    teacher: bool = False
    session: str = ""
    at_machine: bool = True

    @property
    def queue_share(self) -> str:
        """Identity by which the queue shares turns: the person, or else the browser session."""
        return self.id or self.session


@dataclass(frozen=True)
class Classroom:
    """A class's access codes: its own, and the teacher's if there is one."""

    code: str
    teacher_code: str | None

    def opened_by(self, typed: str) -> str | None:
        """Who comes in by what was typed, "class" or "teacher", None where it opens nothing; equally long if wrong."""
        codes = {"class": self.code, "teacher": self.teacher_code}
        opened = [
            who for who, code in codes.items() if code and hmac.compare_digest(code.encode(), typed.strip().encode())
        ]
        return opened[-1] if opened else None


def classroom() -> Classroom | None:
    """The class that this lab is open to, None where it is one person's."""
    code = os.environ.get("EDC_CLASS_CODE", "").strip()
    teacher_code = os.environ.get("EDC_TEACHER_CODE", "").strip() or None
    if code and code == teacher_code:
        raise SettingsError("EDC_CLASS_CODE and EDC_TEACHER_CODE are the same: give the teacher a code of their own.")
    return Classroom(code, teacher_code) if code else None


def read_only() -> bool:
    """Whether this lab is read-only."""
    return os.environ.get("EDC_READ_ONLY", "").strip().lower() not in ("", "0", "no", "false", "off")


def most_queued() -> int:
    """How many runs one person may have waiting."""
    value = os.environ.get("EDC_MAX_QUEUED_PER_SESSION") or str(MAX_QUEUED)
    if not re.fullmatch(r"[1-9]\d{0,3}", value):
        raise SettingsError(f"EDC_MAX_QUEUED_PER_SESSION is '{value}': give a whole number from 1 to 9999.")
    return int(value)


def may_stop(run: RunRecord, person: Person) -> bool:
    """Whether that person may stop the run (a dict of `Store.run` or `Store.runs`), or take it up again.

    That is whose it is, whoever asked for it, if only for an extra stage, and the teacher. Of a run that comes with the
    project, only work on an extra stage can be stopped.
    """
    if read_only() or (run.bundled and run.state == RunState.FINISHED):
        return False
    return _everybodys(person) or bool(person.id and person.id in (run.owner, *run.submitters))


def may_change(run: RunRecord, person: Person) -> bool:
    """Whether that person may rename the run, or delete it for everybody: whose it is, and the teacher."""
    if read_only() or run.bundled:
        return False
    return _everybodys(person) or bool(person.id and person.id == run.owner)


def _everybodys(person: Person) -> bool:
    """Whether everybody's runs are in that person's hands."""
    return classroom() is None or person.teacher


def check_allowed(allowed: bool, run: RunRecord) -> None:
    """Raise `Refused` where somebody is not allowed what they ask of a run.

    Raises:
        Refused: naming whose run it is.
    """
    check_may_write()
    if allowed:
        return
    if run.bundled:
        raise Refused(f"run '{run.id}' comes with the project: it cannot be changed.")
    whose = f"is {run.nickname}'s" if run.nickname else "is not yours"
    raise Refused(f"run '{run.id}' {whose}: ask them or the teacher, or start the same settings as your own.")


def check_may_start(person: Person) -> None:
    """Raise `Refused` where that person may not ask for runs."""
    check_may_write()
    if classroom() and not person.id:
        raise Refused("this lab is open to a class: enter its code and a nickname first.")


def check_may_import(person: Person) -> None:
    """Raise `Refused` where that person may not bring in runs: others' runs take what came in as their own results."""
    check_may_start(person)
    if classroom() and not person.teacher:
        raise Refused("in a class only the teacher imports runs: give them the ZIP.")


def check_teaches(person: Person) -> None:
    """Raise `Refused` where that person is not the teacher of a class.

    Raises:
        Refused: naming who may, or how a class is opened.
    """
    if classroom() is None:
        raise Refused("this lab is open to no class: 'python -m edc_core serve --class CODE' opens it to one.")
    if not (person.id and person.teacher):
        raise Refused("this page is for the teacher of the class: enter with the teacher's code to use it.")


def check_may_write() -> None:
    """Raise `Refused` where this lab is read-only."""
    if read_only():
        raise Refused("this lab is read-only (EDC_READ_ONLY): run it on your own machine to change things.")
