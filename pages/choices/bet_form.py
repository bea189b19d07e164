"""Form of a bet: a ranking of the choices, or each one's sign and gain in points."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from edc_core.ablation.bet_seals import MAX_POINTS
from edc_core.ablation.questions import Question

RANK, POINTS = "Put them in order", "Say how much each brings"
WORDS = {"helps": 1, "no difference": 0, "hurts": -1}


def render_bet_form(ablation: str, asked: Sequence[Question], nickname: str) -> tuple[str, dict[str, Any]] | None:
    """Render the form; once submitted, the nickname and the prediction's plain values."""
    how = st.segmented_control(
        "How do you bet?", [RANK, POINTS], default=RANK, required=True, key=f"bets_how_{ablation}"
    )
    with st.form(f"bets_form_{ablation}", border=False):
        if not nickname:
            nickname = st.text_input("Nickname", max_chars=24, key=f"bets_name_{ablation}", width=320)
        prediction = _ranked(ablation, asked) if how == RANK else _pointed(ablation, asked)
        handed = st.form_submit_button("Seal this bet", type="primary", icon=":material/lock:")
    return (nickname, prediction) if handed else None


def _ranked(ablation: str, asked: Sequence[Question]) -> dict[str, Any]:
    titles = {question.name: question.title for question in asked}
    chosen = st.multiselect(
        "Start with the one that brings most",
        list(titles),
        format_func=titles.get,
        key=f"bets_rank_{ablation}",
        placeholder="Choose the strongest first",
        help="Those that you leave out count as equal, below the ones that you name."
        + (f" {asked[0].text}" if len({question.text for question in asked}) == 1 else ""),
    )
    return {"ranking": chosen}


def _pointed(ablation: str, asked: Sequence[Question]) -> dict[str, Any]:
    """One row per question; empty fields are not bet on."""
    signs, gains = {}, {}
    for question in asked:
        name, way, points = st.columns([3, 3, 2], vertical_alignment="center")
        name.markdown(question.title, help=question.text)
        place = f"{ablation}_{question.name}"
        said = way.segmented_control(
            question.title, list(WORDS), key=f"bets_sign_{place}", label_visibility="collapsed", width="stretch"
        )
        size = points.number_input(
            f"Points of top-1 for {question.title}",
            0.0,
            MAX_POINTS,
            None,
            0.5,
            key=f"bets_gain_{place}",
            placeholder="points",
            label_visibility="collapsed",
        )
        if said is not None:
            signs[question.name] = WORDS[said]
        if size is not None:
            gains[question.name] = size * (WORDS[said] if said is not None else 1)
    return {"signs": signs, "gains": gains}
