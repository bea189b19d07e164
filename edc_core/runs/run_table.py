"""Many runs at a glance: the rows of a table, its filters, and the table as a file.

A run here is the store's plain dictionary (`Store.runs`).
"""

import csv
import io
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from edc_core.config import validate_config
from edc_core.data.dataset import held_out_per_class
from edc_core.data.short_names import short_name, short_names
from edc_core.design_space.presets import PRESETS
from edc_core.errors import EDCError, StoreError
from edc_core.runs.condensed_set import labels_of
from edc_core.runs.run_name import RunName, run_name
from edc_core.stage_graph import Student
from edc_core.store import StageResults
from edc_core.store.files import read_json, seconds_taken
from edc_core.store.run_deletion import SHARED_STAGES
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState

COLUMNS = {
    "name": "run",
    "changed": "changed",
    "preset": "preset",
    "dataset": "data set",
    "ipc": "IPC",
    "seed": "seed",
    "protocol": "protocol",
    "students": "students",
    "state": "state",
    "top1": "top-1 (%)",
    "split": "scored on",
    "seconds": "computing (s)",
    "bytes": "images (bytes)",
    "looks": "looks at the test set",
    "origin": "origin",
    "owner": "owner",
    "created": "created (unix time)",
    "id": "id",
}
PROTOCOL_TEXT = {
    "edc": "EDC's protocol",
    "rded": "RDED's protocol",
    "sre2l": "SRe2L's protocol",
    "hard": "hard labels",
    "plain": "hard labels without augmentation",
}


def row(run: RunRecord, stage_results: StageResults) -> dict[str, Any]:
    """One run's row; values that are not there yet are None."""
    settings, result = run.settings, run.result or {}
    students = settings["evaluate"]
    return {
        "id": run.id,
        "name": title_of(run),
        "called": called(run) if run.title else f"{called(run)}{_judged(run)}",
        "changed": "; ".join(name_of(run).changed),
        "preset": run.preset,
        "dataset": short_name(run.dataset),
        "ipc": run.ipc,
        "seed": run.seed,
        "protocol": settings["protocol"],
        "students": ", ".join(students["students"]) + (f" x {students['seeds']}" if students["seeds"] > 1 else ""),
        "state": run.state,
        "top1": top1_of(run),
        "split": result.get("split"),
        "seconds": seconds_of(run, stage_results) if run.state == RunState.FINISHED else None,
        "bytes": image_bytes(run, stage_results),
        "looks": run.manifest.get("test_looks", {}).get("run", 0),
        "origin": run.origin or "command line",
        "owner": run.nickname or "",
        "created": run.created,
    }


def rows(runs: Iterable[RunRecord], stage_results: StageResults) -> list[dict[str, Any]]:
    """A row for each run, in their order; data sets called alike are told apart."""
    runs = list(runs)
    called = short_names(run.dataset for run in runs)
    return [row(run, stage_results) | {"dataset": called[run.dataset]} for run in runs]


def name_of(run: RunRecord) -> RunName:
    """A run's name and every difference from its preset."""
    return run_name({"preset": run.preset} | run.settings)


def called(run: RunRecord) -> str:
    """What a run is called: the name that a person gave it, else what differs from its preset."""
    return run.title or str(name_of(run))


def title_of(run: RunRecord) -> str:
    """A run's name with its IPC, protocol and seed, which tell it from others so called; a person's name alone."""
    if run.title:
        return run.title
    return f"{called(run)}, IPC {run.ipc}{_judged(run)}, seed {run.seed}"


def _judged(run: RunRecord) -> str:
    """ ", hard labels" and the like, where a run's protocol is not its preset's own."""
    preset = PRESETS.get(run.preset)
    protocol = run.settings["protocol"]
    own = preset.protocol if preset else "edc"
    return "" if protocol == own else f", {PROTOCOL_TEXT.get(protocol, protocol)}"


def names_of(runs: Sequence[RunRecord]) -> list[str]:
    """Each run's title; told apart by the end of its name where several have one title."""
    titles = [title_of(run) for run in runs]
    return [
        f"{title} ({run.id[-4:]})" if titles.count(title) > 1 else title
        for title, run in zip(titles, runs, strict=True)
    ]


def top1_of(run: RunRecord) -> float | None:
    """The headline top-1 in percent (raw or averaged weights, as the run's settings say); None without a result."""
    result = run.result
    return result[result["headline"]] if result else None


def top1_of_student(run: RunRecord, student: Student, weights: str) -> float:
    """Top-1 in percent of one student of a run with a result, of its `raw` or `ema` weights."""
    students = run.result["students"] if run.result else []
    own = next(one for one in students if Student(one["student"], one["seed"]) == student)
    return own["top1_ema" if weights == "ema" else "top1"]


def observers_top1(run: RunRecord, stage_results: StageResults) -> dict[str, float]:
    """Held-out top-1 in percent of each of a run's observers that is in this store."""
    found = {}
    for node in run.plan:
        folder = stage_results.find(node["key"]) if node["stage"] == "squeeze" else None
        if folder:
            found[node["name"]] = read_json(folder / "observer.json")["val_top1"]
    return found


def best_observer(runs: Sequence[RunRecord], stage_results: StageResults) -> tuple[str, float] | None:
    """The best observer of any of them, where all were scored on the same held-out images."""
    if len({(run.manifest["dataset"]["digest"], str(run.settings["data"])) for run in runs}) > 1:
        return None
    known = [pair for run in runs for pair in observers_top1(run, stage_results).items()]
    return max(known, key=lambda pair: pair[1], default=None)


def scored_images(run: RunRecord) -> int:
    """How many images a run with a result was scored on."""
    about, settings = run.manifest["dataset"], run.settings
    if run.result and run.result["split"] == "test":
        return about["test_count"]
    try:
        held = held_out_per_class(tuple(about["train_counts"]), validate_config(settings).data)
    except EDCError:  # settings of another version
        return settings["data"]["holdout"]
    return len(about["train_counts"]) * held


def image_bytes(run: RunRecord, stage_results: StageResults | None = None) -> int | None:
    """Bytes of the condensed images as they are stored: one a pixel and colour.

    Without `stage_results` an imported set whose classes differ counts with its IPC, which is rounded up.
    """
    about = run.manifest.get("dataset", {})
    if not {"classes", "channels", "size"} <= about.keys():
        return None
    images = run.ipc * len(about["classes"])
    if stage_results and run.settings["initialise"]["kind"] == "given":
        with suppress(StoreError):  # damaged: the run's own page says so
            images = len(labels_of(stage_results, run))
    return images * about["channels"] * about["size"] ** 2


def seconds_of(run: RunRecord, stage_results: StageResults) -> float | None:
    """Seconds that the run's own stages took, whoever computed them; observers and statistics are the data set's."""
    total, found = 0.0, False
    for node in run.plan:
        folder = None if node["stage"] in SHARED_STAGES else stage_results.find(node["key"])
        if folder is None:
            continue
        try:
            total, found = total + seconds_taken(folder), True
        except StoreError:  # damaged: the run's own page says so
            continue
    return round(total, 1) if found else None


def matching(
    runs: Iterable[RunRecord],
    text: str = "",
    presets: Sequence[str] = (),
    datasets: Sequence[str] = (),
    states: Sequence[str] = (),
    owner: str | None = None,
) -> list[RunRecord]:
    """The runs that pass every filter; an empty one passes all. Each word of `text` must occur somewhere.

    `datasets` are addresses.
    """
    words = text.lower().split()

    def passes(run: RunRecord) -> bool:
        haystack = " ".join(
            [title_of(run), run.id, run.preset, run.dataset, run.state, run.settings["protocol"]]
            + list(run.settings["evaluate"]["students"])
            + [run.nickname or "", run.origin or ""]
        ).lower()
        return (
            all(word in haystack for word in words)
            and (not presets or run.preset in presets)
            and (not datasets or run.dataset in datasets)
            and (not states or run.state in states)
            and (owner is None or run.owner == owner)
        )

    return [run for run in runs if passes(run)]


def as_csv(table: Sequence[dict[str, Any]], settings: Sequence[dict[str, Any]] = ()) -> str:
    """Rows as CSV with a heading; one line a run. `settings`: of each run, path -> value, a column each."""
    if settings:
        table = [entry | values for entry, values in zip(table, settings, strict=True)]
    paths = {path: path for values in settings for path in values}
    file = io.StringIO()
    writer = csv.DictWriter(file, [*COLUMNS, *paths], extrasaction="ignore")
    writer.writerow(COLUMNS | paths)
    # A title is a person's text: one that a spreadsheet would take for a formula is kept text.
    writer.writerows({name: plain_text(value) for name, value in entry.items()} for entry in table)
    return file.getvalue()


def plain_text(value: Any) -> Any:
    """A value as CSV may hold it: what a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@" and value[:1] else value
