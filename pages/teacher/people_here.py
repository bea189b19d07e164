"""Who is here, with what they run and their best run."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from edc_core import jobs
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import plural
from edc_core.wording.stage_text import doing

MAX_ROWS = 14


def count_text(students: Sequence[jobs.Member]) -> str:
    """How many joined, are active, run and wait."""
    active = sum(one.is_active for one in students)
    asked = {run.id: run for one in students for run in one.asked}.values()
    working = sum(run.state.is_at_work for run in asked)
    people = plural(len(students), "person", "people")
    busy = f"{working} running, {len(asked) - working} waiting" if asked else "nothing running"
    return f"{len(students)} {people} joined · {active} active in the last 5 minutes · {busy}"


def render_people(overview: jobs.ClassOverview) -> None:
    """A row for each student."""
    render_table([_row(one) for one in overview.students], _columns(), "teacher_people")


def render_table(rows: Sequence[dict], columns: dict, key: str) -> None:
    """A table that is as high as its rows need, within bounds."""
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=min(len(rows), MAX_ROWS) * 36 + 38,
        row_height=36,
        column_config=columns,
        placeholder="",
        key=key,
    )


def _row(one: jobs.Member) -> dict:
    return {
        "nickname": one.nickname,
        "now": "; ".join(map(_now, one.asked)),
        "best": one.best_top1,
        "with": title_of(one.best) if one.best else "",
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
        "now": text("Running or waiting", width=300),
        "best": number("Best top-1", format="%.1f %%", width=95, help="The highest accuracy of their finished runs."),
        "with": text("With", width=230),
        "runs": number("Runs", width=55),
        "seen": text("Active", width=90, help="When they last opened or used a page."),
    }
