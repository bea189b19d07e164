"""Check panel of a data set: button, progress, and findings by severity."""

import re

import streamlit as st

from edc_core import jobs
from edc_core.data import EMBEDDED, Description
from edc_core.doctor import Finding, Report
from edc_core.errors import EDCError
from edc_core.jobs.datasets import Listed
from edc_core.jobs.tasks.check import CheckTask, check_id, stored_report
from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import capitalise, plural
from pages.recipe.recipe_address import described_now
from pages.shared import access
from pages.shared import navigation as router
from pages.shared.help_texts import CHECK_HELP
from pages.shared.log_popover import render_log
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import Lab, guarded, open_lab

REFUSED = "data.check_refused"
ENDED = {RunState.FAILED: "failed", RunState.INTERRUPTED: "was interrupted", RunState.CANCELLED: "was stopped"}
SEVERITY_BOXES = {"fatal": (st.error, ":material/block:"), "warning": (st.warning, ":material/warning:")}


def render_check(here: Lab, listed: Listed, about: Description) -> Report | None:
    """Render the check panel; returns the stored report, if any."""
    row, report = here.store.find(check_id(about)), stored_report(here.store, about)
    with st.container(border=True, key="data_check"):
        st.subheader("Check", anchor=False, help=CHECK_HELP)
        if row and row.state.is_alive:
            st.fragment(guarded(_watch), run_every=1)(row.id, row.state)
            return report
        if report:
            _findings(report)
            if row and row.error:
                st.warning(f"A later check failed: {escape_markdown(row.error)}", icon=":material/info:")
        elif row and row.state in ENDED:
            reason = f": {escape_markdown(row.error)}" if row.error else "."
            st.warning(f"The check {ENDED[row.state]}{reason}", icon=":material/info:")
            render_log(here.home, row.id)
        else:
            st.markdown("Not checked yet. Problems are cheapest to fix before the first run.")
        _button(listed, again=report is not None)
    return report


def render_check_warning(store: Store, dataset: str, about: Description) -> None:
    """Warning line for other pages: a fatal finding, or a data set not checked yet."""
    report = stored_report(store, about)
    if report is None:
        router.page_link("data", "This data set has not been checked yet", ":material/stethoscope:", dataset=dataset)
    elif report.fatal:
        st.error(_sentence(report.findings[0]), icon=":material/block:")


def _button(listed: Listed, again: bool) -> None:
    access.start_button(
        "Check it again" if again else "Check it",
        "data.check",
        "stethoscope",
        type="tertiary" if again else "secondary" if listed.address in EMBEDDED else "primary",
        on_click=_ask,
        args=(listed.address,),
    )
    if refused := st.session_state.pop(REFUSED, None):
        st.error(as_sentence(refused), icon=":material/error:")


def _ask(address: str) -> None:
    try:
        with open_lab() as here:
            jobs.submit_task(here.store, CheckTask(address, described_now(address)), access.current_person())
    except EDCError as error:
        st.session_state[REFUSED] = str(error)


def _watch(here: Lab, name: str, before: str) -> None:
    """One look; the page is drawn anew when the check starts or ends."""
    if trouble := jobs.supervise(here.store):
        st.error(as_sentence(trouble), icon=":material/error:")
    row = here.store.find(name)
    if row is None or row.state != before:
        st.rerun()
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        st.progress(*_progress(here, row))
    mine = jobs.may_stop(row, access.current_person())
    if not access.is_hidden("stop") and right.button(
        "Stop",
        key="data.check_stop",
        icon=":material/stop:",
        disabled=not mine or bool(row.cancel),
        help=None if mine else f"{escape_markdown(row.nickname or 'Somebody else')} asked for it.",
        width="stretch",
    ):
        jobs.stop(here.store, name, access.current_person())
        st.rerun()


def _progress(here: Lab, row: RunRecord) -> tuple[float, str]:
    if row.state == RunState.QUEUED:
        place = jobs.places(here.store).get(row.id, 1)
        return 0.0, f"Waits, number {place} in the queue." if place > 1 else "Next in the queue: a worker is starting."
    if row.state is RunState.NOT_ANSWERING:
        return 0.0, "Its process is not answering."
    found = row.progress or {}
    total = found.get("total") or 0
    if not total:
        noted = found.get("stage") and found.get("note")
        return 0.0, f"{capitalise(found['note'])}..." if noted else "A worker has it."
    return min(found["done"] / total, 1.0), f"{capitalise(found['unit'])} {found['done']:,} of {total:,}"


def _findings(report: Report) -> None:
    grave = [finding for finding in report.findings if finding.severity in SEVERITY_BOXES]
    notes = [finding for finding in report.findings if finding.severity == "note"]
    for finding in grave:
        show, icon = SEVERITY_BOXES[finding.severity]
        show(_sentence(finding), icon=icon)
        if len(finding.examples) > 1:
            with st.expander(f"The first {len(finding.examples)}", icon=":material/list:"):
                st.markdown("\n".join(f"- {escape_markdown(example)}" for example in finding.examples))
    if not grave:
        st.success("Nothing wrong was found.", icon=":material/check_circle:")
    if notes:
        with st.expander(f"{len(notes)} {plural(len(notes), 'thing')} to know", icon=":material/info:"):
            st.markdown("\n".join(f"- {_sentence(finding)}" for finding in notes))


def _sentence(finding: Finding) -> str:
    """Message and cure; what is typed on a command line stands as code."""
    message = escape_markdown(capitalise(finding.message))
    if not finding.cure or (finding.check, finding.severity) == ("observers", "note"):  # they are squeezed below
        return message
    parts = re.split(r"(--set \S+)", capitalise(finding.cure))
    return f"{message} **Cure:** " + "".join(
        f"`{part}`" if part[:6] == "--set " else escape_markdown(part) for part in parts
    )
