"""A lost cookie: the teacher gives a nickname back, and nobody else can take it."""

import pytest

from edc_core import jobs
from edc_core.access.return_codes import LETTERS, VALID_SECONDS, create_return_code
from edc_core.access.wrong_codes import PLACE_BUCKET, CodeThrottle
from edc_core.jobs import Person, Refused, WrongCode
from edc_core.store import Store
from tests.support.classes import ROOM, enter, join


@pytest.fixture(autouse=True)
def in_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", ROOM.code)
    monkeypatch.setenv("EDC_TEACHER_CODE", ROOM.teacher_code)


def come_back(store: Store, code: str, nickname: str, door: CodeThrottle | None = None) -> tuple[Person, str]:
    return jobs.enter_class(store, ROOM, code, nickname, door=door or CodeThrottle())


def test_a_one_time_code_gives_the_same_person_back_once(bare_store: Store) -> None:
    teacher, (ada, lost) = join(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada")
    code = create_return_code(bare_store, ada.id, teacher)
    again, token = come_back(bare_store, f" {code.upper()} ", "ada")
    assert again == ada
    assert jobs.person_of_token(bare_store, ROOM, token) == ada
    assert jobs.person_of_token(bare_store, ROOM, lost) is None  # whoever found the old browser is out
    with pytest.raises(WrongCode):
        come_back(bare_store, code, "Ada")
    assert jobs.person_of_token(bare_store, ROOM, token) == ada


def test_without_the_code_a_nickname_stays_its_owners(bare_store: Store) -> None:
    teacher, (ada, token) = join(bare_store, "Ms T", teacher=True), enter(bare_store, "Ada")
    ben = join(bare_store, "Ben")
    code = create_return_code(bare_store, ada.id, teacher)
    with pytest.raises(Refused, match="'Ada' is taken.*teacher gives it back"):
        come_back(bare_store, ROOM.code, "Ada")
    for other in ("Ben", "Eve", ""):  # the code of Ada under another name
        with pytest.raises(WrongCode):
            come_back(bare_store, code, other)
    for wrong in (LETTERS[:8], "", "x" * 1000, ada.id):
        with pytest.raises(WrongCode):
            come_back(bare_store, wrong, "Ada")
    for who in (ben, ada, Person(), Person(teacher=True)):
        with pytest.raises(Refused, match="for the teacher"):
            create_return_code(bare_store, ada.id, who)
    assert jobs.person_of_token(bare_store, ROOM, token) == ada


def test_a_code_is_void_after_a_while_and_after_the_next_one(bare_store: Store) -> None:
    teacher, ada = join(bare_store, "Ms T", teacher=True), join(bare_store, "Ada")
    first = create_return_code(bare_store, ada.id, teacher)
    second = create_return_code(bare_store, ada.id, teacher)
    with pytest.raises(WrongCode):
        come_back(bare_store, first, "Ada")
    bare_store.database.execute("UPDATE people SET return_until = return_until - ?", (VALID_SECONDS + 1,))
    with pytest.raises(WrongCode):
        come_back(bare_store, second, "Ada")


def test_guessed_codes_are_counted_at_the_door(bare_store: Store) -> None:
    teacher, ada = join(bare_store, "Ms T", teacher=True), join(bare_store, "Ada")
    code, door = create_return_code(bare_store, ada.id, teacher), CodeThrottle()
    for _ in range(PLACE_BUCKET[0]):
        with pytest.raises(WrongCode, match="wrong class code"):
            come_back(bare_store, "guess", "Ada", door)
    with pytest.raises(WrongCode, match="too many wrong codes"):
        come_back(bare_store, code, "Ada", door)


def test_no_code_leads_to_the_teachers_rights_or_out_of_the_class(bare_store: Store) -> None:
    teacher = join(bare_store, "Ms T", teacher=True)
    for nobody in (teacher.id, "unknown"):
        with pytest.raises(Refused, match="no longer in the class"):
            create_return_code(bare_store, nobody, teacher)


def test_the_store_keeps_no_code(bare_store: Store) -> None:
    teacher, ada = join(bare_store, "Ms T", teacher=True), join(bare_store, "Ada")
    code = create_return_code(bare_store, ada.id, teacher)
    assert code.encode() not in b"".join(path.read_bytes() for path in bare_store.home.glob("store.sqlite*"))
