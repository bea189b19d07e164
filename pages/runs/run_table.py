"""Table of runs: filters, columns, ticked rows."""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from edc_core.config.base import paths_of
from edc_core.config.run import RunConfig
from edc_core.figures.colours import colour_of
from edc_core.figures.run_colours import run_colour, swatch
from edc_core.jobs import Person, classroom
from edc_core.runs.compare import setting_columns
from edc_core.runs.run_name import preset_title
from edc_core.runs.run_table import as_csv, matching, rows
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.gallery.run_picker import ADDRESS_BOUND, STATES
from pages.shared import page_address
from pages.shared.charts import is_dark
from pages.shared.notebook_button import render_notebook_button
from pages.shared.page_frame import Lab

MAX_ROWS_SHOWN = 8
SETTINGS = tuple(path for path in paths_of(RunConfig) if "." in path)
STATE_COLOURS = {
    RunState.RUNNING: "#0072B2",
    RunState.QUEUED: "#56B4E9",
    RunState.FINISHED: "#009E73",
    RunState.FAILED: "#D55E00",
}
FIRST_COLUMNS = ("colour", "called", "ipc", "seed", "top1")  # then the settings that are asked for
COLUMN_ORDER = ("changed", "dataset", "split", "state", "protocol", "students", "seconds", "bytes")
LATER_COLUMNS = ("origin", "owner", "created", "looks")


def select_filtered(runs: list[RunRecord], visitor: Person, called: Mapping[str, str]) -> list[RunRecord]:
    """Filters, bound to the address; returns the runs that pass. `called`: titles of data sets."""
    widths = [3, 2, 2, 2, 1.2] if classroom() else [3, 2, 2, 2]
    columns = st.columns(widths, vertical_alignment="bottom")
    hint = "name, student, protocol..."
    icon, hidden = ":material/search:", "collapsed"
    text = columns[0].text_input(
        "Search", key="runs_text", placeholder=hint, icon=icon, label_visibility=hidden, **ADDRESS_BOUND
    )
    titles = _several(columns[1], "Preset", "runs_preset", [preset_title(run.preset) for run in runs])
    datasets = _several(columns[2], "Data set", "runs_data", [called[run.dataset] for run in runs])
    states = _several(columns[3], "State", "runs_state", [STATES[run.state] for run in runs])
    mine = bool(classroom()) and columns[-1].toggle(
        "Mine", key="runs_mine", help="Only runs that you started.", **ADDRESS_BOUND
    )
    chosen = [address for address, title in called.items() if title in datasets]
    presets = [run.preset for run in runs if preset_title(run.preset) in titles]
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
    table, beneath = st.container(), st.container()
    with beneath:
        more = _render_beneath(found, shown, len(runs))
    frame = _frame(found, shown, more)
    order = [run.id for run in shown]
    ticked = [order.index(name) for name in chosen if name in order]
    # The grid keeps its ticks by position: another list of rows, or ticks set elsewhere, is another grid.
    mark = hashlib.sha256(" ".join(order).encode()).hexdigest()[:8]
    key = f"runs_table_{mark}_{st.session_state.get('runs_version', 0)}"
    table.dataframe(
        frame,
        key=key,
        hide_index=True,
        height=min(len(found), MAX_ROWS_SHOWN) * 36 + 38,
        row_height=36,
        column_order=[*FIRST_COLUMNS, *more, *COLUMN_ORDER, *(n for n in LATER_COLUMNS if n != "owner" or classroom())],
        column_config=_columns(found),
        on_select=lambda: _ticked(key, order),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": ticked}},
        placeholder="",
    )
    return [by_id[name] for name in chosen]


def _render_beneath(found: list[dict], shown: list[RunRecord], total: int) -> list[str]:
    """How many runs these are, and the table as CSV; gives the columns that are asked for beside the table's own."""
    words, columns, csv, notebook = st.columns([2, 1.6, 1.25, 1.6], vertical_alignment="center")
    part = f"{len(found)} of {total} runs" if len(found) < total else _counted(total, "run")
    words.caption(
        f"{part} · test set used {_counted(sum(row['looks'] for row in found), 'time')} · select one to open it,"
        " several to compare them",
        help="Each scoring on the test set counts as one use. Choices made on the test set flatter the result:"
        " make them on held-out training images (the split 'val').",
    )
    name, kind, icon = "runs.csv", "text/csv", ":material/download:"
    more = columns.multiselect(
        "Columns",
        ["preset", *SETTINGS],
        key="runs_columns",
        placeholder="More columns: any setting",
        label_visibility="collapsed",
        help="Every setting can be a column.",
        **ADDRESS_BOUND,
    )
    csv.download_button(
        "Table as CSV",
        lambda: as_csv(found, setting_columns(shown)),
        name,
        kind,
        icon=icon,
        width="stretch",
        on_click="ignore",
        help="The table with every setting of each run.",
    )
    with notebook:
        render_notebook_button(
            lambda notebooks: notebooks.runs_notebook("Runs of EDC Lab", as_csv(found, setting_columns(shown))),
            "runs.ipynb",
            "runs_ipynb",
            "stretch",
        )
    return more


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


def _frame(found: list[dict], shown: list[RunRecord], more: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(found)
    frame["colour"] = [swatch(run_colour(run, is_dark())) for run in shown]
    if settings := [path for path in more if path in SETTINGS]:
        values = setting_columns(shown)
        frame = frame.assign(**{path: [one.get(path) for one in values] for path in settings})
    frame["preset"] = [[preset_title(value)] for value in frame["preset"]]
    frame["state"] = [[STATES[value]] for value in frame["state"]]
    frame["bytes"] = frame["bytes"] / 1024
    frame["created"] = [datetime.fromtimestamp(value) for value in frame["created"]]
    return frame


def _columns(found: list[dict]) -> dict:
    presets = dict(sorted((preset_title(row["preset"]), colour_of(row["preset"])) for row in found))
    states = list(STATES.values())
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    chips = st.column_config.MultiselectColumn
    return {
        "colour": st.column_config.ImageColumn("", help="The run's colour in every chart.", width=40, pinned=True),
        "called": text("Run", help="A run is named by what differs from its preset.", width=215, pinned=True),
        "changed": text(
            "Changed", help="Every setting that differs from the preset that the run is named by.", width=200
        ),
        "preset": chips(
            "Preset", options=sorted(presets), color=[presets[name] for name in sorted(presets)], width=100
        ),
        "top1": st.column_config.ProgressColumn(
            "Top-1",
            help="Accuracy in percent, with averaged weights where the run's settings say so, otherwise with raw ones.",
            format="%.1f %%",
            min_value=0,
            max_value=100,
            width=130,
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
        "bytes": number(
            "Images", help="Size of the condensed images, with one byte per pixel and colour.", format="%.0f KiB"
        ),
        "dataset": text("Data set"),
        "origin": text(
            "Origin", help="The app, the command line, a matrix (ablation), an import, or bundled with the project."
        ),
        "owner": text("Owner"),
        "created": st.column_config.DatetimeColumn("Created", format="D MMM YYYY, HH:mm"),
        "looks": number("Test uses", help="How often this run scored the test set.", width="small"),
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
