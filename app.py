"""EDC Lab in the browser: `streamlit run app.py`."""

import os
import subprocess
import sys

import streamlit as st
from streamlit import runtime

from pages.shared import navigation as router
from pages.shared.access import teaches_class
from pages.shared.page_frame import ROUTED
from pages.shared.page_title import set_page_title
from pages.shared.preload import preload_pages
from pages.shared.streamlit_workarounds import ignore_pages_folder

if __name__ != "__main__":  # the server's start: `streamlit run` imports this file and serves `app`
    ignore_pages_folder()
    app = st.App(__file__)
elif runtime.exists():  # a script run: somebody opens a page, or acts on one
    page = router.navigation(teaches_class())
    st.session_state[ROUTED] = page.url_path or "start"
    set_page_title()
    page.run()
    preload_pages()
else:  # `python app.py`
    command = [sys.executable, "-m", "streamlit", "run", __file__, *sys.argv[1:]]
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(subprocess.call(command))
