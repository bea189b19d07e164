"""The command line. Progress goes to stderr; the last line on stdout is one JSON object.

Exit status: 0 success, 2 a wrong setting (one line that names it and the cure), 1 failure,
130 stopped by Ctrl-C or cancel (the run can be resumed).
"""

import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from edc_core.config import RunConfig, checked
from edc_core.configure import configure, parse_changes, table_named
from edc_core.data import describe
from edc_core.design_space import CHOICES, PRESETS, PROTOCOLS
from edc_core.errors import EDCError, SettingsError, StoreError
from edc_core.pipeline import dataset_name, execute, prepare
from edc_core.progress import Bar
from edc_core.store import BUNDLED, Store, default_home
from edc_core.tables import TABLES, table_for

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="EDC Lab: dataset condensation, every design choice a switch.",
)


def _whole(text: str) -> int:
    """A whole number as typed; the error names what was typed."""
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"'{text}' is not a whole number: give one like 10.") from None


Preset = Annotated[str, typer.Option(help=f"one of {', '.join(PRESETS)}")]
DatasetOption = Annotated[str, typer.Option("--dataset", help="fashion-mnist-mini, or a folder of parquet files")]
Home = Annotated[Path | None, typer.Option(help="the store's folder (default: EDC_HOME, else ./runs)")]
Set = Annotated[list[str] | None, typer.Option("--set", help="one setting, e.g. evaluate.zeta=1.5; may be repeated")]
Protocol = Annotated[str | None, typer.Option(help=f"judge by {', '.join(PROTOCOLS)} (default: the preset's own)")]
Students = Annotated[list[str] | None, typer.Option("--student", help="a network's name; may be repeated")]
Seeds = Annotated[
    int | None,
    typer.Option(parser=_whole, metavar="N", help="students of each architecture: new initial weights, the same views"),
]
Split = Annotated[str | None, typer.Option(help="val leaves the test set closed; test (default) scores it once")]
TableOption = Annotated[str, typer.Option("--settings", help=f"auto, {', '.join(TABLES)}")]
RunName = Annotated[str, typer.Argument(help="a run's name, or its beginning or end")]


JUDGING = ("views", "relabel", "evaluate", "score")  # the settings that leave the images as they are


def _home(home: Path | None) -> Path:
    return (home or default_home()).absolute()


def _answer(result: dict) -> None:
    print(json.dumps(result), flush=True)


def _changes(pairs: list[str] | None, students: list[str] | None, seeds: int | None, split: str | None) -> dict:
    changes = parse_changes(pairs or [])
    if students:
        changes["evaluate.students"] = students
    if seeds is not None:
        changes["evaluate.seeds"] = seeds
    if split is not None:
        changes["score.split"] = split
    return changes


def _execute(config: RunConfig, home: Path | None) -> None:
    with Bar() as bar:
        _answer(execute(prepare(config), _home(home), bar))


@app.command()
def presets() -> None:
    """Print the presets, and which design choices each turns on."""
    width = max(map(len, PRESETS))
    print(f"{'':{width}}  choices  protocol")
    for name, preset in PRESETS.items():
        marks = "".join("x" if choice in preset.choices else "." for choice in CHOICES)
        print(f"{name:{width}}  {marks} {preset.protocol:8}  {preset.summary}")
    print("\nchoices, left to right: " + ", ".join(choice.title for choice in CHOICES.values()))
    print("protocols: " + "; ".join(f"{name}: {summary}" for name, (summary, _) in PROTOCOLS.items()))
    print("settings: " + "; ".join(f"{name}: {table.summary}" for name, table in TABLES.items()))


@app.command()
def run(
    preset: Preset = "G",
    dataset: DatasetOption = "fashion-mnist-mini",
    ipc: Annotated[int, typer.Option(parser=_whole, metavar="N", help="images per class")] = 10,
    seed: Annotated[int, typer.Option(parser=_whole, metavar="N", help="of every draw but the observers'")] = 0,
    student: Students = None,
    seeds: Seeds = None,
    protocol: Protocol = None,
    split: Split = None,
    settings: TableOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Condense a data set and judge the result; finished stages are taken from the store."""
    if not 0 <= seed < 2**31:
        raise SettingsError(f"--seed is {seed}: choose a whole number from 0 to {2**31 - 1}.")
    dataset = dataset_name(dataset)
    description = describe(dataset)
    table = table_for(description.classes, description.size) if settings == "auto" else table_named(settings)
    config = configure(preset, dataset, table, ipc, seed, protocol, _changes(change, student, seeds, split))
    with Bar() as bar:
        _answer(execute(prepare(config, description), _home(home), bar))


@app.command()
def evaluate(
    run: RunName,
    protocol: Protocol = None,
    student: Students = None,
    seeds: Seeds = None,
    split: Split = None,
    change: Set = None,
    home: Home = None,
) -> None:
    """Judge a run's condensed images again: other students, seeds, or another protocol."""
    store = Store(_home(home))
    old = store.run(run)["settings"]
    store.close()
    table = table_named(old["settings"])
    seed, changes = old["evaluate"]["seed"], _changes(change, student, seeds, split)
    for path in changes:
        if path.partition(".")[0] not in JUDGING:
            raise SettingsError(
                f"setting '{path}' makes other images: use 'run' for it; here choose {', '.join(JUDGING)}."
            )
    if protocol is None:
        config = checked(_with(old, changes))
    else:
        fresh = configure(old["preset"], old["dataset"], table, old["ipc"], seed, protocol, changes)
        kept = {name: old[name] for name in ("data", "squeeze", "statistics", "initialise", "synthesise")}
        config = checked(fresh.model_dump(mode="json") | kept)
    _execute(config, home)


def _with(settings: dict, changes: dict) -> dict:
    """Nested settings with dotted changes laid over them."""
    changed = json.loads(json.dumps(settings))
    for path, value in changes.items():
        stage, _, name = path.partition(".")
        if not isinstance(changed.get(stage), dict):
            raise SettingsError(f"setting '{path}' is unknown: choose a stage's setting, e.g. evaluate.zeta.")
        changed[stage][name] = value
    return changed


@app.command()
def squeeze(
    observers: Annotated[str, typer.Option(help="networks' names, separated by commas")],
    dataset: DatasetOption = "fashion-mnist-mini",
    settings: TableOption = "auto",
    change: Set = None,
    home: Home = None,
) -> None:
    """Train observers on a data set, and collect their statistics."""
    from edc_core.observers import squeeze_all

    dataset = dataset_name(dataset)
    description = describe(dataset)
    table = table_for(description.classes, description.size) if settings == "auto" else table_named(settings)
    names = tuple(name for name in observers.split(",") if name)
    changes = {"synthesise.observers": names, "relabel.observers": names} | parse_changes(change or [])
    config = configure("G", dataset, table, 1, 0, changes=changes)
    with Bar() as bar:
        _answer(squeeze_all(prepare(config, description), _home(home), bar, bundled=(BUNDLED,)))


@app.command()
def runs(home: Home = None, as_json: Annotated[bool, typer.Option("--json", help="as JSON lines")] = False) -> None:
    """List the runs in the store, the newest first."""
    store = Store(_home(home))
    for entry in store.runs():
        result = entry["result"] or {}
        if as_json:
            print(
                json.dumps(
                    {name: entry[name] for name in ("id", "state", "preset", "dataset", "ipc", "seed", "result")}
                )
            )
            continue
        top1 = f"{result[result['headline']]:6.2f} % {result['split']}" if result else ""
        print(f"{entry['id']:44}  {entry['state']:11}  {top1}")
    store.close()


@app.command()
def show(run: RunName, home: Home = None) -> None:
    """Print one run whole: settings, manifest, stages, result."""
    store = Store(_home(home))
    entry = store.run(run)
    entry["plan"] = [node | {"found": bool(store.artefacts.find(node["key"]))} for node in entry["plan"]]
    store.close()
    print(json.dumps(entry, indent=1))


@app.command()
def cancel(run: RunName, home: Home = None) -> None:
    """Stop a run within two seconds; everything finished is kept."""
    store = Store(_home(home))
    entry = store.run(run)
    store.cancel(entry["id"])
    deadline = time.monotonic() + 10
    while store.run(entry["id"])["state"] == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    state = store.run(entry["id"])["state"]
    store.close()
    _answer({"run": entry["id"], "state": state})


@app.command()
def resume(run: RunName, home: Home = None) -> None:
    """Take an interrupted, cancelled or failed run up where it stopped."""
    store = Store(_home(home))
    entry = store.run(run)
    store.close()
    prepared = prepare(checked(entry["settings"]))
    if prepared.run != entry["id"]:
        raise StoreError(f"run '{entry['id']}' was made from other data or by other code: start it anew with 'run'.")
    with Bar() as bar:
        _answer(execute(prepared, _home(home), bar))


@app.command()
def delete(run: RunName, home: Home = None) -> None:
    """Forget a run and what only it uses; observers and their statistics stay."""
    store = Store(_home(home))
    entry = store.run(run)
    removed = store.delete(entry["id"])
    store.close()
    _answer({"run": entry["id"], "state": "deleted", "artefacts": len(removed)})


def _interrupt(*_) -> None:
    raise KeyboardInterrupt


def _say(message: str) -> None:
    """One line on stderr, whatever is in it."""
    line = " ".join(message.split())
    print(line if len(line) <= 1000 else f"{line[:500]} ... {line[-400:]}", file=sys.stderr, flush=True)


def main() -> None:
    """Run the command line; every error is one line on stderr."""
    signal.signal(signal.SIGTERM, _interrupt)
    if len(sys.argv) == 1:
        sys.argv.append("--help")
    try:
        status = app(standalone_mode=False) or 0
        if status == 130:  # typer's own word for Ctrl-C
            raise KeyboardInterrupt
        sys.exit(status)
    except EDCError as error:
        _say(f"error: {error}")
        sys.exit(error.exit_status)
    except TyperException as error:
        _say(f"error: {error.format_message()}")
        sys.exit(2)
    except (KeyboardInterrupt, Abort):
        _say("stopped: everything finished is kept, and the same command goes on from there.")
        sys.exit(130)
    except Exception as error:  # the last resort: one line, and the report for whoever asks
        if os.environ.get("EDC_DEBUG"):
            raise
        _say(f"error: {type(error).__name__}: {error}; EDC_DEBUG=1 shows the full report.")
        sys.exit(1)
