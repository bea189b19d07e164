"""Which choice? in a real browser: a 2 x 2 is built, bet on, filled, stopped, resumed, grown, reordered, taken away."""

import csv
import time
from collections.abc import Callable
from pathlib import Path

from edc_core import jobs
from edc_core.ablation.progress import DONE
from edc_core.store import Store
from tests.support.browser import browsing, download, needs_chromium, pick, pick_one, quiet, serving

pytestmark = needs_chromium
CHOICES = ("EMA-based evaluation", "smoothing LR schedule")


def the_matrix(home: Path) -> tuple[jobs.MatrixRequest, dict[str, int]]:
    """The store's only matrix, and its runs by state."""
    store = Store(home)
    try:
        asked = jobs.all_matrices(store)[0]
        found = jobs.state_of_matrix(store, asked.id)
        return asked, {state: found.count(state) for state in {place.state for place in found.places}}
    finally:
        store.close()


def until(tab, holds: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, tab.get_by_test_id("stMain").inner_text()[-2000:]
        tab.wait_for_timeout(200)


def prepared_link(tab) -> None:
    """The first Build compares methods; its address says so, for whoever gets the link."""
    tab.get_by_text("18 runs").wait_for()
    assert "build-kind=methods" in tab.url
    assert "build-presets=RDED" in tab.url


def build(tab) -> None:
    """Two choices, two seeds, on the quickest settings; written down, not begun."""
    tab.get_by_role("radio", name="Build", exact=True).click()
    quiet(tab)
    prepared_link(tab)
    tab.get_by_role("radio", name="Full factorial").check(force=True)
    quiet(tab)
    for name in ("real image initialisation", "flatness regularisation", "smaller batch size", CHOICES[0]):
        tab.get_by_role("button", name=name, exact=True).click()  # the first four are chosen at first
        quiet(tab)
    pick_one(tab, "Profile", "tiny")
    tab.get_by_role("spinbutton", name="Seeds").fill("2")
    tab.get_by_role("spinbutton", name="Seeds").press("Enter")
    tab.get_by_text("8 runs").wait_for()
    tab.get_by_text("4 cells x 2 seeds").wait_for()
    tab.get_by_role("button", name="Command line").click()
    tab.get_by_text("--choices ").wait_for()
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Bet first").click()
    tab.get_by_text("Not started.").wait_for()


def bet(tab) -> None:
    tab.get_by_role("textbox", name="Nickname").fill("Ada")
    field = tab.get_by_role("combobox", name="Start with the one that brings most")
    for name in (CHOICES[1], CHOICES[0]):
        pick(tab, field, name)
    tab.get_by_text("Prediction ledger").click()  # closes the list
    tab.get_by_role("button", name="Seal this bet").click()
    tab.get_by_text("1 sealed bet").wait_for()


def saved(tab, label: str, folder: Path) -> Path:
    file = download(tab, tab.get_by_role("button", name=label))
    path = folder / file.suggested_filename
    file.save_as(path)
    return path


def reorder(tab) -> None:
    """The order machine: the last choice is moved up, and the address says so."""
    tab.get_by_role("radio", name="Order machine", exact=True).click()
    rows = tab.locator("li.row[data-name]")
    rows.last.wait_for()
    names = [row.get_attribute("data-name") for row in rows.all()]
    assert names == ["smoothing-schedule", "ema-evaluation"]
    tab.get_by_role("button", name=f"Move {CHOICES[0]} up").click()
    until(tab, lambda: [row.get_attribute("data-name") for row in rows.all()] == names[::-1], 5)
    until(tab, lambda: "order=ema-evaluation.smoothing-schedule" in tab.url, 10)


def test_a_matrix_from_its_first_question_to_the_report(tmp_path: Path, begun: Callable[[Path], Path]) -> None:
    home = begun(tmp_path / "home")
    with serving(home, EDC_THREADS="1") as (address, _), browsing(accept_downloads=True) as (tab, errors):
        tab.goto(f"{address}/choices")
        quiet(tab)
        build(tab)
        bet(tab)
        tab.get_by_role("button", name="Start", exact=True).click()
        until(tab, lambda: the_matrix(home)[1].get(DONE, 0) >= 2)
        tab.get_by_role("button", name="Stop", exact=True).click()
        until(tab, lambda: the_matrix(home)[0].state == "stopped", 10)
        tab.get_by_role("button", name="Resume", exact=True).click()
        until(tab, lambda: the_matrix(home)[1] == {DONE: 8})
        tab.get_by_text("Finished.").wait_for()
        tab.get_by_text("Only 2 seeds: treat").wait_for()
        tab.get_by_role("button", name="Add a seed").click()
        until(tab, lambda: the_matrix(home)[1] == {DONE: 12})
        tab.get_by_text("12 runs: 12 measured").wait_for()
        tab.get_by_text("From no choice to all").first.wait_for()  # the sentence before it may stand there still
        reorder(tab)
        tab.get_by_text("Order: rank correlation").wait_for()
        tab.get_by_role("gridcell", name="Ada", include_hidden=True).first.wait_for(state="attached")  # with its score
        take_away(tab, tmp_path)
        assert not errors


def take_away(tab, folder: Path) -> None:
    """The three formats; the report is read from disk with the network off."""
    table = list(csv.DictReader(saved(tab, "Table (CSV)", folder).read_text().splitlines()))
    assert len(table) == 12
    assert r"\toprule" in saved(tab, "Table (LaTeX)", folder).read_text()
    report = saved(tab, "Report (HTML)", folder)
    tab.context.set_offline(True)
    tab.goto(report.as_uri())
    assert tab.get_by_text(CHOICES[0]).count()
    tab.context.set_offline(False)
