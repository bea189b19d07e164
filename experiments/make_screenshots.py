"""Screenshots of every page in its states, for the README and for looking at.

    python -m experiments.make_screenshots            # the README's, into docs/
    python -m experiments.make_screenshots --all DIR  # every page, state, width and theme

It starts the app on a store of its own, makes a finished, a failed, a cancelled and a running run, and captures them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from edc_core.environment import ROOT
from edc_core.store import Store
from edc_core.store.states import RunState
from tests.support.browser import browsing, quiet, serving

PAGES = {"start": ""} | {name: name for name in ("data", "recipe", "gallery", "labels", "choices", "landscape", "runs")}
README = (("start", "", "start"), ("data", "", "data"), ("recipe", "", "recipe"))
README += (("gallery", "finished", "gallery"), ("labels", "finished", "labels"), ("choices", "", "choices"))
README += (("landscape", "finished", "landscape"),)


def edc(home: Path, *arguments: str) -> subprocess.Popen:
    command = [sys.executable, "-m", "edc_core", *arguments]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def run_in_state(home: Path, state: str) -> str:
    """The newest run of the store in that state."""
    store = Store(home)
    found = next(run.id for run in store.runs() if run.state == state and not run.bundled)
    store.close()
    return found


def prepare(home: Path) -> dict[str, str]:
    """Make a finished, a failed and a cancelled run; gives their names by state."""
    edc(home, "run", "--profile", "lab-smoke", "--ipc", "10").wait()
    edc(home, "run", "--profile", "lab-smoke", "--preset", "A", "--ipc", "10").wait()
    edc(home, "run", "--profile", "lab-smoke", "--ipc", "2", "--set", "evaluate.lr=1000000", "--seed", "3").wait()
    process = edc(home, "run", "--profile", "lab", "--ipc", "10", "--seed", "4")
    wait_for_progress(home, process)
    edc(home, "cancel", run_in_state(home, "running")).wait()
    process.wait()
    return {state: run_in_state(home, state) for state in (RunState.FINISHED, RunState.FAILED, RunState.CANCELLED)}


def wait_for_progress(home: Path, process: subprocess.Popen, seconds: float = 60) -> None:
    """Until the run has begun to advance."""
    import time

    for _ in range(int(seconds * 5)):
        store = Store(home)
        advancing = any(run.state == RunState.RUNNING and (run.progress or {}).get("done") for run in store.runs())
        store.close()
        if advancing or process.poll() is not None:
            return
        time.sleep(0.2)


def take_screenshot(
    address: str, page: str, run: str, path: Path, width: int, scheme: str, wait: int = 2500
) -> list[str]:
    """One page as a PNG, as tall as its contents; gives the console errors."""
    with browsing(width, scheme) as (tab, errors):
        tab.goto(f"{address}/{PAGES[page]}" + (f"?run={run}" if run else ""))
        quiet(tab)
        tab.wait_for_timeout(wait)
        height = tab.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        tab.set_viewport_size({"width": width, "height": min(max(int(height), 700), 5000)})
        tab.wait_for_timeout(800)
        tab.screenshot(path=str(path))
        return errors


def everything(folder: Path, home: Path, empty: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    views = [(width, scheme) for width in (1280, 1920) for scheme in ("light", "dark")]
    with serving(empty) as (address, _):
        for page in PAGES:
            for width, scheme in views:
                name = f"{page}-empty-{width}-{scheme}.png"
                print(name, take_screenshot(address, page, "", folder / name, width, scheme))
    named = prepare(home)
    with serving(home) as (address, _):
        for state, run in named.items():
            for page in PAGES:
                for width, scheme in views if state != RunState.CANCELLED else views[:1]:
                    name = f"{page}-{state}-{width}-{scheme}.png"
                    print(name, take_screenshot(address, page, run, folder / name, width, scheme))
        process = edc(home, "run", "--profile", "lab", "--ipc", "10", "--seed", "5", "--set", "views.epochs=3000")
        wait_for_progress(home, process)
        run = run_in_state(home, "running")
        for page in PAGES:
            for width, scheme in views:
                name = f"{page}-running-{width}-{scheme}.png"
                print(name, take_screenshot(address, page, run, folder / name, width, scheme))
        edc(home, "cancel", run).wait()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--all", metavar="DIR", type=Path, help="every page, state, width and theme")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home, empty = Path(folder) / "home", Path(folder) / "empty"
        if chosen.all:
            everything(chosen.all, home, empty)
            return
        store = Store(home)
        run = next(run.id for run in store.runs() if (run.preset, run.settings["protocol"]) == ("G", "edc"))
        store.close()
        with serving(home) as (address, _):
            for page, state, name in README:
                take_screenshot(address, page, run if state else "", ROOT / "docs" / f"{name}.png", 1280, "light", 4000)


if __name__ == "__main__":
    main()
