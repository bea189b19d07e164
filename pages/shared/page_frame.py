"""Page frame: the store, the visitor, the shared address, and errors said in a sentence.

A page is a body that reads widgets, makes engine calls and draws:

    def body(lab: Lab) -> None: ...

    show(body)
"""

import functools
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from edc_core import jobs
from edc_core.errors import EDCError
from edc_core.store import Store, default_home
from pages.shared import access, charts, page_address
from pages.shared.glossary import render_glossary
from pages.shared.markdown_escape import as_sentence
from pages.start.tour import render_tour, stop_in_address

ROUTED = "_routed"  # the page's name, which `app.py` sets just before the page runs
HISTORY = Path(__file__).with_name("history.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Lab:
    """The store as a page uses it during one script run."""

    store: Store

    @property
    def home(self) -> Path:
        return self.store.home


def render_page(body: Callable[[Lab], None]) -> None:
    """Run a page's body inside the frame."""
    page = st.session_state[ROUTED]
    access.store_hidden_controls()
    page_address.enter(page)
    st.html(Path(__file__).with_name("theme.css"))
    with st.container(key="unseen_history"):
        st.html(f"<script>{HISTORY}</script>", unsafe_allow_javascript=True)
        render_glossary()
    charts.watch_window()
    guarded(_entered)(body)
    page_address.publish(page)


def _entered(lab: Lab, body: Callable[[Lab], None]) -> None:
    """The page, for a visitor who may see it."""
    access.require_entry()
    if stop_in_address():
        render_tour(lab.store.runs())
    if jobs.read_only():
        st.caption(f":material/visibility: {access.READ_ONLY}")
    body(lab)


def guarded(draw: Callable[..., None]) -> Callable[..., None]:
    """`draw(lab, ...)` as `draw(...)`: with a store of its own, and no traceback ever on the page.

    For a page's body and for fragments, which outlive the script run that made them.
    """

    @functools.wraps(draw)
    def inside(*arguments, **named) -> None:
        try:
            with open_lab() as found:
                draw(found, *arguments, **named)
        except EDCError as error:
            st.error(as_sentence(str(error)), icon=":material/error:")
        except Exception as error:
            _report(error)

    return inside


@contextmanager
def open_lab() -> Iterator[Lab]:
    """The store, open inside the block."""
    store = Store()
    try:
        yield Lab(store)
    finally:
        store.close()


def _report(error: Exception) -> None:
    """Unexpected error: one sentence on the page, the traceback in a log file."""
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
        f"Something went wrong on this page ({type(error).__name__}).{where} Reload the page; runs go on"
        f" meanwhile, and nothing computed is lost.",
        icon=":material/error:",
    )
