"""The app behind a real server and in front of a real browser, for tests and the committed commands."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from edc_core.store import Store
from edc_core.store.processes import kill
from tests.conftest import ROOT

# Chromium without the parts that draw windows, where it is installed: a fifth less work for the same pages.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("EDC_REQUIRE_BROWSER"), reason="needs the chromium browser"
)
# Streamlit asks beside a deep link first, then at the root; and for its own telemetry's address. It drops a picture
# or a file with the page that showed it, even while it is on its way: a picture that stays broken fails in `quiet`.
NOT_OURS = (
    "/_stcore/",
    "/media/",
    "Download Button source error",
    "ERR_NAME_NOT_RESOLVED",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_CONNECTION",
)

# When the tab last told the server something, and last heard from it, in the tab's own milliseconds.
TALK = """(() => {
  const talk = (window.edcTalk = {sent: 0, heard: 0});
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...where) {
      super(...where);
      this.addEventListener('message', () => { talk.heard = performance.now(); });
    }
    send(message) { talk.sent = performance.now(); super.send(message); }
  };
})()"""
ANSWERED = """() => {
  const {sent, heard} = window.edcTalk;
  return heard >= sent && performance.now() - heard > 200;
}"""


@contextmanager
def serving(
    home: Path, script: str = "app.py", cwd: Path = ROOT, **environment: str
) -> Iterator[tuple[str, subprocess.Popen]]:
    """`streamlit run SCRIPT` on a free port: its address and its process. The home's workers end with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true", f"--server.port={port}"],
        cwd=cwd,
        env=os.environ | {"EDC_HOME": str(home), "EDC_WORKER_IDLE_SECONDS": "60"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield address, process
    finally:
        process.terminate()
        process.wait(15)
        _end_workers(home)


def _end_workers(home: Path) -> None:
    if not (home / "store.sqlite").is_file():
        return
    with closing(Store(home)) as store:
        workers = store.database.execute("SELECT pid, created FROM workers").fetchall()
    for pid, created in workers:
        kill(pid, created)


class _Kept:
    """The browser that the tests of one file share, started by the first of them: a start takes three seconds."""

    ends: ExitStack | None = None
    browser = None


@contextmanager
def one_browser() -> Iterator[None]:
    """Within this, every `browsing` opens a fresh context of the same browser."""
    with ExitStack() as _Kept.ends:
        try:
            yield
        finally:
            _Kept.browser = None
    _Kept.ends = None


def _launched(ends: ExitStack):
    from playwright.sync_api import sync_playwright

    browser = ends.enter_context(sync_playwright()).chromium.launch(
        executable_path=CHROMIUM or "chromium", args=ARGUMENTS
    )
    ends.callback(browser.close)
    return browser


@contextmanager
def browsing(width: int = 1280, scheme: str = "light", **options):
    """A fresh browser tab; gives it and the list of console errors that are the app's own."""
    from playwright.sync_api import expect

    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with ExitStack() as own:
        browser = _Kept.browser or _launched(_Kept.ends or own)
        if _Kept.ends is not None:
            _Kept.browser = browser
        context = browser.new_context(
            viewport={"width": width, "height": round(width * 0.62)}, color_scheme=scheme, **options
        )
        own.callback(context.close)
        context.add_init_script(TALK)
        tab = context.new_page()
        errors: list[str] = []

        def heard(message) -> None:
            text = f"{message.text} {message.location.get('url', '')}"
            if message.type == "error" and not any(mark in text for mark in NOT_OURS):
                errors.append(text)

        tab.on("console", heard)
        tab.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield tab, errors
        except Exception:
            _tell(tab, errors)
            raise


def _tell(tab, errors: list[str]) -> None:
    """Print what the page said when a test failed; pytest shows it below the traceback."""
    from playwright.sync_api import Error

    with suppress(Error):
        print(tab.url, errors, tab.locator("body").inner_text(timeout=5_000)[-4_000:], sep="\n")


def quiet(tab, timeout: int = 30_000) -> None:
    """Wait until the script has run, nothing on the page is stale and every picture is there."""
    tab.get_by_test_id("stApp").wait_for(timeout=timeout)
    tab.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'"
        " && document.querySelector('[data-testid=stMainBlockContainer] h1') !== null"
        " && [...document.images].every((image) => image.complete && image.naturalWidth > 0)",
        timeout=timeout,
        polling=100,  # milliseconds; the default asks with every frame, and a busy machine has better to do
    )


def visit(tab, address: str) -> None:
    """Open a page as the app's own links do, in the session that is there: half the work of loading the app anew."""
    here, there = urlsplit(tab.url), urlsplit(address)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        tab.goto(address)
        quiet(tab, 90_000)
        return
    tab.evaluate(
        "address => { history.pushState({}, '', address); window.dispatchEvent(new PopStateEvent('popstate')); }",
        address,
    )
    answered(tab)


def answered(tab, timeout: int = 60_000) -> None:
    """Wait until the server has answered all that the tab has told it, however slow the machine, and all is drawn."""
    tab.wait_for_timeout(100)  # until a press has become a message
    tab.wait_for_function(ANSWERED, timeout=timeout, polling=50)
    quiet(tab, timeout)


def download(tab, button, seconds: int = 15):
    """The download behind a button; pressed again where the page was drawn anew under the press."""
    from playwright.sync_api import TimeoutError as TooLate

    for _ in range(3):
        answered(tab)
        with suppress(TooLate):
            with tab.expect_download(timeout=seconds * 1_000) as waiting:
                button.click()
            return waiting.value
    raise AssertionError("no file came, though its button was pressed three times")


def pick(tab, field, name: str, seconds: float = 120) -> None:
    """Choose `name` in a list that takes several; again where the page was redrawn between typing and choosing."""
    from playwright.sync_api import TimeoutError as TooLate

    chosen = tab.get_by_label(f"Remove {name}", exact=True)
    deadline = time.monotonic() + seconds
    while not chosen.count():
        assert time.monotonic() < deadline, f"{name} could not be chosen"
        with suppress(TooLate):
            field.click(timeout=5_000)
            field.fill(name, timeout=5_000)
            tab.get_by_role("option", name=name).first.click(timeout=5_000)
            chosen.wait_for(timeout=8_000)
    quiet(tab)


def pick_one(tab, label: str, name: str, seconds: float = 120) -> None:
    """Choose `name` in a list that takes one; again where the page was redrawn while the list was open."""
    from playwright.sync_api import TimeoutError as TooLate

    field = tab.get_by_role("combobox", name=label)
    deadline = time.monotonic() + seconds
    quiet(tab)
    while field.input_value() != name:
        assert time.monotonic() < deadline, f"{name} could not be chosen of {label}"
        with suppress(TooLate):
            field.click(timeout=2_000)
            tab.get_by_role("option", name=name, exact=True).click(timeout=2_000)
            quiet(tab)
