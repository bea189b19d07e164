"""The pages in a real browser: a server, a tab, and the steps that a person takes."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from helpers.command_line import BARE, CHROMIUM, HOME, ROOT, Looked, doctor


@contextmanager
def serving(script: str | Path = "app.py", cwd: Path = ROOT) -> Iterator[str]:
    """`streamlit run SCRIPT` in a folder, on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*command, f"--server.port={port}"], cwd=cwd, **silent)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def browsing() -> Iterator[Any]:
    """A tab of a fresh browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=BARE)
        tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        tab.set_default_timeout(60_000)
        try:
            yield tab
        finally:
            browser.close()


def quiet(tab: Any, seconds: float = 90) -> None:
    """Wait until a page has its title and its script has ended."""
    tab.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'"
        " && document.querySelector('[data-testid=stMainBlockContainer] h1') !== null",
        timeout=1000 * seconds,
        polling=100,
    )


def first_words(tab: Any, address: str) -> tuple[bool, str]:
    """Whether the first page stands, and its title; else the error that stands there."""
    tab.goto(address)
    title, broken = tab.locator("h1").first, tab.get_by_test_id("stException").first
    title.or_(broken).first.wait_for()
    if not broken.count():
        quiet(tab)
    return (False, broken.inner_text()[:300]) if broken.count() else (True, title.inner_text())


def options_of(tab: Any, label: str) -> list[str]:
    """What a list offers."""
    tab.get_by_role("combobox", name=label).first.click()
    tab.get_by_role("option").first.wait_for()
    tab.wait_for_timeout(500)
    found = tab.get_by_role("option").all_inner_texts()
    tab.keyboard.press("Escape")
    return found


def open_adding(tab: Any, address: str) -> None:
    """Data, its two ways of adding a set unfolded; again where the page was redrawn under the click."""
    tab.goto(f"{address}/data")
    quiet(tab)
    field = tab.get_by_label("A folder on this machine", exact=True)
    for _ in range(60):
        if field.is_visible():
            return
        tab.get_by_text("Add a data set").click()
        tab.wait_for_timeout(1_000)


def add_folder(tab: Any, address: str, root: Path) -> None:
    """Put a folder of this machine on the list."""
    open_adding(tab, address)
    tab.get_by_label("A folder on this machine", exact=True).fill(str(root))
    tab.get_by_role("button", name="Look at it", exact=True).click()
    _add(tab)


def upload(tab: Any, address: str, name: str, content: bytes) -> tuple[str, Looked | None]:
    """Send a ZIP to Data and add it; what the page says of it, and what `doctor` sees.

    Where it is refused: the sentence, and None.
    """
    before = set((HOME / "uploads").glob("*"))
    open_adding(tab, address)
    file = {"name": name, "mimeType": "application/zip", "buffer": content}
    tab.locator("input[type=file]").set_input_files(file)
    button = tab.get_by_role("button", name="Add it", exact=True)
    with suppress(Exception):
        button.or_(tab.get_by_test_id("stAlert")).first.wait_for(timeout=30_000)
    tab.wait_for_timeout(500)
    quiet(tab)
    if not button.count():
        return " ".join(tab.get_by_test_id("stAlert").all_inner_texts()), None
    said = tab.get_by_test_id("stMain").inner_text()
    _add(tab)
    new = [place for place in (HOME / "uploads").glob("*") if place not in before and not place.name.startswith(".")]
    return said, doctor(new[0]) if new else None


def _add(tab: Any) -> None:
    button = tab.get_by_role("button", name="Add it", exact=True)
    button.click()
    button.wait_for(state="hidden")
    quiet(tab)


def drawn_words(tab: Any) -> list[str]:
    """Every text of the page's charts."""
    return tab.evaluate("[...document.querySelectorAll('.js-plotly-plot text')].map((one) => one.textContent)")
