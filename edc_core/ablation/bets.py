"""The prediction ledger: bets are placed before the first result and scored after the last one.

One bet a person and ablation. The store's triggers let none be changed or taken back, and each carries a seal.
"""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from edc_core import __version__
from edc_core.ablation.bet_seals import FORMAT, Prediction, parse_prediction, seal, sealed_file, sign_of
from edc_core.ablation.design import Design
from edc_core.ablation.questions import questions
from edc_core.access.people import fit_nickname
from edc_core.access.permissions import Refused, check_may_write
from edc_core.intervals import Estimate
from edc_core.stage_graph import CODE_VERSIONS, stable_hash
from edc_core.store import Store

OPEN_LAB = "in the open lab: the results came with the project and could be looked up"


@dataclass(frozen=True)
class Bet:
    """One sealed bet. `sealed` is all that its seal covers; `person` is kept apart and never leaves the store."""

    ablation: str
    person: str
    nickname: str
    time: float
    sealed: dict[str, Any]
    seal: str

    @cached_property
    def prediction(self) -> Prediction:
        return Prediction.model_validate(self.sealed["prediction"])

    @property
    def intact(self) -> bool:
        """Whether it still is what was sealed."""
        return seal(self.sealed) == self.seal

    @property
    def in_the_open(self) -> bool:
        """Whether results could be known when it was placed."""
        return bool(self.sealed["results"])

    def file(self) -> str:
        """The bet as a file to keep elsewhere."""
        return sealed_file(self.sealed, self.seal)


def place_bet(
    store: Store,
    ablation: str,
    person: str,
    nickname: str,
    bet: Mapping[str, Any],
    *,
    design: Design,
    results: int = 0,
    open_lab: bool = False,
) -> Bet:
    """Seal somebody's bet ({"ranking": [...], "signs": {...}, "gains": {...}}) about a design.

    `results` is how many of its results exist now; bets are then refused but for bundled ones (`open_lab`).

    Raises:
        SettingsError: the bet names no question of the design, or contradicts itself.
        Refused: results exist, this person has bet already, or this lab is read-only.
    """
    check_may_write()
    if results and not open_lab:
        raise Refused(
            f"bets closed with the first result, and {results} {'are' if results > 1 else 'is'} measured: bet on an"
            " ablation that has not begun."
        )
    name = fit_nickname(nickname)
    prediction = parse_prediction(dict(bet), [question.name for question in questions(design)])
    moment = round(time.time(), 3)
    sealed = {
        "format": FORMAT,
        "ablation": ablation,
        "nickname": name,
        "time": moment,
        "prediction": prediction.model_dump(mode="json"),
        "design": design.model_dump(mode="json"),
        "results": results,
        "note": OPEN_LAB if results else "",
        "versions": {"edc_core": __version__, "stages": CODE_VERSIONS},
    }
    sealed = json.loads(json.dumps(sealed))  # as it will be read
    placed = Bet(ablation, person, name, moment, sealed, seal(sealed))
    _keep(store, placed)
    return placed


def _keep(store: Store, bet: Bet) -> None:
    """Its id is made of ablation and person, so that the table itself holds one a person."""
    row = (
        stable_hash("bet", bet.ablation, bet.person),
        bet.ablation,
        bet.person,
        bet.nickname,
        bet.time,
        json.dumps(bet.sealed),
        bet.seal,
    )
    query = "INSERT INTO bets (id, ablation, person, nickname, time, bet, settings) VALUES (?, ?, ?, ?, ?, ?, ?)"
    try:
        store.database.execute(query, row)
    except sqlite3.IntegrityError:
        raise Refused(
            f"{bet.nickname} has bet on this ablation already, and a sealed bet stays as it is: wait for its score."
        ) from None


def placed_bets(store: Store, ablation: str) -> list[Bet]:
    """All bets on an ablation but those of a class that is over, in the order in which they were placed."""
    query = (
        "SELECT bets.* FROM bets LEFT JOIN people ON people.id = bets.person"
        " WHERE ablation = ? AND archived IS NULL ORDER BY time, bets.rowid"
    )
    rows = store.database.rows(query, (ablation,))
    return [
        Bet(row["ablation"], row["person"], row["nickname"], row["time"], json.loads(row["bet"]), row["settings"])
        for row in rows
    ]


# Scoring --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BetScore:
    """How well a bet did; None where it said nothing that could be scored so."""

    right: int  # signs
    asked: int  # signs that the results decide
    rank: float | None  # Spearman's correlation of the bet's order with the measured one
    error: float | None  # mean absolute error of the gains, points


def score_bet(bet: Bet, outcome: Mapping[str, Estimate]) -> BetScore:
    """A bet beside what was measured.

    A sign is right where the 95 % interval lies on its side of zero, "no difference" where it holds zero. A
    "helps" or "hurts" whose interval holds zero is left open: the design could not tell. One seed has no interval,
    and decides nothing.
    """
    said = {name: sign for name, sign in bet.prediction.directions.items() if name in outcome}
    shown = {name: shown_sign(outcome[name]) for name in said}
    decided = [name for name in said if outcome[name].low is not None and (shown[name] or not said[name])]
    standing = bet.prediction.standing(list(outcome))
    names = [name for name in outcome if name in standing]
    errors = [abs(gain - outcome[name].mean) for name, gain in bet.prediction.gains.items() if name in outcome]
    return BetScore(
        right=sum(said[name] == shown[name] for name in decided),
        asked=len(decided),
        rank=spearman([standing[name] for name in names], [outcome[name].mean for name in names]),
        error=sum(errors) / len(errors) if errors else None,
    )


def shown_sign(estimate: Estimate) -> int:
    """The sign that an interval shows, 0 where it holds zero or there is none."""
    return sign_of(estimate.mean) if estimate.excludes_zero else 0


def leaderboard(placed: Sequence[Bet], outcome: Mapping[str, Estimate]) -> list[tuple[Bet, BetScore]]:
    """Bets with their scores, the best first: by rank correlation, then right signs, then error, then time."""

    def key(pair: tuple[Bet, BetScore]) -> tuple:
        bet, found = pair
        share = found.right / found.asked if found.asked else 0.0
        error = float("inf") if found.error is None else found.error
        rank = -2.0 if found.rank is None else found.rank
        return -rank, -share, error, bet.time

    return sorted(((bet, score_bet(bet, outcome)) for bet in placed), key=key)


def spearman(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Spearman's rank correlation, ties at their mean rank; None for fewer than two or without any order."""
    one, other = ranks(ours), ranks(theirs)
    middle = (len(one) + 1) / 2
    squares = sum((rank - middle) ** 2 for rank in one) * sum((rank - middle) ** 2 for rank in other)
    if not squares:
        return None
    return sum((a - middle) * (b - middle) for a, b in zip(one, other, strict=True)) / squares**0.5


def ranks(values: Sequence[float]) -> list[float]:
    """1 for the smallest; equal values share the mean of their places."""
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]
