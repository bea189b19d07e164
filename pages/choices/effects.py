"""Views of a factorial: main effects, shares of the total gain, interactions."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from edc_core.ablation.choice_verdicts import choice_effects, verdict
from edc_core.ablation.effects import Effect, gain, interactions, main_effects, shapley
from edc_core.ablation.full_factorial import complete_cells
from edc_core.errors import EDCError
from edc_core.intervals import MeasuredEffect
from edc_core.wording.grammar import capitalise, count_word
from pages.choices.chart import render_matrix_chart
from pages.shared import navigation as router
from pages.shared.footing import render_footing

UNBALANCED = "Effects need a balanced set of cells: they appear as soon as all combinations have a seed in common."


def render_main_effects(shown) -> list[MeasuredEffect]:
    """Main effects, and beside them each choice's share of the gain."""
    every = main_effects(shown.cells, shown.factors)
    if not every:
        st.info(UNBALANCED, icon=":material/hourglass_top:")
        return []
    found = [effect for effect in every if not effect.is_nil]
    st.markdown(_sentence(shown, found, [effect for effect in every if effect.is_nil]))
    _verdicts(shown)
    titles = shown.titles
    if shown.full:
        shares = shapley(shown.cells, shown.factors)
        render_matrix_chart(
            "choices_shares",
            lambda figures, ink: figures.shares(shares, found, titles, ink),
            shown,
            "gain of each choice",
            "Gain of each design choice in points of top-1: its share over all orders of switching on (Shapley), and"
            " its main effect, the mean with it minus the mean without it.",
        )
        render_footing(
            "Points of top-1; in colour where the 95 % interval excludes zero.",
            "Main effect (diamond): the mean with the choice minus the mean without it, over all combinations of the"
            " others. The sentences above are about main effects.",
            "Share (dot): the choice's gain averaged over every order of switching on (Shapley). Shares add up to the"
            " total gain and may be negative.",
        )
    else:
        shares = []
        render_matrix_chart(
            "choices_mains",
            lambda figures, ink: figures.effects(found, titles, ink),
            shown,
            "main effect of each choice",
            "Main effect of each design choice: mean top-1 with it minus mean without it, in points.",
        )
    with st.expander("The figures", icon=":material/table:"):
        _table(titles, found, shares)
    if shown.entry.design.kind in ("factorial", "fractional"):
        st.caption(
            ":material/label: The teacher's soft labels are not among the eight choices: every cell has them. How much"
            " of the gain is theirs is measured on the page *Images or labels?*"
        )
        router.page_link("labels", "Images or labels?", ":material/balance:")
    return list(found)


def _sentence(shown, found: list[Effect], idle: list[Effect]) -> str:
    """The whole gain, and which choices help, harm, cannot be told from zero, or switch nothing here."""
    words = []
    try:
        whole = gain(complete_cells(shown.cells, shown.factors) if shown.full else shown.cells, shown.factors)
        words.append(f"**From no choice to all {count_word(len(shown.factors))}: {whole.text()}.**")
    except EDCError:
        pass
    for sign, verb in ((1, "raise"), (-1, "lower")):
        clear = [effect for effect in found if effect.estimate.excludes_zero and effect.estimate.mean * sign > 0]
        clear.sort(key=lambda effect: -abs(effect.estimate.mean))
        if clear:
            words.append(_on_average([(shown.titles[one.names[0]], one) for one in clear], verb))
    unclear = [shown.titles[effect.names[0]] for effect in found if not effect.estimate.excludes_zero]
    if unclear:
        words.append(f"No measurable effect here: {', '.join(unclear)}.")
    if idle:
        listed = ", ".join(shown.titles[effect.names[0]] for effect in idle)
        words.append(f"These are the same on and off in these settings, so they were not compared: {listed}.")
    return " ".join(words)


def _on_average(clear: Sequence[tuple[str, Effect]], verb: str) -> str:
    """ "EMA-based evaluation lowers accuracy by 1.3 points, averaged over all other settings." """
    if len(clear) == 1:
        title, one = clear[0]
        size = f"{abs(one.estimate.mean):.1f}"
        return f"{capitalise(title)} {verb}s accuracy by {size} points, averaged over all other settings."
    listed = ", ".join(f"{title} ({_points(one)})" for title, one in clear)
    return f"{capitalise(listed)} {verb} accuracy, averaged over all other settings."


def _verdicts(shown) -> None:
    """Where leaving a choice out of EDC tells another thing than the average: the verdict, as Recipe says it."""
    for name, one in choice_effects(shown.cells, shown.factors).items():
        if one.disagree:
            st.markdown(f"**{capitalise(shown.titles[name])}.** {verdict(one, shown.titles)}")


def _points(effect: Effect) -> str:
    return f"{effect.estimate.mean:+z.1f}".replace("-", "−")


def render_interactions(shown) -> list[MeasuredEffect]:
    """Interactions of pairs of choices."""
    found = [one for one in interactions(shown.cells, shown.factors) if not one.is_nil]
    if not found:
        why = (
            UNBALANCED
            if shown.entry.design.kind != "fractional"
            else ("A fraction cannot separate pairs of choices: build the full factorial for that.")
        )
        st.info(why, icon=":material/hourglass_top:")
        return []
    clear = sorted((one for one in found if one.estimate.excludes_zero), key=lambda one: -abs(one.estimate.mean))
    listed = "; ".join(f"{' and '.join(shown.titles[name] for name in one.names)} {one.text()}" for one in clear[:3])
    st.markdown(
        f"{len(clear)} of {len(found)} pairs do more or less together than apart"
        + (f"; most of all {listed}." if listed else ".")
    )
    render_matrix_chart(
        "choices_pairs",
        lambda figures, ink: figures.interactions(found, shown.titles, ink),
        shown,
        "interactions of choices",
        "Interaction of each pair of design choices: half the difference between one choice's effect with the other on"
        " and with it off, in points of top-1.",
    )
    render_footing(
        "Above zero two choices help each other; below zero they do the same work twice (points).",
        "Shown is half the difference between one choice's effect with the other on and with it off.",
    )
    return list(found)


def _table(titles: dict[str, str], found: list[Effect], shares: list[Effect]) -> None:
    by_name = {share.names[0]: share for share in shares}
    rows = {
        titles[effect.names[0]]: {"main effect": effect.text()}
        | ({"share of the gain": by_name[effect.names[0]].text()} if shares else {})
        for effect in found
    }
    st.table(pd.DataFrame.from_dict(rows, orient="index"))
