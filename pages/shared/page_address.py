"""Shared page state in the address: the run looked at, the runs compared, the data set and the profile.

A page shows what its address names; where the address names nothing, what the session looked at last. These
parameters are bound to no widget: Streamlit takes a parameter that is bound to a widget of one page out of every
link that leads from there to another page, and lets no script write it.
"""

from collections.abc import Sequence

import streamlit as st

from edc_core.design_space.profiles import current_profile
from pages.shared.streamlit_workarounds import is_history_step

RUN, COMPARE, DATASET, PROFILE = "run", "compare", "dataset", "profile"
OLD_PROFILE = "settings"  # what older links call it
SHARED = (RUN, COMPARE, DATASET, PROFILE)
PAGE_PARAMETERS = {  # which of them stand in a page's address; on Start a run stands there only while it is followed
    "start": (),
    "data": (RUN, DATASET, PROFILE),
    "recipe": (RUN, DATASET, PROFILE),
    "gallery": (RUN, COMPARE),
    "landscape": (RUN, COMPARE),
    "runs": (RUN, COMPARE),
}
AT = "_page"  # in the session: the page of the last script run


def enter(page: str) -> None:
    """Take over what the address names, where the visitor has just come to this page; before any widget is drawn."""
    state = st.session_state
    if page != state.get(AT) or is_history_step():
        named = {key: st.query_params.get_all(key) for key in SHARED if key in st.query_params}
        if old := st.query_params.get_all(OLD_PROFILE):
            named.setdefault(PROFILE, old)
        _take(named)
    if OLD_PROFILE in st.query_params:
        del st.query_params[OLD_PROFILE]
    state[AT] = page
    publish(page)


def _take(named: dict[str, list[str]]) -> None:
    """Of runs and compared runs a link names one or both: what it leaves out is not what an earlier page looked at."""
    state = st.session_state
    compared = [name for name in named.get(COMPARE, []) if name]
    if DATASET in named:
        state[DATASET], state[PROFILE] = named[DATASET][-1], ""  # the one that suits it, where no other is named
    if PROFILE in named:
        state[PROFILE] = current_profile(named[PROFILE][-1])
    if RUN in named:
        state[RUN] = named[RUN][-1]
    if compared or RUN in named:
        state[COMPARE] = compared
    if compared and RUN not in named:
        state[RUN] = compared[0]


def publish(page: str | None = None) -> None:
    """Write the shared state into the address of the page, where it is not there already."""
    page = page or st.session_state[AT]
    for key in PAGE_PARAMETERS.get(page, (RUN,)):
        value = st.session_state.get(key) or []
        wanted = [value] if isinstance(value, str) else list(value)
        if wanted == st.query_params.get_all(key):
            continue
        if wanted:
            st.query_params[key] = wanted
        else:
            del st.query_params[key]


def selected_run() -> str | None:
    """The run that the page looks at, whether or not the store has it."""
    return st.session_state.get(RUN) or None


def set_selected_run(run: str | None) -> None:
    """From now on this run, on every page."""
    st.session_state[RUN] = run


def set_selected_runs(runs: Sequence[str]) -> None:
    """From now on these runs beside each other, the first of them where a page looks at one."""
    st.session_state[COMPARE] = list(runs) if len(runs) > 1 else []
    st.session_state[RUN] = runs[0] if runs else None


def selected_runs() -> list[str]:
    """The runs compared; the run looked at alone where another page has chosen one that is not among them."""
    compared, run = list(dict.fromkeys(st.session_state.get(COMPARE) or [])), selected_run()
    return [run] if run and run not in compared else compared
