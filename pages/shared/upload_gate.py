"""Files that browsers send are kept from visitors who may send some, and from nobody else.

Streamlit takes a file from every open session, whether its page has an uploader or not, and keeps it in memory until
the session ends. Remove this when it asks the page first (https://github.com/streamlit/streamlit/issues).
"""

import threading

from starlette.exceptions import HTTPException
from streamlit.runtime.scriptrunner import get_script_run_ctx

ADMITTED = "edc_admitted"  # on Streamlit's manager of uploads: the sessions that it takes files of
CLOSING = threading.Lock()


def admit(entered: bool) -> None:
    """From now on this session's files are taken, or not; those that were sent before somebody entered are dropped."""
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
    """Make Streamlit's manager take files of admitted sessions alone; gives their set."""
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
