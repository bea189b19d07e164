"""The pages and their places in the menu."""

import contextlib
from collections.abc import Callable

import streamlit as st
from streamlit.errors import StreamlitAPIException

PAGES = {
    "": [("start", "Start", ":material/play_circle:")],
    "Make": [
        ("data", "Data", ":material/photo_library:"),
        ("recipe", "Recipe", ":material/tune:"),
        ("gallery", "Gallery", ":material/grid_view:"),
    ],
    "Judge": [
        ("labels", "Images or labels?", ":material/balance:"),
        ("choices", "Which choice?", ":material/account_tree:"),
        ("landscape", "Landscape", ":material/landscape:"),
    ],
    "Keep": [("runs", "Runs", ":material/list:")],
}


def navigation() -> Callable:
    """Set the browser tab up and build the menu; gives the page to run (`st.Page`)."""
    st.set_page_config("EDC Lab", page_icon="assets/favicon.png", layout="wide", initial_sidebar_state=230)
    st.logo("assets/logo.svg", size="large")
    return st.navigation(
        {
            group: [
                st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=name == "start")
                for name, title, icon in pages
            ]
            for group, pages in PAGES.items()
        }
    )


def go(name: str, **state: str) -> None:
    """Open another page with this state in the address, e.g. go("gallery", run="g-...")."""
    st.switch_page(f"pages/{name}.py", query_params={key: value for key, value in state.items() if value})


def link(name: str, label: str, icon: str | None = None, help: str | None = None, **state: str | list[str]) -> None:
    """A link to another page with this state in the address."""
    st.page_link(
        f"pages/{name}.py",
        label=label,
        icon=icon,
        help=help,
        query_params={key: value for key, value in state.items() if value},
    )


def name_run(run: str) -> None:
    """Look at this run: in the session, and in the address where Streamlit lets a script write it.

    A parameter that a widget of the page before was bound to is written by this page's own widget instead.
    """
    st.session_state["run"] = run
    with contextlib.suppress(StreamlitAPIException):
        st.query_params["run"] = run
