"""Text of the page Which choice?"""

from streamlit.testing.v1 import AppTest


def said(app: AppTest) -> str:
    assert not app.exception
    kinds = ("markdown", "caption", "info", "warning", "error", "success")
    return "\n".join(element.value for kind in kinds for element in getattr(app, kind))
