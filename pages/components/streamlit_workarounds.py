"""Streamlit workarounds: each with the version it was seen in, and when it can go."""

from streamlit.runtime.scriptrunner import get_script_run_ctx


def is_history_step() -> bool:
    """Whether the browser's Back or Forward led to this script run.

    Private API of Streamlit 1.67. Remove when st.context tells it.
    """
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))
