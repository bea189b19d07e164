"""Streamlit workarounds and its private API: each with the version it was seen in, and when it can go.

`history.js` and `theme.css` hold those of the browser. `tests/pages/test_streamlit_workarounds.py` fails first where a
version of Streamlit changes what they rest on.
"""

import threading

from starlette.exceptions import HTTPException
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

ADMITTED = "edc_admitted"  # on Streamlit's manager of uploads: the sessions that it takes files of
CLOSING = threading.Lock()


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


def admit(entered: bool) -> None:
    """Accept uploaded files from this session from now on, or refuse them and drop those sent so far.

    Streamlit 1.67 takes a file from every open session, whether its page has an uploader or not, and keeps it in memory
    until the session ends. Remove when it asks the page first (https://github.com/streamlit/streamlit/issues).
    """
    context = get_script_run_ctx()
    if context is None or (manager := context.uploaded_file_mgr) is None:
        return
    with CLOSING:
        admitted = getattr(manager, ADMITTED, None)
        if admitted is None:
            admitted = _closed(manager)
    if entered:
        admitted.add(context.session_id)
        return
    admitted.discard(context.session_id)
    manager.remove_session_files(context.session_id)


def _closed(manager) -> set[str]:
    """Make Streamlit's upload manager take files of admitted sessions alone; returns their set."""
    admitted: set[str] = set()
    add_file, forget = manager.add_file, manager.remove_session_files

    def add_admitted(session_id: str, file) -> None:
        if session_id not in admitted:
            raise HTTPException(403, "Files are taken from who has entered.")
        add_file(session_id, file)

    def forget_session(session_id: str) -> None:  # Streamlit calls it when a session ends
        admitted.discard(session_id)
        forget(session_id)

    for session_id in list(getattr(manager, "file_storage", ())):  # sent before any page was drawn
        forget(session_id)
    manager.add_file, manager.remove_session_files = add_admitted, forget_session
    setattr(manager, ADMITTED, admitted)
    return admitted
