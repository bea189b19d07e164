"""Prediction ledger: bets sealed before the results are revealed, and their scores afterwards.

    if ledger(lab, ablation, design, rows, factors, finished, bundled):
        ...  # results may be shown to this session

For a researcher the sealed bet is a pre-registration, for a class a game. Of a bundled ablation the results
are there already: in a class, by a link with `?bet=first`, or where somebody wants to guess, they stay hidden
from the session until it has bet or asks for them.
"""

from collections.abc import Sequence

import streamlit as st

from edc_core import jobs
from edc_core.ablation import Design, Factor
from edc_core.ablation.bets import Bet, leaderboard, place_bet, placed_bets
from edc_core.ablation.questions import about, measured_outcome, questions
from edc_core.ablation.results import Row
from edc_core.errors import EDCError
from pages.choices import bet_form as choices_slip
from pages.choices.bet_scores import render_scores
from pages.shared import access
from pages.shared.markdown_escape import as_sentence
from pages.shared.page_frame import Lab

SHOWN, MINE, GAME = "_bets_shown", "_bets_mine", "_bets_game"
OPEN_GAME = "These results already exist, so this bet is just for fun."
SEALED = (
    "Bets are open until the first result is in. A bet is sealed with its time and the design; nobody can change"
    " it afterwards, and others see it only when everything is measured."
)


def render_ledger(
    lab: Lab,
    ablation: str,
    design: Design,
    rows: Sequence[Row],
    factors: Sequence[Factor],
    finished: bool,
    bundled: bool = False,
) -> bool:
    """Render the ledger; returns whether this session may see the results. `rows`: the measured ones."""
    placed = placed_bets(lab.store, ablation)
    mine = _mine(ablation, placed)
    hidden = bundled and not mine and _playing(ablation)
    with st.container(border=True, key="choices_ledger"):
        st.subheader("Prediction ledger", anchor=False)
        if hidden or (not rows and not mine and not finished):
            _ask(lab, ablation, design, len(rows), bundled)
        if hidden:
            st.button("Show me the results", key="bets_show", on_click=_reveal, args=(ablation,))
        elif finished and placed:
            render_scores(
                design, about(design, rows), leaderboard(placed, measured_outcome(design, rows, factors)), mine, factors
            )
        elif not bundled:
            _wait(placed, mine, len(rows))
        if bundled and not hidden and not mine:
            _offer(ablation)
        for bet in [mine] if mine and not hidden else []:
            _keep(bet)
    return not hidden


# Who plays -----------------------------------------------------------------------------------


def _person(nickname: str) -> str:
    """Identity of the bettor: the person in a class, else the nickname on this machine."""
    return access.current_person().id or f"here:{' '.join(nickname.split()).casefold()}"


def _mine(ablation: str, placed: Sequence[Bet]) -> Bet | None:
    """This visitor's bet; without a class, the one that this session placed."""
    own = access.current_person().id or st.session_state.get(MINE, {}).get(ablation)
    return next((bet for bet in placed if bet.person == own), None)


def _playing(ablation: str) -> bool:
    """Whether results are hidden from this session until it has bet."""
    if ablation in st.session_state.get(SHOWN, ()):
        return False
    wanted = st.query_params.get("bet") == "first" or ablation in st.session_state.get(GAME, ())
    return wanted or (jobs.classroom() is not None and not access.current_person().teacher)


def _reveal(ablation: str) -> None:
    st.session_state[SHOWN] = {*st.session_state.get(SHOWN, ()), ablation}


def _play(ablation: str) -> None:
    st.session_state[GAME] = {*st.session_state.get(GAME, ()), ablation}
    st.session_state[SHOWN] = set(st.session_state.get(SHOWN, ())) - {ablation}


# What is drawn -------------------------------------------------------------------------------


def _ask(lab: Lab, ablation: str, design: Design, results: int, bundled: bool) -> None:
    """The betting slip, and what becomes of it."""
    st.caption(OPEN_GAME if bundled else SEALED)
    if jobs.read_only():
        st.caption("Read-only lab: nobody can bet here.")
        return
    filled = choices_slip.render_bet_form(ablation, questions(design), access.current_person().nickname)
    if filled is None:
        return
    nickname, prediction = filled
    try:
        person = _person(nickname)
        place_bet(
            lab.store,
            ablation,
            person,
            nickname,
            prediction,
            design=design,
            results=results,
            open_lab=bundled,
        )
    except EDCError as error:
        st.error(as_sentence(str(error)), icon=":material/error:")
        return
    st.session_state[MINE] = st.session_state.get(MINE, {}) | {ablation: person}
    st.rerun()


def _offer(ablation: str) -> None:
    """Offer to hide bundled results, which are shown by default, until a bet is placed."""
    text, button = st.columns([4, 1], vertical_alignment="center")
    text.caption("Which choice matters most? Say it before you look: results are hidden until your bet is sealed.")
    button.button("Guess first", key="bets_guess", on_click=_play, args=(ablation,), width="stretch")


def _wait(placed: Sequence[Bet], mine: Bet | None, results: int) -> None:
    """Bets that wait for scores: names only, not predictions."""
    count = f"{len(placed)} sealed bet{'' if len(placed) == 1 else 's'}"
    if results and not placed:
        st.caption("Nobody bet on this ablation before its first result; its bets are closed.")
        return
    state = "Bets are closed; they are scored when everything is measured." if results else "Bets are open."
    if placed:
        st.text(f"{count}: {', '.join(bet.nickname for bet in placed)}. {state}")
    if mine and not results and not access.current_person().id:
        st.button("Another player at this machine", key="bets_another", on_click=_leave, args=(mine.ablation,))


def _leave(ablation: str) -> None:
    st.session_state[MINE] = {key: person for key, person in st.session_state[MINE].items() if key != ablation}


def _keep(bet: Bet) -> None:
    """Download of the visitor's own bet."""
    text, button = st.columns([4, 1], vertical_alignment="center")
    note = "" if bet.intact else " It no longer fits: the bet in the store was changed."
    text.caption(f"Your bet's seal: `{bet.seal}`. Kept elsewhere, it proves that the bet is as it was.{note}")
    button.download_button(
        "Download", bet.file(), f"bet-{bet.seal[:12]}.json", "application/json", key="bets_file", width="stretch"
    )
