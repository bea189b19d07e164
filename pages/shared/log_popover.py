"""Log popover: the log's end, one click away."""

from pathlib import Path

import streamlit as st

TAIL = 20_000  # characters


def render_log(home: Path, name: str, label: str = "Log") -> None:
    """A button that opens the end of the log of a run, a check or a measurement; nothing where it left none."""
    log = home / "logs" / f"{Path(name).name}.log"
    if log.is_file():
        with st.popover(label, icon=":material/description:", type="tertiary"):
            st.code(log.read_text(encoding="utf-8", errors="replace")[-TAIL:], language=None)
