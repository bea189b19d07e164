"""A class's codes: how often they may be guessed, what the store keeps of them, and who came in before is known."""

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from edc_core import jobs
from edc_core.access.class_codes import class_digests
from edc_core.access.wrong_codes import FIRST_CODE_BUCKET, PLACE_BUCKET, SHARED_BUCKET, CodeThrottle, network_of
from edc_core.jobs import Classroom, Refused, WrongCode
from edc_core.store import Store

ROOM = Classroom("maple", "chalk-1234")


class Clock:
    """Seconds that pass when they are told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path)) as found:
        yield found


def look(door: CodeThrottle, place: str, right: bool) -> float:
    return door.look(place, lambda: right)


def attack(door: CodeThrottle, clock: Clock, places: list[str], seconds: int) -> int:
    """Guess from each of these places every tenth of a second; gives how many guesses were looked at."""
    looked, end = 0, clock.now + seconds
    while clock.now < end:
        looked += sum(look(door, place, False) == 0 for place in places)
        clock.now += 0.1
    return looked


def test_one_place_guesses_a_few_times_a_minute_and_keeps_nobody_else_out() -> None:
    clock = Clock()
    door = CodeThrottle(clock)
    assert PLACE_BUCKET[0] < attack(door, clock, ["attacker"], 600) <= PLACE_BUCKET[0] + 600 / PLACE_BUCKET[1]
    look(door, "attacker", False)
    assert 0 < look(door, "attacker", True) <= PLACE_BUCKET[1]  # not even the right code, or guessing would go on
    assert [look(door, f"pupil {number}", number % 3 > 0) for number in range(30)] == [0] * 30  # ten of them mistype
    assert [look(door, f"pupil {number}", True) for number in range(30)] == [0] * 30
    clock.now += PLACE_BUCKET[1]
    assert look(door, "attacker", True) == 0


def test_a_class_at_one_address_comes_in_in_spite_of_typing_errors() -> None:
    clock = Clock()
    door = CodeThrottle(clock)
    for number in range(30):
        assert look(door, "", right=number % 4 > 0) == 0
    for _ in range(3):
        look(door, "", right=False)
    assert look(door, "", right=True) <= PLACE_BUCKET[1]


def test_many_places_guess_no_more_than_all_may_and_a_class_still_comes_in() -> None:
    clock = Clock()
    door = CodeThrottle(clock)
    looked = attack(door, clock, [f"attacker {number}" for number in range(20)], 600)
    assert looked <= SHARED_BUCKET[0] + 600 / SHARED_BUCKET[1]
    assert [look(door, f"pupil {number}", True) for number in range(30)] == [0] * 30
    made_up = attack(door, clock, [f"made up {number}" for number in range(300)], 600)  # as some proxies pass on
    assert made_up <= FIRST_CODE_BUCKET[0] + 600 / FIRST_CODE_BUCKET[1] + 600 / SHARED_BUCKET[1] + 1


def test_sessions_that_guess_in_the_same_moment_count_one_after_the_other(store: Store) -> None:
    door, said = CodeThrottle(Clock()), []

    def guess(number: int) -> None:
        with closing(Store(store.home)) as own, pytest.raises(WrongCode) as met:
            jobs.enter_class(own, ROOM, "birch", f"pupil {number}", "10.0.0.9", door)
        said.append(str(met.value))

    with ThreadPoolExecutor(15) as pool:
        list(pool.map(guess, range(30)))
    assert sum("wrong class code" in one for one in said) == PLACE_BUCKET[0]
    assert sum("too many wrong codes were typed here: try again in 30 s" in one for one in said) == 30 - PLACE_BUCKET[0]
    with pytest.raises(WrongCode, match="too many"):
        jobs.enter_class(store, ROOM, "maple", "Ada", "10.0.0.9", door)
    assert jobs.enter_class(store, ROOM, "maple", "Ada", "10.0.0.8", door)[0].nickname == "Ada"


def test_a_network_of_64_bits_is_one_place() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::4")
    assert (network_of("10.0.0.9"), network_of(None), network_of("::1")) == ("10.0.0.9", "", "::/64")


def test_what_is_kept_of_a_code_is_salted_slow_and_computed_once(store: Store, tmp_path: Path) -> None:
    began = time.process_time()
    rooms = class_digests(store, Classroom("slowly", None))
    first = time.process_time() - began
    assert class_digests(store, Classroom("slowly", None)) == rooms
    assert time.process_time() - began - first < first / 4
    with closing(Store(tmp_path / "other")) as other:
        assert class_digests(other, Classroom("slowly", None)).students != rooms.students
    assert hashlib.sha256(b"edc class slowly").hexdigest()[:32] != rooms.students


@pytest.mark.parametrize(("code", "teacher"), [("maple", False), ("chalk-1234", True)])
def test_who_came_in_under_the_former_digest_is_known(store: Store, code: str, teacher: bool) -> None:
    """A row as versions up to 0.1 wrote it."""
    former = hashlib.sha256(f"edc class {code}".encode()).hexdigest()[:32]
    token = hashlib.sha256(b"a token").hexdigest()
    store.database.execute(
        "INSERT INTO people (id, nickname, room, token, created) VALUES ('0123456789abcdef', 'Ada', ?, ?, 1.0)",
        (former, token),
    )
    assert jobs.person_of_token(store, ROOM, "a token") == jobs.Person("0123456789abcdef", "Ada", teacher)
    assert store.database.row("SELECT room FROM people")[0] in class_digests(store, ROOM)
    with pytest.raises(Refused, match="'ada' is taken"):
        jobs.enter_class(store, ROOM, "maple", "ada")
    assert jobs.person_of_token(store, Classroom("another", None), "a token") is None
