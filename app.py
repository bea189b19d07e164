"""EDC Lab in the browser: `streamlit run app.py`."""

import streamlit as st

from pages.components import router
from pages.components.frame import ROUTED
from pages.components.warming import warm

page = router.navigation()
st.session_state[ROUTED] = page.url_path or "start"
page.run()
warm()
