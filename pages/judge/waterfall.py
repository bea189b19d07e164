"""Waterfall of gains from random images with hard labels to EDC, every bar measured."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from edc_core.ablation import published_scores as ablations
from edc_core.ablation.effects import Effect
from edc_core.ablation.factors import WATERFALL
from edc_core.ablation.published_lookup import folder_stamp
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.ablation.waterfall import END, ORDER, TITLES, Waterfall, build_waterfall, command
from edc_core.data import describe
from edc_core.data.short_names import short_name
from edc_core.data.sources import EMBEDDED
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import EDCError
from edc_core.figures.ablation import waterfall
from edc_core.intervals import MIN_SEEDS, minimum_detectable_text
from edc_core.store import BUNDLED, StageResults
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise, plural
from pages.shared.charts import NO_MODE_BAR, ink, render_chart
from pages.shared.footing import render_footing
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab
from pages.shared.save_figure import Printed

USUAL = "usual"


def render_waterfall(lab: Lab, run: RunRecord | None) -> None:
    """The section, for the data set of the run that is looked at."""
    st.subheader("Where does the gain come from?", anchor="gain")
    dataset = run.dataset if run else next(iter(EMBEDDED))
    digest = run.manifest["dataset"]["digest"] if run else describe(dataset).digest
    ipc = run.ipc if run else 10
    stage_results = lab.home / "artefacts"
    changed = stage_results.stat().st_mtime_ns if stage_results.is_dir() else 0
    seen = (folder_stamp(ablations.PUBLISHED), str(ablations.PUBLISHED), changed)
    try:
        found = _measured(dataset, digest, ipc, seen, str(lab.home))
    except EDCError as error:
        st.caption(f":material/error: The waterfall cannot be laid out: {error}")
        return
    if found.whole:
        _show(found)
    else:
        _wait(found)


@st.cache_data(show_spinner=False, max_entries=20)
def _measured(dataset: str, digest: str, ipc: int, seen: tuple, home: str) -> Waterfall:
    return build_waterfall(
        ScoreLookup(StageResults(Path(home), (BUNDLED,)), (ablations.PUBLISHED,)), dataset, digest, ipc
    )


def _wait(found: Waterfall) -> None:
    """Hint for a waterfall that is not fully measured."""
    some = f"{found.measured} of {found.wanted} runs are measured" if found.measured else "it is not measured yet"
    st.info(
        f"From random images with hard labels and plain training to EDC, part by part: on"
        f" {escape_markdown(short_name(found.dataset))} at {found.ipc} {plural(found.ipc, 'image')} per class {some}."
        f" This command measures every combination of {len(WATERFALL)} parts, {found.design.seeds} seeds; it can"
        " be stopped and resumed:",
        icon=":material/waterfall_chart:",
    )
    st.code(command(found.dataset, found.ipc), language="bash", wrap_lines=True)


def _show(found: Waterfall) -> None:
    said = found.sentences()
    st.markdown(f"**{said[0]}** {' '.join(said[1:])}")
    chosen = st.selectbox(
        "Switched on in this order",
        [USUAL, *ORDER],
        format_func=lambda name: "the usual order" if name == USUAL else f"{TITLES[name]} as large as they can look",
        key="labels_gain_order",
        width=420,
        help="Each part's bar depends on what is switched on before it. The thin line is the range of its gain over"
        " all 120 orders.",
    )
    order = ORDER if chosen == USUAL else found.flattering(chosen)
    about = f"{short_name(found.dataset)} IPC {found.ipc}"
    caption = "Where the gain comes from, from random images with hard labels and plain training to EDC"
    printed = Printed(f"gain by part {about}", f"{caption}: {about}, {found.seeds} seeds.")
    render_chart(_figure(found, order), key="labels_gain", config=NO_MODE_BAR, printed=printed)
    if found.seeds < MIN_SEEDS:
        st.warning(few_seeds_note(found.seeds), icon=":material/info:")
    render_footing(*_footing(found))
    with st.expander("The figures", icon=":material/table:"):
        st.table(pd.DataFrame.from_dict(_table(found), orient="index"))


def few_seeds_note(seeds: int) -> str:
    """Note on too few seeds."""
    have = "1 seed has" if seeds == 1 else f"{seeds} seeds have"
    return f"Only {have} every cell: treat these figures as a hint."


def _figure(found: Waterfall, order: Sequence[str]) -> go.Figure:
    """The bars in this order, both ends named."""
    spans = {TITLES[name]: span for name, span in found.ranges().items()}
    rungs = [replace(step, name=TITLES.get(step.name, "random, hard labels, plain")) for step in found.steps(order)]
    figure = waterfall(rungs, spans, f"top-1 on {_scored(found)} (%)", ink())
    names = [*figure.layout.yaxis.ticktext[:-1], f"<b>{END}</b>"]
    return figure.update_yaxes(ticktext=names)


def _scored(found: Waterfall) -> str:
    return "held-out training images" if found.design.split == "val" else "test images"


def _footing(found: Waterfall) -> list[str]:
    """What the figures rest on: a line, then the method."""
    table = PROFILES.get(found.design.profile)
    profile = f" with the profile {table.name} ({table.summary})" if table else ""
    drawn = found.record["redrawn"] if found.record else "everything but the observers"
    runs = f"{found.wanted} runs" if found.measured == found.wanted else f"{found.measured} of {found.wanted} runs"
    over = "Only one seed has every cell."
    if found.seeds > 1:
        over = f"Mean over {found.seeds} seeds that have every cell, redrawing {drawn}; 95 % intervals paired by seed."
    gains = [Effect((step.name,), step.gain, {}) for step in found.steps() if step.gain]
    smallest = minimum_detectable_text(gains)
    detect = "The smallest true gain that this design would detect four times in five is"
    return [
        "Every bar is measured; the thin line is what a part brings over all 120 orders.",
        f"{runs}{profile} on {escape_markdown(short_name(found.dataset))}, {found.ipc} images per class, top-1 of"
        f" {found.student} on {_scored(found)}. {over}",
        "On this data set EDC starts from random real images, so the initial images have no bar of their own.",
        f"{detect} {smallest} points." if smallest else "",
    ]


def _table(found: Waterfall) -> dict[str, dict[str, str]]:
    """A row a part: its step in the usual order, averaged over orders, and its range."""
    gains = {step.name: step.gain for step in found.steps() if step.gain}
    shares = {share.names[0]: share.estimate for share in found.shares()}
    return {
        capitalise(TITLES[name]): {
            "in the usual order (points)": _signs(gains[name].text()),
            "averaged over all orders": _signs(shares[name].text()),
            "least, most over orders": _signs(f"{span.low:.1f}, {span.high:.1f}"),
        }
        for name, span in found.ranges().items()
    }


def _signs(text: str) -> str:
    return text.replace("-", "−")
