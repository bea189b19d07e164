"""Thirty people in one lab: ten launch in the same minute, five of them the same settings, while a run works.

    python -m experiments.classroom [--people 30] [--profile tiny]

Real script sessions over websockets, real workers, a class with a code. Prints what it measured as JSON
and ends with status 1 where something was mixed up, lost, slow or too large.
"""

import argparse
import asyncio
import json
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from tests.support.browser import serving
from tests.support.sessions import Session

CODE, TEACHER = "oak", "elm"
MEMORY_LIMIT = 1500  # MB


class Pupil(Session):
    """A session that has entered the class."""

    nickname = ""

    async def enter(self, number: int, page: str, code: str = CODE, **query: str) -> None:
        self.nickname = f"pupil {number}" if code == CODE else "teacher"
        await self.open(page, **query)
        await self.type("Class code", code)
        await self.type("Nickname", self.nickname)
        await self.press("Enter")


async def launch(pupil: Pupil, delay: float) -> str:
    """Press Launch on Recipe after a while; gives the address that the page then has."""
    await asyncio.sleep(delay)
    await pupil.press("Launch")
    await asyncio.sleep(1)
    return pupil.everything()


def recipe(settings: str, seed: int) -> dict[str, str]:
    return {"profile": settings, "ipc": "1", "seed": str(seed), "set": "views.epochs=800"}


async def launch_more(pupil: Pupil, address: str, settings: str, seed: int) -> Pupil:
    """The same person in another tab, by the cookie that the first one was given."""
    cookie = re.search(r"(edc_person_\w+=[\w-]+)", pupil.everything()).group(1)
    tab = Pupil(address, cookie)
    await tab.open("recipe", **recipe(settings, seed))
    await tab.press("Launch")
    return tab


async def stay(pupil: Pupil, until: float) -> None:
    """Look around: the page again every few seconds, its fragments' timers beside."""
    while time.monotonic() < until:
        await asyncio.sleep(random.uniform(3, 6))
        await pupil.rerun()


async def watch_memory(pid: int, peak: list[float], until: float) -> None:
    process = psutil.Process(pid)
    while time.monotonic() < until:
        peak.append(process.memory_info().rss / 2**20)
        await asyncio.sleep(0.5)


async def enter_all(pupils: list[Pupil], settings: str, seeds: list[int]) -> float:
    """Let everybody enter, the first ones at a recipe with their seed; the seconds it took."""
    began = time.monotonic()
    for number, pupil in enumerate(pupils):
        if number < len(seeds):
            await pupil.enter(number, "recipe", **recipe(settings, seeds[number]))
        else:
            await pupil.enter(number, "recipe" if number % 2 == 0 else "gallery")
    return time.monotonic() - began


async def watch_starts(store: Store, until: float) -> list[str]:
    """Runs in the order of their start, until none is alive or the time is over."""
    order: list[str] = []
    while time.monotonic() < until:
        for run in sorted(store.runs(), key=lambda run: run.started or 0):
            if run.started and not run.bundled and run.id not in order:
                order.append(run.id)
        live = [run for run in store.runs() if run.state.is_alive]
        if not live:
            break
        await asyncio.sleep(1)
    return order


def followed_right(runs: list[RunRecord], launched: list[str], seeds: list[int]) -> int:
    """How many pupils follow the run of their own seed and nobody else's."""
    by_seed = {run.seed: run for run in runs}
    return sum(
        by_seed[seed].id in text and not any(run.id in text for run in runs if run.seed not in (seed, 101))
        for text, seed in zip(launched, seeds[1:], strict=True)
    )


def page_seconds(pupils: list[Pupil]) -> dict[str, float | None]:
    """Median, 95th percentile and maximum of the seconds that pages took."""
    latencies = sorted(latency for pupil in pupils for latency in pupil.latencies)
    if not latencies:
        return {"page_seconds_median": None, "page_seconds_95": None, "page_seconds_worst": None}
    return {
        "page_seconds_median": round(statistics.median(latencies), 2),
        "page_seconds_95": round(latencies[int(0.95 * len(latencies))], 2),
        "page_seconds_worst": round(latencies[-1], 2),
    }


async def lesson(address: str, home: Path, pid: int, people: int, settings: str, minutes: float) -> dict:
    store = Store(home)
    pupils = [Pupil(address) for _ in range(people)]
    until = time.monotonic() + 60 * minutes
    peak: list[float] = []
    memory = asyncio.create_task(watch_memory(pid, peak, until))
    seeds = [101] + [7] * 5 + [11, 12, 13, 14]
    entered = await enter_all(pupils, settings, seeds)
    teacher = Pupil(address)
    await teacher.enter(0, "teacher", TEACHER)
    # One greedy pupil's three runs first; the first of them is the run that works while the others come.
    await launch(pupils[0], 0)
    tabs = [await launch_more(pupils[0], address, settings, seed) for seed in (102, 103)]
    launched = await asyncio.gather(*(launch(pupil, random.uniform(0, 20)) for pupil in pupils[1 : len(seeds)]))
    for pupil in pupils:
        pupil.latencies.clear()
    teacher.latencies.clear()
    stays = [asyncio.create_task(stay(one, until)) for one in (*pupils, teacher)]
    order = await watch_starts(store, until)
    for task in (*stays, memory):
        task.cancel()
    runs = [run for run in store.runs() if not run.bundled]
    report = {
        "people": people,
        "seconds_for_all_to_enter": round(entered, 1),
        "launches": 1 + len(tabs) + len(launched),
        "runs": len(runs),
        "finished": sum(run.state == RunState.FINISHED for run in runs),
        "joined_run_submitters": max(len(run.submitters) for run in runs),
        "order_of_seeds": [next(run.seed for run in runs if run.id == one) for one in order],
        "waited_behind_a_third_run": behind(runs),
        **page_seconds(pupils),
        "page_runs": sum(pupil.runs for pupil in pupils),
        "server_peak_mb": round(max(peak)),
        "teachers_page_seconds": page_seconds([teacher]),
        "exceptions": sorted({text for one in (*pupils, teacher) for text in one.exceptions()}),
        "unforeseen": sorted(
            {log.read_text(encoding="utf-8").strip().splitlines()[-1] for log in (home / "logs").glob("page-*.log")}
        ),
        "someone_elses_could_be_changed": await meddle(pupils, runs),
        "dead_sessions": sum(pupil.listener.done() for pupil in pupils),
    }
    report["followed_right"] = followed_right(runs, launched, seeds)
    report["followed"] = len(launched)
    for pupil in (*pupils, *tabs, teacher):
        await pupil.close()
    store.close()
    return report


async def meddle(pupils: list[Pupil], runs: list[RunRecord]) -> int:
    """The last pupil opens every run of others and presses what can be pressed; gives what changed."""
    meddler, before = pupils[-1], {run.id: (run.state, run.title) for run in runs}
    for run in runs:
        meddler.page, meddler.query = "runs", f"run={run.id}&compare={run.id}"
        await meddler.rerun()
        for label in ("Delete", "Stop", "Resume", "Rename"):
            try:
                button = meddler.find("button", label)
            except LookupError:
                continue
            if not button.disabled:
                await meddler.press(label)
                for confirm in ("Delete it", "Delete this run", "Yes, delete"):
                    try:
                        await meddler.press(confirm)
                    except LookupError:
                        continue
    store = Store()
    after = {run.id: (run.state, run.title) for run in store.runs() if not run.bundled}
    store.close()
    return sum(after.get(run) != state for run, state in before.items())


def behind(runs: list[RunRecord]) -> int:
    """How many runs of others waited already when the greedy pupil's third one was taken before them."""
    third = next(run for run in runs if run.seed == 103)
    others = [run for run in runs if run.seed < 100]
    if third.started is None:
        return 0
    return sum(run.queued < third.started < (run.started or float("inf")) for run in others)


def wrong(report: dict) -> list[str]:
    """What must not be."""
    found = [
        name for name in ("exceptions", "unforeseen", "someone_elses_could_be_changed", "dead_sessions") if report[name]
    ]
    if report["finished"] != report["runs"] or report["runs"] != 8:
        found.append("not every run finished, or equal ones were not joined")
    if report["joined_run_submitters"] != 5:
        found.append("equal runs were not joined")
    if report["waited_behind_a_third_run"]:
        found.append("somebody waited behind another's third run")
    if report["server_peak_mb"] > MEMORY_LIMIT:
        found.append("memory")
    if report["followed_right"] != report["followed"]:
        found.append("sessions were mixed up")
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--people", type=int, default=30)
    arguments.add_argument(
        "--profile",
        "--settings",
        dest="settings",
        default="lab-smoke",
        help="the profile of the runs: tiny or lab-smoke",
    )
    arguments.add_argument("--minutes", type=float, default=6.0, help="the longest that it may take")
    chosen = arguments.parse_args()
    import os

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        os.environ["EDC_HOME"] = folder
        with serving(home, EDC_CLASS_CODE=CODE, EDC_TEACHER_CODE=TEACHER) as (address, process):
            report = asyncio.run(lesson(address, home, process.pid, chosen.people, chosen.settings, chosen.minutes))
    print(json.dumps(report, indent=1))
    if found := wrong(report):
        sys.exit(f"wrong: {', '.join(found)}")


if __name__ == "__main__":
    main()
