"""Queue panel: running and queued runs, polled while any is alive."""

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.performance.queue_wait import queue_wait
from edc_core.runs.run_table import title_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.stage_text import doing
from pages.shared.access import is_hidden
from pages.shared.formatting import in_line
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded

MAX_SHOWN = 5


def render_queue(lab: Lab, visitor: jobs.Person) -> None:
    """Render the panel; reruns the page when a run starts or ends."""
    states = {run.id: run.state for run in lab.store.alive()}
    if states:
        st.fragment(guarded(_panel), run_every=1.5)(states, visitor)


def _panel(lab: Lab, before: dict[str, str], visitor: jobs.Person) -> None:
    if trouble := jobs.supervise(lab.store):
        st.error(as_sentence(trouble), icon=":material/error:")
    alive = lab.store.alive()
    if {run.id: run.state for run in alive} != before:
        st.rerun()
    places = jobs.places(lab.store)
    alive.sort(key=lambda run: places.get(run.id, len(places)))
    with st.container(border=True):
        for run in alive[:MAX_SHOWN]:
            _line(lab, run, places.get(run.id), visitor)
        if len(alive) > MAX_SHOWN:
            st.caption(f"and {len(alive) - MAX_SHOWN} more waiting")


def _line(lab: Lab, run: RunRecord, place: int | None, visitor: jobs.Person) -> None:
    words, bar, stop = st.columns([4, 5, 1.3], vertical_alignment="center")
    served = f" for {escape_markdown(run.nickname)}" if run.nickname else ""
    words.markdown(f"**{escape_markdown(title_of(run))}**{served}")
    if run.state == RunState.QUEUED:
        bar.markdown(in_line(queue_wait(lab.store, run.id)) if place else "waiting")
    elif run.state is RunState.NOT_ANSWERING:
        bar.markdown("not answering")
    else:
        bar.progress(*_progress(run.progress or {}))
    if is_hidden("stop"):
        return
    allowed = jobs.may_stop(run, visitor)
    pressed = stop.button(
        "Stop",
        key=f"runs_stop_{run.id}",
        icon=":material/stop:",
        disabled=not allowed,
        help="What is finished is kept; Resume goes on from there." if allowed else owner_text(run),
        width="stretch",
    )
    if pressed:
        try:
            st.toast(f"{escape_markdown(title_of(run))}: {jobs.stop(lab.store, run.id, visitor)}")
        except EDCError as error:
            st.toast(escape_markdown(str(error)), icon=":material/error:")


def _progress(progress: dict) -> tuple[float, str]:
    stage = doing(progress.get("stage"), progress.get("note") or "starting")
    name = f" {progress['name']}" if progress.get("name") and progress.get("stage") in ("squeeze", "statistics") else ""
    done, total = progress.get("done", 0), progress.get("total", 0)
    if not total:
        return 0.0, f"{stage}{name}"
    return min(done / total, 1.0), f"{stage}{name}: {progress.get('unit', 'step')} {done:,} of {total:,}"


def owner_text(run: RunRecord) -> str:
    """Reason why this visitor cannot change a run."""
    if jobs.read_only():
        return "Read-only lab: nothing can be changed here."
    if run.bundled:
        return "This run comes with the project: it cannot be changed or deleted."
    return f"This run is {escape_markdown(run.nickname)}'s." if run.nickname else "This run is not yours."
