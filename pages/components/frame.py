"""What every page stands in: the router's guard, the store, the visitor, and errors said in a sentence.

A page is a body that reads widgets, makes engine calls and draws:

    def body(lab: Lab) -> None: ...

    show(body)
"""

import functools
import json
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.store import Store, default_home
from pages.components import access, router
from pages.components.start_tour import tour
from pages.components.words import sentence

ROUTED = "_routed"  # the page's name, set just before it runs; a page without it was opened past the router
HISTORY = Path(__file__).with_name("history.js").read_text(encoding="utf-8")
AT, KEPT, RECALLING, MENDED, LAST = "_at", "_kept", "_recalling", "_mended", "_last"


@dataclass(frozen=True)
class Lab:
    """What a page works with during one script run."""

    store: Store

    @property
    def home(self) -> Path:
        return self.store.home


def show(body: Callable[[Lab], None]) -> None:
    """Run a page's body inside the frame."""
    page = st.session_state.pop(ROUTED, None)
    if page is None:  # a deep link on a fresh server, or AppTest.switch_page
        router.navigation()
        st.rerun()
    access.note_hidden()
    _recall(page)
    _share_run(page)
    st.html(Path(__file__).with_name("style.css"))
    with st.container(key="unseen_history"):
        st.html(f"<script>{HISTORY}</script>", unsafe_allow_javascript=True)
    guarded(_entered)(body)
    _remember(page)
    _mend_address(page)


def _entered(lab: Lab, body: Callable[[Lab], None]) -> None:
    """The page, for a visitor who may see it."""
    access.gate()
    tour()
    if jobs.read_only():
        st.caption(":material/visibility: This lab is only to be looked at: nothing can be launched or changed here.")
    body(lab)


def _share_run(page: str) -> None:
    """The run looked at goes from page to page, and stands in every address but Start's, which would follow it."""
    state, named = st.session_state, st.query_params.get("run")
    if named and "run" not in state:
        state["run"] = named
    elif not named and state.get("run") and page not in ("start", state.get(AT)):
        router.name_run(state["run"])
    state[AT] = page


def _recall(page: str) -> None:
    """On a step back to an address that says nothing: what this page last held, instead of a first visit.

    Streamlit 1.67 leaves an address without parameters behind when another page is opened, and on a step
    back such an address empties the widgets that are bound to it. In a rerun, which is no step back, the
    session's values win; so there is one before any widget is drawn.
    """
    state = st.session_state
    everywhere = {"run": state[LAST]} if state.get(LAST) and page != "start" else {}
    kept = everywhere | state.setdefault(KEPT, {}).get(page, {})
    stepped = getattr(get_script_run_ctx(), "is_history_navigation", False)
    if state.pop(RECALLING, None) == page:
        for key, value in kept.items():
            if not state.get(key):
                state[key] = value
    elif stepped and kept and not st.query_params:
        state[RECALLING] = page
        st.rerun()


def _remember(page: str) -> None:
    """Keep what stands in the address, for `_recall`."""
    st.session_state[KEPT][page] = {key: st.session_state[key] for key in st.query_params if key in st.session_state}


def _mend_address(page: str) -> None:
    """Write the run looked at into the browser's own address, where a step forward left it out.

    Streamlit lets no script write a parameter that a widget is bound to, and its widget believes it is there.
    """
    run = st.session_state.get("run")
    if page == "start" or not run:
        return
    state = st.session_state
    state[LAST] = run
    state[MENDED] = state.get(MENDED, 0) + 1  # another text each time, so that the browser runs it again
    with st.container(key="unseen_mending"):
        call = f"window.edcName?.({in_script(page)}, {in_script(run)}) // {state[MENDED]}"
        st.html(f"<script>{call}\n</script>", unsafe_allow_javascript=True)


def in_script(text: str) -> str:
    """Text, whoever wrote it, as a literal of a script within HTML, which it can neither end nor leave."""
    return json.dumps(text).replace("<", "\\u003c")


def guarded(draw: Callable[..., None]) -> Callable[..., None]:
    """`draw(lab, ...)` as `draw(...)`: with a store of its own, and no traceback ever on the page.

    For a page's body and for fragments, which outlive the script run that made them.
    """

    @functools.wraps(draw)
    def inside(*arguments, **named) -> None:
        try:
            with lab() as found:
                draw(found, *arguments, **named)
        except EDCError as error:
            st.error(sentence(str(error)), icon=":material/error:")
        except Exception as error:
            _report(error)

    return inside


@contextmanager
def lab() -> Iterator[Lab]:
    """The store, open inside the block."""
    store = Store()
    try:
        yield Lab(store)
    finally:
        store.close()


def _report(error: Exception) -> None:
    """What nobody foresaw: one sentence on the page, the report in a file."""
    report = traceback.format_exc()
    logging.getLogger("edc_lab").error(report)
    where = ""
    try:
        log = default_home() / "logs" / f"page-{time.strftime('%Y%m%d-%H%M%S')}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        # Another browser's of the same second stands there, too.
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(report)
        where = f" The full report is in {log}."
    except OSError:
        where = " The full report is in the server's log."
    st.error(
        f"This page met an error that nobody foresaw ({type(error).__name__}).{where} Reload the page;"
        " runs go on meanwhile, and nothing computed is lost.",
        icon=":material/error:",
    )
