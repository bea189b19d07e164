"""App pages in an `AppTest`: opened by their address, as a link opens them."""

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash


def at_page(app: AppTest, name: str) -> AppTest:
    """The app at the page of that address, drawn by its next run.

    `AppTest.switch_page` of Streamlit 1.67 knows a page by its file's name until the app has run once, and ours are
    all called `page.py`. Remove when it reads what `st.navigation` registers.
    """
    app._page_hash = calc_hash(name)
    return app
