"""Who is here, with what they run and their best run: a fragment that asks the store every few seconds."""

import time

import pandas as pd
import streamlit as st

from edc_core import jobs
from edc_core.runs.run_table import title_of, top1_of
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import plural
from edc_core.wording.stage_text import doing
from pages.shared.access import current_person
from pages.shared.page_frame import Lab, guarded

SECONDS = 3.0  # between two looks
MAX_ROWS = 14


def render_people(lab: Lab) -> None:
    """The table of people, refreshed by itself."""
    st.fragment(guarded(_panel), run_every=SECONDS)()


def _panel(lab: Lab) -> None:
    overview = jobs.class_overview(lab.store, current_person())
    students = overview.students
    if not students:
        st.info(
            "Nobody has joined yet. Students open the address, type the code and a nickname, and appear here.",
            icon=":material/group:",
        )
        return
    st.markdown(f"**{_count(students)}**")
    st.dataframe(
        pd.DataFrame([_row(one) for one in students]),
        hide_index=True,
        height=min(len(students), MAX_ROWS) * 36 + 38,
        row_height=36,
        column_config=_columns(),
        placeholder="",
        key="teacher_people",
    )


def _count(students: list[jobs.Member]) -> str:
    active = sum(one.is_active for one in students)
    asked = {run.id: run for one in students for run in one.asked}.values()
    working = sum(run.state.is_at_work for run in asked)
    parts = [f"{len(students)} {plural(len(students), 'student')} joined", f"{active} active in the last 5 minutes"]
    return " · ".join([*parts, f"{working} running, {len(asked) - working} waiting" if asked else "nothing running"])


def _row(one: jobs.Member) -> dict:
    best = one.best
    return {
        "nickname": one.nickname,
        "now": "; ".join(map(_now, one.asked)),
        "best": top1_of(best) if best else None,
        "with": title_of(best) if best else "",
        "runs": len(one.launched),
        "seen": _ago(one.seen),
    }


def _now(run: RunRecord) -> str:
    if not run.state.is_at_work:
        return f"waiting: {title_of(run)}"
    progress = run.progress
    share = f" {100 * progress['done'] / progress['total']:.0f} %" if progress.get("total") else ""
    return f"{title_of(run)}: {doing(progress.get('stage'), progress.get('note') or 'starting')}{share}"


def _ago(moment: float) -> str:
    seconds = max(time.time() - moment, 0.0)
    if seconds < 60:
        return "now"
    return f"{seconds // 60:.0f} min ago" if seconds < 3600 else f"{seconds // 3600:.0f} h ago"


def _columns() -> dict:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "nickname": text("Nickname", width=130, pinned=True),
        "now": text("Running or waiting", width=330),
        "best": number("Best top-1", format="%.1f %%", width=95, help="The highest accuracy of their finished runs."),
        "with": text("With", width=260),
        "runs": number("Runs", width=60),
        "seen": text("Active", width=100, help="When they last opened or used a page."),
    }
