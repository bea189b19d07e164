"""Taking over a run whose process does not answer: a button that asks first."""

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.store.liveness import describe_silence
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from pages.shared.access import current_person, is_hidden
from pages.shared.markdown_escape import as_sentence, escape_markdown
from pages.shared.page_frame import open_lab

REFUSED = "take_over_refused"  # in the session: why the last one was not taken over


def silence_text(run: RunRecord) -> str:
    """Sentence on a run that does not answer."""
    return f"This run is not answering: {escape_markdown(describe_silence(vars(run)))}. It may still go on by itself."


def render_take_over(run: RunRecord, key: str) -> None:
    """Popover with the confirmation; nothing where the run answers or the visitor may not launch."""
    if run.state is not RunState.NOT_ANSWERING or is_hidden("launch"):
        return
    person = current_person()
    with st.popover("Take over", icon=":material/front_hand:", disabled=not jobs.may_stop(run, person)):
        st.markdown(
            f"{silence_text(run)} If you take it over, it goes on from its last checkpoint; the old process stops"
            f" when it wakes up and overwrites nothing."
        )
        st.button("Take it over", type="primary", key=key, on_click=_take_over, args=(run.id, person))
    if refused := st.session_state.pop(REFUSED, None):
        st.warning(as_sentence(refused))


def _take_over(run: str, person: jobs.Person) -> None:
    """A callback, with a store of its own."""
    try:
        with open_lab() as here:
            jobs.resume(here.store, run, person, take_over=True)
    except EDCError as error:
        st.session_state[REFUSED] = str(error)
