"""People of a class, entered as the join page enters them."""

from edc_core import jobs
from edc_core.access.wrong_codes import CodeThrottle
from edc_core.jobs import Classroom, Person
from edc_core.store import Store

ROOM = Classroom("blackboard", "chalk-1234")


def enter(store: Store, nickname: str, teacher: bool = False) -> tuple[Person, str]:
    """A person who has entered, and their browser's token."""
    code = ROOM.teacher_code if teacher else ROOM.code
    return jobs.enter_class(store, ROOM, code, nickname, door=CodeThrottle())


def join(store: Store, nickname: str, teacher: bool = False) -> Person:
    return enter(store, nickname, teacher)[0]
