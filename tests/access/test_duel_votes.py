"""Votes on the duel: one a student and pair, the first one."""

import pytest

from edc_core import jobs
from edc_core.jobs import Person, Refused
from edc_core.store import Store
from tests.support.classes import ROOM, join


def test_a_students_first_vote_counts(bare_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", ROOM.code)
    ada, ben, teacher = join(bare_store, "Ada"), join(bare_store, "Ben"), join(bare_store, "Ms T", teacher=True)
    pair = ("ours", "theirs")
    for who, picked in ((ada, "ours"), (ada, "theirs"), (ben, "theirs"), (teacher, "ours"), (Person(), "ours")):
        jobs.record_vote(bare_store, who, pair, picked)
    jobs.record_vote(bare_store, ben, ("theirs", "ours"), "ours")  # the same pair from right to left
    (found,) = jobs.votes_of(bare_store, {ada.id, ben.id, teacher.id})
    assert found.counts == {"ours": 1, "theirs": 1}
    assert jobs.votes_of(bare_store, {ada.id})[0].counts == {"ours": 1}
    eve = join(bare_store, "Eve")
    monkeypatch.setenv("EDC_READ_ONLY", "1")
    jobs.record_vote(bare_store, eve, pair, "ours")
    assert jobs.votes_of(bare_store, {eve.id}) == []
    with pytest.raises(Refused, match="none of the two sets"):
        jobs.record_vote(bare_store, ada, pair, "another")
