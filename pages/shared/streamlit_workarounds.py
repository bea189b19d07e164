"""Streamlit workarounds: each with the version it was seen in, and when it can go."""

from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx


def is_history_step() -> bool:
    """Whether the browser's Back or Forward led to this script run.

    Private API of Streamlit 1.67. Remove when st.context tells it.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def ignore_pages_folder() -> None:
    """Tell a server, at its start, that its pages are those of `st.navigation`.

    Streamlit 1.67 takes a folder called `pages` for its older kind of app until `st.navigation` has been called once:
    the first visitor sees raw file names in the menu or, where the folder holds no scripts, who followed a link the
    dialog "Page not found". Remove when it leaves that folder alone.
    """
    PagesManager.uses_pages_directory = False
