"""App pages in an `AppTest`: opened by their address, as a link opens them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from tests.conftest import ROOT
from tests.support.streamlit_private import media_file_id


def at_page(app: AppTest, name: str) -> AppTest:
    """The app at the page of that address, drawn by its next run.

    `AppTest.switch_page` of Streamlit 1.67 knows a page by its file's name until the app has run once, and ours are
    all called `page.py`. Remove when it reads what `st.navigation` registers.
    """
    app._page_hash = calc_hash(name)
    return app


def opened(page: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """A page of the app on a store, as the menu opens it."""
    monkeypatch.setenv("EDC_HOME", str(home))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()
    return app if page == "start" else at_page(app, page).run()


def at_address(page: str, **address: str | list[str]) -> AppTest:
    """A page of the app at an address; not run yet."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at_page(app, page)
    for name, value in address.items():
        app.query_params[name] = value
    return app


def runs_page(**address: str | list[str]) -> AppTest:
    """The page Runs at an address."""
    app = at_address("runs", **address).run()
    assert not app.exception
    return app


def pictures(app: AppTest) -> list[str]:
    """Names of the pictures sent, which are hashes of what is in them."""
    return [url.rpartition("/")[2].partition(".")[0] for found in app.get("image") for url in found.value]


def sent_as(content: bytes) -> str:
    return media_file_id(content, "image/png")
