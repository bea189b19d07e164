"""The board: address and code of the class, as a QR code and in letters for the back row, under the title."""

import html
from pathlib import Path
from urllib.parse import urlsplit

import segno
import streamlit as st

from edc_core import jobs

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def render_board() -> bool:
    """Render the board; returns whether it has the page to itself."""
    room, address = jobs.classroom(), board_address(st.context.url, "teacher")
    st.html(Path(__file__).with_name("board.css"))
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title("Class", anchor=False, width="content")
        alone = st.toggle("Board only", key="teacher_board", help="Fills the page with the address and the code.")
    with st.container(key="board-alone" if alone else "board"):
        st.html(_board(address, room.code if room else ""))
    if address is None:
        st.caption("The browser did not tell its address: write the one that `serve` printed on the board.")
    elif urlsplit(address).hostname in LOOPBACK:
        st.warning(
            f"You opened the lab as {address}, which only this machine understands. Open it by the address that"
            " `serve` printed, and the board shows that one.",
            icon=":material/warning:",
        )
    return alone


def board_address(url: str | None, page: str) -> str | None:
    """The lab's address in the visitor's own browser, from that of a page."""
    if not url or not url.startswith(("http://", "https://")):
        return None
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix(f"/{page}")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _board(address: str | None, code: str) -> str:
    code_image = ""
    if address:
        code_image = f'<img class="qr" alt="QR code of {html.escape(address)}" src="{_qr_code(address)}">'
    where = (address or "–").removeprefix("http://")
    lines = (("Address", "address", where), ("Class code", "code", code))
    words = "".join(
        f'<span>{label}</span><b class="{name}" style="--letters:{max(len(text), 1)}">{html.escape(text)}</b>'
        for label, name, text in lines
    )
    return f'<div class="board">{code_image}<div class="words">{words}</div></div>'


@st.cache_data(max_entries=8, show_spinner=False)
def _qr_code(address: str) -> str:
    """An SVG as a data address; black on white in both themes, as cameras expect."""
    return segno.make(address, error="m", micro=False).svg_data_uri(border=3, omitsize=True, dark="#000", light="#fff")
