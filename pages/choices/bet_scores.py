"""Scores of the bets: the leaderboard, and the visitor's bet beside the measurements."""

from collections.abc import Sequence

import streamlit as st

from edc_core.ablation import Design, Factor
from edc_core.ablation.bets import Bet, BetScore, shown_sign
from edc_core.ablation.questions import measured_outcome, questions
from edc_core.ablation.results import Row
from edc_core.data.short_names import short_name
from edc_core.intervals import MIN_SEEDS, Estimate
from pages.shared.help_texts import SCORE_HELP
from pages.shared.markdown_escape import escape_markdown

SAID = {1: "helps", 0: "no difference", -1: "hurts"}


def render_scores(
    design: Design,
    rows: Sequence[Row],
    scored: Sequence[tuple[Bet, BetScore]],
    mine: Bet | None,
    factors: Sequence[Factor],
) -> None:
    """`rows` are those that bets are about; `scored` is the leaderboard, the best bet first."""
    st.dataframe(
        [score_line(place, bet, found, bet == mine) for place, (bet, found) in enumerate(scored, 1)], hide_index=True
    )
    st.caption(SCORE_HELP)
    placed = [bet for bet, _ in scored]
    looked_at = st.selectbox(
        "Compare a bet with the measured points",
        range(len(placed)),
        index=placed.index(mine) if mine in placed else 0,
        format_func=lambda number: placed[number].nickname,
        key=f"bets_look_{placed[0].ablation}",
        width=380,
    )
    outcome = measured_outcome(design, rows, factors)
    st.dataframe(_filled(compare_bet(design, placed[looked_at], outcome)), hide_index=True)
    st.caption(_rests_on(rows, outcome))


def _rests_on(rows: Sequence[Row], outcome: dict[str, Estimate]) -> str:
    """Basis of the measured figures: seeds, and a warning where they are too few."""
    counts = {found.count for found in outcome.values()}
    if not counts:
        return "Nothing that was bet on is measured: a comparison stays open while a cell is missing."
    few = f"; fewer than {MIN_SEEDS} say little" if min(counts) < MIN_SEEDS else ""
    span = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{max(counts)}"
    seeds = f"means over {span} seeds with 95 % intervals" if max(counts) > 1 else "one seed, no intervals"
    return f"{escape_markdown(short_name(rows[0].dataset))}, IPC {rows[0].ipc}, {rows[0].student}; {seeds}{few}."


def _filled(lines: list[dict]) -> list[dict]:
    """Rows without the columns that are empty in all of them."""
    return [
        {name: value for name, value in line.items() if any(other[name] != "" for other in lines)} for line in lines
    ]


def score_line(place: int, bet: Bet, found: BetScore, own: bool) -> dict:
    """A row of the leaderboard."""
    notes = ["yours"] * own + ["open lab"] * bet.in_the_open + ["changed after sealing"] * (not bet.intact)
    return {
        "place": place,
        "who": bet.nickname,
        "order": "" if found.rank is None else f"{found.rank:.2f}".replace("-", "−"),
        "signs": f"{found.right} of {found.asked}" if bet.prediction.directions else "",
        "error, points": "" if found.error is None else f"{found.error:.1f}",
        "note": ", ".join(notes),
        "seal": bet.seal[:12],
    }


def compare_bet(design: Design, bet: Bet, outcome: dict[str, Estimate]) -> list[dict]:
    """One row per question, largest effect first: the bet beside the measurement."""
    prediction, titles = bet.prediction, {question.name: question.title for question in questions(design)}
    ordered = sorted(outcome, key=lambda name: -outcome[name].mean)
    return [
        {
            "question": titles[name],
            "measured": _measured(outcome[name]),
            "verdict": SAID[shown_sign(outcome[name])] if shown_sign(outcome[name]) else "no measurable effect",
            "bet": _said(prediction, name),
            "place": place,
            "bet on place": str(prediction.ranking.index(name) + 1) if name in prediction.ranking else "",
        }
        for place, name in enumerate(ordered, 1)
    ]


def _measured(found: Estimate) -> str:
    ends = "" if found.low is None else f" ({found.low:+z.1f} to {found.high:+z.1f})"
    return f"{found.mean:+z.1f}{ends}".replace("-", "−")


def _said(prediction, name: str) -> str:
    if name in prediction.gains:
        return f"{prediction.gains[name]:+z.1f}".replace("-", "−")
    return SAID[prediction.directions[name]] if name in prediction.directions else ""
