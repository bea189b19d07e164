"""Table of runs: filters, columns, ticked rows."""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from edc_core.figures.colours import colour_of
from edc_core.jobs import Person, classroom
from edc_core.runs.run_table import as_csv, matching, rows
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.gallery.run_picker import ADDRESS_BOUND, STATES
from pages.shared import page_address
from pages.shared.page_frame import Lab

MAX_ROWS_SHOWN = 8
STATE_COLOURS = {
    RunState.RUNNING: "#0072B2",
    RunState.QUEUED: "#56B4E9",
    RunState.FINISHED: "#009E73",
    RunState.FAILED: "#D55E00",
}
COLUMN_ORDER = ("name", "preset", "top1", "split", "state", "ipc", "seed", "protocol", "students", "seconds", "bytes")
LATER_COLUMNS = ("dataset", "origin", "owner", "created", "looks")


def select_filtered(runs: list[RunRecord], visitor: Person, called: Mapping[str, str]) -> list[RunRecord]:
    """Filters, bound to the address; returns the runs that pass. `called`: titles of data sets."""
    widths = [3, 2, 2, 2, 1.2] if classroom() else [3, 2, 2, 2]
    columns = st.columns(widths, vertical_alignment="bottom")
    hint = "name, student, protocol..."
    icon, hidden = ":material/search:", "collapsed"
    text = columns[0].text_input(
        "Search", key="runs_text", placeholder=hint, icon=icon, label_visibility=hidden, **ADDRESS_BOUND
    )
    presets = _several(columns[1], "Preset", "runs_preset", [run.preset for run in runs])
    datasets = _several(columns[2], "Data set", "runs_data", [called[run.dataset] for run in runs])
    states = _several(columns[3], "State", "runs_state", [STATES[run.state] for run in runs])
    mine = bool(classroom()) and columns[-1].toggle(
        "Mine", key="runs_mine", help="Only runs that you started.", **ADDRESS_BOUND
    )
    chosen = [address for address, title in called.items() if title in datasets]
    inside = [state for state, word in STATES.items() if word in states]
    return matching(runs, text, presets, chosen, inside, visitor.id if mine else None)


def _several(column, label: str, key: str, values: list[str]) -> list[str]:
    options = sorted(set(values), key=str.lower)
    return column.multiselect(label, options, key=key, placeholder=label, label_visibility="collapsed", **ADDRESS_BOUND)


def render_run_table(
    lab: Lab, runs: list[RunRecord], shown: list[RunRecord], called: Mapping[str, str]
) -> list[RunRecord]:
    """Draw the table; gives the ticked runs, hidden ones included, the first ticked first. `called` as of `filters`."""
    by_id = {run.id: run for run in runs}
    chosen = _chosen(by_id)
    found = rows(shown, lab.store.stage_results)
    found = [row | {"dataset": called[run.dataset]} for row, run in zip(found, shown, strict=True)]
    if not shown:
        st.info("No run passes these filters: widen or clear them.", icon=":material/filter_alt_off:")
        return [by_id[name] for name in chosen]
    order = [run.id for run in shown]
    ticked = [order.index(name) for name in chosen if name in order]
    # The grid keeps its ticks by position: another list of rows, or ticks set elsewhere, is another grid.
    mark = hashlib.sha256(" ".join(order).encode()).hexdigest()[:8]
    key = f"runs_table_{mark}_{st.session_state.get('runs_version', 0)}"
    st.dataframe(
        _frame(found),
        key=key,
        hide_index=True,
        height=min(len(found), MAX_ROWS_SHOWN) * 36 + 38,
        row_height=36,
        column_order=COLUMN_ORDER + tuple(name for name in LATER_COLUMNS if name != "owner" or classroom()),
        column_config=_columns(found),
        on_select=lambda: _ticked(key, order),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
        placeholder="",
    )
    _beneath(found, len(runs))
    return [by_id[name] for name in chosen]


def _beneath(found: list[dict], total: int) -> None:
    words, csv = st.columns([4, 1.2], vertical_alignment="center")
    part = f"{len(found)} of {total} runs" if len(found) < total else _counted(total, "run")
    words.caption(
        f"{part} · {_counted(sum(row['looks'] for row in found), 'look')} at the test set · tick one to open it,"
        " several to compare them",
        help="Each scoring on the test set is a look. Choices made by looking there flatter the result: make them on"
        " held-out training images (the split 'val').",
    )
    name, kind, icon = "runs.csv", "text/csv", ":material/download:"
    csv.download_button("Table as CSV", as_csv(found), name, kind, icon=icon, width="stretch", on_click="ignore")


def _chosen(by_id: dict[str, RunRecord]) -> list[str]:
    """What is looked at, as the address has it: several to compare, or one run."""
    before = st.session_state.get("runs_seen")
    chosen = [name for name in page_address.selected_runs() if name in by_id]
    ticked_here = st.session_state.pop("runs_ticked_here", False)
    if chosen != before and not ticked_here:
        st.session_state["runs_version"] = st.session_state.get("runs_version", 0) + 1
    st.session_state["runs_seen"] = chosen
    return chosen


def _ticked(key: str, order: list[str]) -> None:
    ticked = [order[row] for row in st.session_state[key]["selection"]["rows"]]
    before = st.session_state.get("runs_seen") or []
    hidden = [name for name in before if name not in order]
    page_address.set_selected_runs(
        [name for name in before if name in ticked or name in hidden] + [n for n in ticked if n not in before]
    )
    st.session_state["runs_ticked_here"] = True


def _frame(found: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(found)
    frame["preset"] = [[value] for value in frame["preset"]]
    frame["state"] = [[STATES[value]] for value in frame["state"]]
    frame["bytes"] = frame["bytes"] / 1024
    frame["created"] = [datetime.fromtimestamp(value) for value in frame["created"]]
    return frame


def _columns(found: list[dict]) -> dict:
    presets = sorted({row["preset"] for row in found})
    states = list(STATES.values())
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    chips = st.column_config.MultiselectColumn
    return {
        "name": text("Run", width=215, pinned=True),
        "preset": chips("Preset", options=presets, color=[colour_of(name) for name in presets], width=100),
        "top1": st.column_config.ProgressColumn(
            "Top-1",
            help="Accuracy in percent: of averaged weights where the run's settings say so, else of raw ones.",
            format="%.1f %%",
            min_value=0,
            max_value=100,
            width=160,
        ),
        "split": text("Scored on", help="test: the real test images; val: held-out training images.", width=85),
        "state": chips(
            "State",
            options=states,
            color=[STATE_COLOURS.get(state, "#8A8F98") for state in STATES],
            width=115,
        ),
        "ipc": number("IPC", help="Images per class.", width=55),
        "seed": number("Seed", width=60),
        "protocol": text("Protocol", help="How the images are judged: labels, augmentation, schedule.", width="small"),
        "students": text("Students", help="The networks trained on the images; x 3: three seeds of each."),
        "seconds": number(
            "Computing", help="Seconds of this run's own stages, whoever computed them.", format="%.0f s"
        ),
        "bytes": number("Images", help="Size of the condensed images, one byte a pixel and colour.", format="%.0f KiB"),
        "dataset": text("Data set"),
        "origin": text(
            "Origin", help="The app, the command line, a matrix (ablation), an import, or bundled with the project."
        ),
        "owner": text("Owner"),
        "created": st.column_config.DatetimeColumn("Created", format="D MMM YYYY, HH:mm"),
        "looks": number("Test looks", help="How often this run scored the test set.", width="small"),
    }


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def age_text(moment: float) -> str:
    """How long ago, in one unit."""
    seconds = max(time.time() - moment, 0)
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            return f"{_counted(int(seconds // size), unit)} ago"
    return "just now"
