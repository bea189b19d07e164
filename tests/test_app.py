"""The page as a person meets it: with no run, with a finished one, and in a real browser."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.store import Store
from tests.conftest import ROOT
from tests.test_store import begin

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch):
    def open_at(home: Path) -> AppTest:
        monkeypatch.setenv("EDC_HOME", str(home))
        return AppTest.from_file(str(ROOT / "app.py"), default_timeout=30).run()

    return open_at


def test_an_empty_store_offers_the_next_step(page, tmp_path: Path) -> None:
    app = page(tmp_path)
    assert not app.exception
    assert "No run yet" in app.info[0].value
    assert app.code[0].value.startswith("python -m edc_core run")


def test_a_finished_run_shows_its_own_figures(page, tiny_run: dict, shared_home: Path) -> None:
    app = page(shared_home)
    app.selectbox(key="run").select(tiny_run["run"]).run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == [
        f"{tiny_run['top1']:.2f} %",
        f"{tiny_run['top1_ema']:.2f} %",
        "1",
    ]
    assert len(app.get("plotly_chart")) == 2


def test_an_interrupted_run_offers_to_be_resumed(page, tmp_path: Path) -> None:
    store = Store(tmp_path)
    about = {"name": "x", "digest": "d", "classes": ["a"], "size": 28}
    begin(store, config={"score": {"split": "test"}, "synthesise": {"observers": [], "iterations": 0}}, dataset=about)
    store.database.execute("UPDATE runs SET pid = 1, heartbeat = 0")
    store.close()
    app = page(tmp_path)
    assert not app.exception
    assert "interrupted" in app.warning[0].value
    assert app.code[0].value == "python -m edc_core resume a-run"


@pytest.fixture
def served(shared_home: Path) -> Iterator[str]:
    """The app behind a real server; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true", f"--server.port={port}"],
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(shared_home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("EDC_REQUIRE_BROWSER"), reason="needs the chromium browser")
def test_a_link_opens_a_run_in_the_browser_pixel_for_pixel(served: str, tiny_run: dict) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM or "chromium", args=ARGUMENTS)
        tab = browser.new_page()
        tab.goto(f"{served}/?run={tiny_run['run']}")
        expect(tab.get_by_text(f"{tiny_run['top1_ema']:.2f} %").first).to_be_visible(timeout=30_000)
        picture = tab.locator(".st-key-grid img")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
        assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [2 * 28, 10 * 28]
        expect(tab.locator(".js-plotly-plot")).to_have_count(2, timeout=30_000)
        browser.close()


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("EDC_REQUIRE_BROWSER"), reason="needs the chromium browser")
def test_a_run_started_in_a_terminal_is_followed_to_its_end(served: str, tiny_run: dict, shared_home: Path) -> None:
    from playwright.sync_api import expect, sync_playwright

    arguments = ["run", "--settings", "tiny", "--ipc", "2", "--seed", "9", "--set", "views.epochs=300"]
    process = subprocess.Popen(
        [sys.executable, "-m", "edc_core", *arguments],
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(shared_home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    store = Store(shared_home)
    while not (running := [run for run in store.runs() if run["seed"] == 9 and run["progress"].get("total")]):
        assert process.poll() is None
        time.sleep(0.05)
    store.close()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM or "chromium", args=ARGUMENTS)
        tab = browser.new_page()
        tab.goto(f"{served}/?run={running[0]['id']}")
        expect(tab.get_by_test_id("stProgress")).to_be_visible(timeout=30_000)
        result = json.loads(process.communicate(timeout=120)[0].splitlines()[-1])
        expect(tab.get_by_text(f"{result['top1_ema']:.2f} %").first).to_be_visible(timeout=15_000)
        expect(tab.get_by_text("Traceback")).to_have_count(0)
        expect(tab.get_by_test_id("stProgress")).to_have_count(0)
        browser.close()
