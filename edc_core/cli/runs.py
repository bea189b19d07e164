"""Commands on what the store holds: runs, show, cancel, resume, delete."""

import json
import sys
import time
from collections.abc import Sequence
from typing import Annotated

import typer

from edc_core import jobs
from edc_core.cli.options import Home, RunName, TakeOver, app, home_of, print_result, take_over_run
from edc_core.console.progress import ProgressBar
from edc_core.data.short_names import short_name, short_names
from edc_core.runs.condensed_set import label_record
from edc_core.runs.run_table import title_of
from edc_core.store import TASKS, Store
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

LISTED = ("id", "state", "preset", "dataset", "ipc", "seed", "result")  # as JSON


@app.command()
def runs(
    home: Home = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON lines")] = False,
    archived: Annotated[bool, typer.Option("--archived", help="with runs of classes that are over")] = False,
) -> None:
    """List the runs in the store, newest first."""
    store = Store(home_of(home))
    places = jobs.places(store)
    found = store.runs(archived)
    marks = _alike_datasets(found)
    for entry in found:
        result = entry.result or {}
        if as_json:
            print(json.dumps({name: getattr(entry, name) for name in LISTED}))
            continue
        top1 = f"{result[result['headline']]:6.2f} % {result['split']}" if result else ""
        place = f"place {places[entry.id]}" if entry.id in places and entry.state == RunState.QUEUED else ""
        told = f"{title_of(entry)}  {marks.get(entry.dataset, '')}".rstrip()
        print(f"{entry.id:44}  {entry.state:13}  {top1 or place:13}  {told}")
    for row in store.damaged():
        print(f"run '{row['id']}' is damaged and left out: 'show' says how, 'delete' is the cure.", file=sys.stderr)
    store.close()


def _alike_datasets(runs: Sequence[RunRecord]) -> dict[str, str]:
    """Address -> what tells a data set from others of its name; a name that is the only one of its kind says enough."""
    named = short_names(run.dataset for run in runs)
    return {address: name for address, name in named.items() if name != short_name(address)}


@app.command()
def show(run: RunName, home: Home = None) -> None:
    """Print one run in full: settings, manifest, stages, result."""
    store = Store(home_of(home))
    entry = store.run(run)
    values = vars(entry) | {"cancel": int(entry.cancel)}
    values["plan"] = [node | {"found": bool(store.stage_results.find(node["key"]))} for node in entry.plan]
    values["labels"] = {} if entry.origin in TASKS else label_record(store, entry)
    store.close()
    print(json.dumps(values, indent=1))


@app.command()
def cancel(run: RunName, home: Home = None) -> None:
    """Stop a running or queued run within two seconds; finished stages are kept."""
    store = Store(home_of(home))
    entry = store.run(run)
    store.cancel(entry.id)
    deadline = time.monotonic() + jobs.CANCEL_GRACE_SECONDS + 4
    while (state := store.run(entry.id).state).is_at_work and time.monotonic() < deadline:
        jobs.kill_unresponsive(store)
        time.sleep(0.1)
    store.close()
    print_result({"run": entry.id, "state": state})


@app.command()
def resume(run: RunName, home: Home = None, take_over: TakeOver = False) -> None:
    """Resume an interrupted, cancelled or failed run (or other task) where it stopped."""
    store = Store(home_of(home))
    entry = store.run(run)
    store.close()
    if take_over:
        take_over_run(entry.id, home_of(home))
    started = time.monotonic()
    with ProgressBar() as bar:
        result = jobs.execute_job(entry, home_of(home), bar)
    if entry.origin in TASKS:
        result = {"run": entry.id, "state": "finished", "seconds": round(time.monotonic() - started, 2)}
    print_result(result)


@app.command()
def delete(run: RunName, home: Home = None) -> None:
    """Delete a run and the results that only it uses; observers and their statistics stay."""
    store = Store(home_of(home))
    name = store.named(run)
    removed = store.delete(name)
    store.close()
    print_result({"run": name, "state": "deleted", "artefacts": len(removed)})
