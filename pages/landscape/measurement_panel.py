"""Measurement panel: landscape queries in the queue, followed by one polling fragment."""

import base64
import time

import streamlit as st

from edc_core import jobs
from edc_core.figures.landscape import preview
from edc_core.jobs.tasks.landscape import LandscapeTask, StudentQuery, landscape_task
from edc_core.runs.image_grids import png
from edc_core.runs.landscape_results import Landscape, found
from edc_core.runs.run_name import run_name
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import doing
from pages.landscape.run_picker import LandscapeRun
from pages.shared.access import READ_ONLY, current_person, is_hidden
from pages.shared.formatting import duration
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded
from pages.shared.stopped_message import HOW_ENDED, render_stopped, resume

CHART_CONFIG = {"displaylogo": False}  # of every chart here


def survey_of(
    lab: Lab, kept: list[LandscapeRun], question: dict, what: str
) -> tuple[LandscapeTask, dict[str, Landscape]]:
    """Survey of one query over these runs; missing results are offered or followed."""
    asked = landscape_task([one.prepared for one in kept], [question])
    known = stored_landscapes(lab, asked)
    render_measurement(lab, asked, what, known)
    return asked, known


def stored_landscapes(lab: Lab, asked: LandscapeTask) -> dict[str, Landscape]:
    """Complete results of a survey, by stage key."""
    keys = [node.key for part in asked.parts for node in part.nodes if node.stage == "landscape"]
    known = {key: found(lab.home, key) for key in keys if lab.store.stage_results.find(key)}
    return {key: landscape for key, landscape in known.items() if landscape}


def landscape_key(part: StudentQuery, kind: str) -> str | None:
    """Stage key of a run's landscape query of that kind."""
    return next((n.key for n in part.nodes if n.stage == "landscape" and n.settings.kind == kind), None)


def render_measurement(lab: Lab, asked: LandscapeTask, what: str, known: dict[str, Landscape]) -> None:
    """For missing results: the Measure button, the progress, or the error."""
    todo = [node for node in asked.pending(lab.store.stage_results) if node.stage == "landscape"]
    if not todo:
        return
    row = lab.store.find(asked.id)
    if row and row.state.is_alive:
        st.fragment(guarded(_watch), run_every=1)(asked, len(known))
        return
    if row and row.state in HOW_ENDED:
        _stuck(lab, row)
        return
    _ask(lab, asked, what, len(todo))


def _ask(lab: Lab, asked: LandscapeTask, what: str, count: int) -> None:
    names = [part.prepared.run for part in asked.parts for n in part.nodes if n.stage == "landscape"]
    missing = f"{count} of {len(names)}" if count < len(names) else str(count)
    again = [
        part for part in asked.parts
        if any(n.stage == "evaluate" and not lab.store.stage_results.find(n.key) for n in part.prepared.nodes)
    ]  # fmt: skip
    with st.container(border=True, key="landscape_ask"):
        left, right = st.columns([3.2, 1], vertical_alignment="center", gap="medium")
        said = f"**Not measured yet:** {missing} {what}."
        if seconds := expected_seconds(lab, asked):
            said += f" About {duration(seconds)} on this machine."
        if again:
            said += " A student whose weights are not in the store is trained again first."
        left.markdown(said)
        pressed = not is_hidden("launch") and right.button(
            "Measure",
            key="landscape_measure",
            type="primary",
            icon=":material/landscape:",
            width="stretch",
            disabled=jobs.read_only(),
            help=READ_ONLY if jobs.read_only() else None,
        )
        if pressed:
            jobs.submit_task(lab.store, asked, current_person())
            st.rerun()


def expected_seconds(lab: Lab, asked: LandscapeTask) -> float | None:
    """Seconds, from what such questions took here before; None where none was ever asked."""
    total = 0.0
    for part in asked.parts:
        for node in part.nodes:
            if node.stage != "landscape" or lab.store.stage_results.find(node.key):
                continue
            one = lab.store.measurement(node.settings.cost_name(node.student))
            if one is None:
                return None
            total += one * node.settings.work
    return total


def _watch(lab: Lab, asked: LandscapeTask, drawn: int) -> None:
    """One look; the page is drawn anew when an answer is whole or the work ends."""
    if trouble := jobs.supervise(lab.store):
        st.error(as_sentence(trouble), icon=":material/error:")
    row = lab.store.find(asked.id)
    if row is None or not row.state.is_alive or len(stored_landscapes(lab, asked)) != drawn:
        st.rerun()
    nodes = [node for part in asked.parts for node in part.nodes if node.stage == "landscape"]
    names = {node.key: _name(part) for part in asked.parts for node in part.nodes}
    progress = row.progress or {}
    with st.container(border=True, key="landscape_work"):
        left, right = st.columns([4, 1], vertical_alignment="center")
        with left:
            place = jobs.places(lab.store).get(row.id, 0)
            if row.state == RunState.QUEUED:
                st.markdown(f"Waiting: number {place} in the queue." if place > 1 else "Next in the queue.")
            else:
                _progress(progress, names, drawn, len(nodes))
        mine = jobs.may_stop(row, current_person())
        note = None if mine else f"{escape_markdown(row.nickname or 'Somebody')} asked for it."
        if not is_hidden("stop") and right.button(
            "Stop", key="landscape_stop", icon=":material/stop:", disabled=not mine, help=note, width="stretch"
        ):
            jobs.stop(lab.store, row.id, current_person())
            st.rerun(scope="fragment")
        _growing(lab, progress.get("key"), names)


def _progress(progress: dict, names: dict[str, str], drawn: int, count: int) -> None:
    stage = doing(progress.get("stage"), progress.get("note") or "starting up")
    about = names.get(progress.get("key"), "")
    done, total, unit = progress.get("done", 0), progress.get("total", 0), progress.get("unit", "")
    counted = f", {done:,} of {total:,} {unit}s" if total else f", {done:,} {unit}s" if unit else ""
    left = _left(progress)
    words = f"{about + ': ' if about else ''}{stage}{counted}{left}; {drawn} of {count} done"
    st.progress(min((drawn + (done / total if total else 0)) / max(count, 1), 1.0), words)


def _left(progress: dict) -> str:
    """How much longer this answer takes at its pace until now."""
    done, total = progress.get("done", 0), progress.get("total", 0)
    since, begun = progress.get("started"), progress.get("resumed_at", 0)
    if not (total and since and done - begun > 20):
        return ""
    return f", about {duration((time.time() - since) / (done - begun) * (total - done))} left"


def _growing(lab: Lab, key: str | None, names: dict[str, str]) -> None:
    """Preview of the surface so far; unknown points stay empty."""
    if key not in names:
        return
    grown = found(lab.home, key)
    if grown is None or grown.whole or len(grown.arrays["y"]) < 2:
        return
    picture, low, high = preview(grown.arrays)
    count, total = int(grown.arrays["done"].sum()), grown.arrays["done"].size
    side = picture.shape[1]
    data = base64.b64encode(png(picture)).decode()  # within the page: a file of its own would be gone when asked for
    with st.container(key="pixels-growing"):
        st.html(
            f'<img src="data:image/png;base64,{data}" width="{side * max(1, 330 // side)}"'
            f' alt="{count} of {total} points">'
        )
    st.caption(f"{names[key]}: {count:,} of {total:,} points; dark {low:.3g}, light {high:.3g} nats.")


def _stuck(lab: Lab, row: RunRecord) -> None:
    """Message for a stopped measurement, with Resume."""
    right = render_stopped(lab, row, "The measurement", "what is measured is kept.")
    mine = jobs.may_stop(row, current_person())
    note = None if mine else f"{escape_markdown(row.nickname or 'Somebody')} asked for it."
    shape = {"icon": ":material/play_arrow:", "disabled": not mine, "help": note, "width": "stretch"}
    if not is_hidden("launch") and right.button("Resume", key="landscape_resume", **shape) and resume(lab, row.id):
        st.rerun()


def _name(part: StudentQuery) -> str:
    config = part.prepared.config
    return f"{run_name(config.model_dump(mode='json'))}, IPC {config.ipc}"
