"""How quick the lab is in a real browser, on a machine that does nothing else.

    python -m experiments.browser_times [--profile lab] [--repeats 1]

Prints one JSON object: seconds to a usable Start, from page to page with 200 runs, from a switch of Recipe to its
accuracy in the bar, from the click to the starting images; the web server's share of a core while a run is watched;
and the run's seconds with and without a watcher, with the same threads.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from edc_core import jobs
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import CHOICES
from edc_core.pipeline.prepare import prepare
from edc_core.store import Store
from edc_core.store.files import read_json
from edc_core.store.states import RunState
from tests.support.browser import browsing, quiet, serving
from tests.support.crowd import crowd

PAGES = ("Recipe", "Gallery", "Images or labels?", "Which choice?", "Landscape", "Runs", "Start")


def first_visit(home: Path) -> float:
    with serving(home) as (address, _), browsing() as (tab, _):
        started = time.monotonic()
        tab.goto(address)
        tab.get_by_role("button", name="Run EDC now").wait_for()
        return time.monotonic() - started


def page_to_page(home: Path) -> dict[str, list[float]]:
    """Seconds to each page, first and second time."""
    found: dict[str, list[float]] = {}
    with serving(home) as (address, _), browsing() as (tab, _):
        tab.goto(address)
        quiet(tab)
        for name in PAGES * 2:
            title = "Which set teaches better?" if name == "Start" else name
            started = time.monotonic()
            tab.get_by_test_id("stSidebarNavLink").filter(has_text=name).click()
            tab.get_by_role("heading", name=title, exact=True).wait_for()
            quiet(tab)
            found.setdefault(name, []).append(round(time.monotonic() - started, 2))
    return found


def switches(home: Path) -> dict[str, float]:
    """Seconds from a click on one of Recipe's eight switches until the bar says another accuracy, off and on again."""
    taken = []
    bar = "document.querySelector('.st-key-recipe_bar')?.innerText.split('\\n')[0]"
    with serving(home) as (address, _), browsing() as (tab, _):
        tab.goto(f"{address}/recipe?profile=lab-quick")
        quiet(tab)
        for name in CHOICES:
            for _ in ("off", "on"):
                before = tab.evaluate(bar)
                started = time.monotonic()
                tab.locator(f".st-key-recipe-switch-{name} label").first.click()
                tab.wait_for_function(f"(before) => {bar} && {bar} !== before", arg=before, polling=20)
                taken.append(time.monotonic() - started)
                quiet(tab)
    return {"median": round(statistics.median(taken), 2), "worst": round(max(taken), 2), "switches": len(taken)}


def watched(home: Path, budget: str) -> dict[str, float]:
    """A run from the click on Start, watched to its end."""
    name = {"lab": "Full", "lab-smoke": "Short"}[budget]
    with serving(home) as (address, process), browsing() as (tab, _):
        tab.goto(address)
        quiet(tab)
        tab.get_by_role("radio", name=name).or_(tab.get_by_role("button", name=name)).first.click()
        quiet(tab)
        started = time.monotonic()
        tab.get_by_role("button", name="Run EDC now", exact=True).click()
        tab.locator("[class*=st-key-pixels-live] img").first.wait_for()
        images = time.monotonic() - started
        tab.get_by_text("forming, iteration").first.wait_for()
        forming = time.monotonic() - started
        server = psutil.Process(process.pid)
        used, begun = sum(server.cpu_times()[:2]), time.monotonic()
        tab.get_by_role("link", name="See it form").wait_for(timeout=600_000)
        share = (sum(server.cpu_times()[:2]) - used) / (time.monotonic() - begun)
    return {
        "click_to_starting_images": round(images, 2),
        "click_to_forming_images": round(forming, 2),
        "server_share_of_a_core": round(share, 3),
        "run_seconds": seconds_of(home),
    }


def unwatched(home: Path, budget: str, seed: int) -> float:
    store = Store(home)
    prepared = prepare(configure("G", "fashion-mnist-mini", get_profile(budget), 10, seed))
    run = jobs.submit(store, prepared, jobs.Person(session="timer")).run
    while store.run(run).state != RunState.FINISHED:
        time.sleep(0.5)
    store.close()
    return seconds_of(home)


def seconds_of(home: Path) -> float:
    """Of the newest own run's stages, without loading torch, which only a worker's first run pays."""
    store = Store(home)
    run = next(run for run in store.runs() if not run.bundled)
    folders = [
        store.stage_results.find(node["key"]) for node in run.plan if node["stage"] not in ("squeeze", "statistics")
    ]
    store.close()
    return round(sum(read_json(folder / "stage.json")["seconds"] for folder in folders if folder), 1)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--profile", "--settings", dest="settings", default="lab", choices=("lab", "lab-smoke"))
    arguments.add_argument("--repeats", type=int, default=1)
    chosen = arguments.parse_args()
    report: dict = {}
    with tempfile.TemporaryDirectory() as folder:
        report["start_page_seconds"] = [round(first_visit(Path(folder) / str(n)), 2) for n in range(3)]
        crowded = Path(folder) / "crowded"
        store = Store(crowded)
        crowd(store, 200)
        store.close()
        report["page_to_page_seconds"] = page_to_page(crowded)
        report["recipe_switch_seconds"] = switches(crowded)
        home = Path(folder) / "runs"
        report["watched"], alone = [], []
        for number in range(chosen.repeats):
            report["watched"].append(watched(home, chosen.settings))
            alone.append(unwatched(home, chosen.settings, 100 + number))
        report["unwatched_run_seconds"] = alone
        report["watched_over_unwatched"] = round(
            statistics.mean(run["run_seconds"] for run in report["watched"]) / statistics.mean(alone), 3
        )
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
