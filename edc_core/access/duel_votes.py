"""Votes of a class on the duel of the page Start: which of two sets is the better teacher?"""

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from edc_core.access.permissions import Person, Refused, read_only
from edc_core.store import Store


@dataclass(frozen=True)
class DuelVotes:
    """Votes on one pair of sets, each named by its run."""

    runs: tuple[str, ...]
    counts: Counter[str]  # run -> votes
    voters: dict[str, str]  # a person's id -> the run that they picked

    @property
    def total(self) -> int:
        return self.counts.total()


def record_vote(store: Store, person: Person, pair: Collection[str], picked: str) -> None:
    """Keep a person's first vote on a pair; they have seen the answer before a second one.

    Nothing is kept of who is in no class, nor of a teacher, nor in a read-only lab.

    Raises:
        Refused: what was picked is not in the pair.
    """
    if picked not in pair:
        raise Refused(f"'{picked}' is none of the two sets: vote for one of them.")
    if person.id and not person.teacher and not read_only():
        store.database.execute(
            "INSERT OR IGNORE INTO duel_votes (person, pair, picked, time) VALUES (?, ?, ?, ?)",
            (person.id, " ".join(sorted(pair)), picked, time.time()),
        )


def votes_of(store: Store, people: Collection[str]) -> list[DuelVotes]:
    """What these people voted, a pair at a time, the one that was voted on last first."""
    pairs: dict[str, dict[str, str]] = {}
    for row in store.database.rows("SELECT person, pair, picked FROM duel_votes ORDER BY time DESC"):
        if row["person"] in people:
            pairs.setdefault(row["pair"], {})[row["person"]] = row["picked"]
    return [DuelVotes(tuple(pair.split(" ")), Counter(votes.values()), votes) for pair, votes in pairs.items()]
