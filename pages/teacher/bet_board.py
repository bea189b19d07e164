"""Leaderboard of the class's sealed bets, matrix by matrix."""

from collections.abc import Sequence

import streamlit as st

from edc_core import jobs
from edc_core.ablation.bets import Bet, leaderboard, placed_bets
from edc_core.ablation.questions import measured_outcome
from edc_core.wording.grammar import plural
from pages.choices.bet_scores import score_line
from pages.choices.matrix_picker import Entry, list_entries, measured_rows
from pages.choices.matrix_results import is_whole
from pages.shared.help_texts import SCORE_HELP
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab


def render_bet_board(lab: Lab, members: Sequence[jobs.Member]) -> None:
    """The bets of one matrix: scored where it is measured, else who has bet."""
    placed = _placed(lab, {one.id for one in members})
    if not placed:
        st.info("Nobody of the class has bet yet: bets are sealed on the page Which choice?", icon=":material/lock:")
        return
    entries = {entry.name: entry for entry in list_entries(lab) if entry.name in placed}
    if not entries:
        st.info("The matrices that the class bet on were deleted; the export has the bets.", icon=":material/lock:")
        return
    name = st.selectbox(
        "Matrix", list(entries), format_func=lambda name: entries[name].title, key="teacher_matrix", width=420
    )
    _render_scores(lab, entries[name], placed[name])


def _placed(lab: Lab, people: set[str]) -> dict[str, list[Bet]]:
    """The class's bets by matrix, the matrix of the last bet first."""
    rows = lab.store.database.rows("SELECT ablation FROM bets GROUP BY ablation ORDER BY MAX(time) DESC")
    found = {
        row["ablation"]: [bet for bet in placed_bets(lab.store, row["ablation"]) if bet.person in people]
        for row in rows
    }
    return {name: bets for name, bets in found.items() if bets}


def _render_scores(lab: Lab, entry: Entry, placed: list[Bet]) -> None:
    rows = measured_rows(lab, entry)
    if not is_whole(entry, rows):
        who = ", ".join(bet.nickname for bet in placed)
        count = f"{len(placed)} sealed {plural(len(placed), 'bet')}"
        st.markdown(escape_markdown(f"{count}: {who}. They are scored when everything is measured."))
        return
    scored = leaderboard(placed, measured_outcome(entry.design, rows, entry.factors))
    lines = [score_line(place, bet, score, False) for place, (bet, score) in enumerate(scored, 1)]
    st.dataframe(lines, hide_index=True, key="teacher_bets")
    st.caption(SCORE_HELP)
