"""Navigation: the pages, their menu entries, links between them."""

from collections.abc import Callable, Sequence

import streamlit as st

from edc_core.environment import ASSETS

SIDEBAR = 230  # pixels: the longest entry and its icon
FOLDERS = {"labels": "judge"}  # where the folder is not called as the address
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
    "Teach": [("teacher", "Class", ":material/school:")],
}
TEACHERS = ("teacher",)  # pages in the menu of a class's teacher alone


def navigation(teaches: bool = False) -> Callable:
    """Set the browser tab up and build the menu, for a class's teacher or for others; gives the page to run."""
    st.set_page_config(page_icon=ASSETS / "favicon.png", layout="wide", initial_sidebar_state=SIDEBAR)
    st.logo(ASSETS / "logo.svg", size="large")
    return st.navigation(
        {
            group: [
                st.Page(
                    script_of(name),
                    title=title,
                    icon=icon,
                    url_path=name,
                    default=name == "start",
                    visibility="visible" if teaches or name not in TEACHERS else "hidden",
                )
                for name, title, icon in pages
            ]
            for group, pages in PAGES.items()
        }
    )


def script_of(page: str) -> str:
    """The page's script, as Streamlit asks for it: from the folder of `app.py`."""
    return f"pages/{FOLDERS.get(page, page)}/page.py"


def go_to_page(name: str, **state: str | Sequence[str]) -> None:
    """Open another page with this state in the address, e.g. go_to_page("gallery", run="g-...")."""
    st.switch_page(script_of(name), query_params={key: value for key, value in state.items() if value})


def page_link(
    name: str, label: str, icon: str | None = None, help: str | None = None, **state: str | Sequence[str]
) -> None:
    """A link to another page with this state in the address."""
    st.page_link(
        script_of(name),
        label=label,
        icon=icon,
        help=help,
        query_params={key: value for key, value in state.items() if value},
    )
