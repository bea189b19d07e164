"""Views of a ladder, of single differences, of the waterfall, and of accuracy against cost."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from edc_core.ablation.contrasts import Contrast, contrasts
from edc_core.ablation.contrasts import ladder as climbed
from edc_core.ablation.effects import Effect, gain, gain_ranges, stepwise_gains
from edc_core.ablation.full_factorial import complete_cells
from edc_core.ablation.matrix import Matrix
from edc_core.ablation.order_effects import Step
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.design_space.presets import PRESETS
from edc_core.intervals import MeasuredEffect
from edc_core.store import BUNDLED, StageResults
from edc_core.wording.grammar import capitalise
from pages.choices.chart import axis_title, render_matrix_chart
from pages.choices.matrix_picker import store_version
from pages.shared.footing import render_footing


def render_ladder(shown) -> list[MeasuredEffect]:
    """Rungs with their intervals and paired gains, the paper's apart; other presets by their distance from the last."""
    found = contrasts(shown.entry.design, shown.rows)
    every = climbed(shown.entry.design, shown.rows, found)
    rungs = [rung for rung in every if PRESETS[rung.name].kind == "ladder"] or every
    names = [rung.name for rung in rungs]
    if len(rungs) > 1:
        whole = next((one for one in found if (one.name, one.against) == (names[-1], names[0])), None)
        st.markdown(f"**{names[0]} to {names[-1]}: {whole.text()}.** {_steps_said(rungs)}" if whole else "")
    where = axis_title(shown.entry.design)
    if set(names) <= set("ABCDEFG") and len(names) > 1:
        from edc_core.design_space.paper_tables import rungs as printed

        render_matrix_chart(
            "choices_ladder",
            lambda figures, ink: figures.paper_beside(rungs, printed(), where, ink, shown.bounds),
            shown,
            "ladder beside the paper",
            f"Mean {where} of each rung, measured here (left) and as printed by Shao et al. (2024) under another"
            " protocol (right).",
        )
        render_footing(
            "The paper's own rungs are on the right: compare the shape, not the height.",
            "The paper used another data set, other networks and its own protocol (the best epoch on the test set, one"
            " figure, no interval). There, E and G each change two things at once.",
        )
    else:
        render_matrix_chart(
            "choices_ladder",
            lambda figures, ink: figures.ladder(rungs, where, ink, shown.bounds),
            shown,
            "ladder",
            f"Mean {where} of each preset, with its gain over the one before.",
        )
    if others := [one for one in found if one.name not in names]:
        last = _named(names[-1])
        st.markdown(f"**Other methods, compared with {last}**")
        render_matrix_chart(
            "choices_others",
            lambda figures, ink: figures.contrasts(others, ink),
            shown,
            f"presets minus {last}",
            f"Difference of each preset from {last} in points of top-1, paired by seed.",
        )
    _table(found)
    return [one for one in found if not one.is_nil]


def _named(preset: str) -> str:
    """EDC by its name beside other methods, where its letter says little."""
    return "EDC" if preset == "G" else preset


def _steps_said(rungs: Sequence[Step]) -> str:
    """Which rungs climb, fall, or cannot be told from the one before."""
    climbs = [rung.name for rung in rungs if rung.gain and rung.gain.excludes_zero and rung.gain.mean > 0]
    falls = [rung.name for rung in rungs if rung.gain and rung.gain.excludes_zero and rung.gain.mean < 0]
    unclear = [rung.name for rung in rungs if rung.gain and not rung.gain.excludes_zero]
    parts = [
        f"{', '.join(names)} {words}"
        for names, words in (
            (climbs, "are above the rung before" if len(climbs) > 1 else "is above the rung before"),
            (falls, "below it" if climbs else "fall below the rung before"),
            (unclear, "cannot be told from it" if climbs or falls else "cannot be told from the rung before"),
        )
        if names
    ]
    return f"{'; '.join(parts)}." if parts else ""


def render_differences(shown) -> list[MeasuredEffect]:
    """Single differences, paired by seed, each with its question."""
    found = contrasts(shown.entry.design, shown.rows)
    if not found:
        st.info("No two cells have a seed in common yet.", icon=":material/hourglass_top:")
        return []
    render_matrix_chart(
        "choices_contrasts",
        lambda figures, ink: figures.contrasts(found, ink),
        shown,
        f"differences {shown.entry.design.kind}",
        "Differences in points of top-1, the first minus the second, paired by seed.",
    )
    _table(found, opened=shown.entry.design.kind == "confounds")
    return [one for one in found if not one.is_nil]


def render_waterfall(shown) -> list[MeasuredEffect]:
    """Each part's bar in the usual order, with its range over all orders."""
    if not shown.full:
        st.info("The waterfall appears once every combination is measured.", icon=":material/hourglass_top:")
        return []
    titles, cells = shown.titles, complete_cells(shown.cells, shown.factors)
    rungs = stepwise_gains(cells, tuple(titles))
    spans = {titles[name]: span for name, span in gain_ranges(cells, shown.factors).items()}
    named = [replace(step, name=titles.get(step.name, step.name)) for step in rungs]
    st.markdown(f"**From random images, hard labels, plain training to EDC: {gain(cells, shown.factors).text()}.**")
    where = axis_title(shown.entry.design)
    render_matrix_chart(
        "choices_waterfall",
        lambda figures, ink: figures.waterfall(named, spans, where, ink, shown.bounds),
        shown,
        "waterfall",
        f"Where the gain comes from: each bar is what its part adds to {where} in this order; the thin line is the"
        " range over all orders.",
    )
    st.caption("The thin line is the range of a part's gain over all orders of switching on.")
    return [Effect((step.name,), step.gain, {}) for step in rungs if step.gain]


def render_cost(shown) -> list[MeasuredEffect]:
    """Accuracy against the set's bytes or seconds."""
    x = st.segmented_control("Against", ["bytes", "seconds"], default="bytes", required=True, key="choices_cost")
    keys = {(row.run, row.student) for row in shown.every}
    tidy = _tidy(shown.entry.design.model_dump_json(), store_version(shown.lab), shown.entry.matrix)
    rows = [row for row in tidy if (row["run"], row["student"]) in keys]
    where = axis_title(shown.entry.design)
    render_matrix_chart(
        "choices_pareto",
        lambda figures, ink: figures.pareto(rows, x, where, ink, shown.bounds),
        shown,
        f"accuracy against {x}",
        f"{capitalise(where)} against {x}.",
    )
    render_footing(
        "Accuracy against what the set costs.",
        "Bytes count eight-bit images and the soft labels of all views in half precision. Seconds are those of making"
        " the images, on the machine that computed them, without the observers.",
    )
    return []


@st.cache_resource(show_spinner="Adding up bytes and seconds ...", max_entries=20)
def _tidy(design: str, seen: tuple, _matrix: Matrix) -> list[dict[str, Any]]:
    from edc_core.ablation.tidy_table import table

    return table(_matrix, ScoreLookup(StageResults(Path(seen[2]), (BUNDLED,)), (Path(seen[1]),)))


def _table(found: Sequence[Contrast], opened: bool = False) -> None:
    rows = [
        {"question": one.question, "difference": one.text(), "compared": f"{one.name} minus {one.against}"}
        for one in found
    ]
    with st.expander("The figures", icon=":material/table:", expanded=opened):
        st.table(pd.DataFrame(rows, columns=["question", "difference", "compared"]).set_index("question"))
