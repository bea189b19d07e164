"""Progress of a run by stage: done, reused, running with time left, or waiting."""

import html
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from edc_core.errors import EDCError
from edc_core.performance.queue_wait import expected_seconds, time_left
from edc_core.stage_graph import EXTRA_STAGES
from edc_core.store import SQUEEZE
from edc_core.store.files import read_json
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import capitalise
from edc_core.wording.stage_text import STEPS, stages_in
from pages.shared.formatting import duration
from pages.shared.page_frame import Lab

OBSERVER = "an observer is trained on the real images, and what its layers see there is measured"


@dataclass(frozen=True)
class Phase:
    """One phase: share done, state and help text."""

    title: str
    help: str
    state: str  # done, stored, running, stopped or waiting
    share: float  # of it that is done, 0 to 1
    text: str
    seconds: float  # left


@dataclass(frozen=True)
class Progress:
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        """Seconds left of the whole run."""
        return sum(phase.seconds for phase in self.phases)

    @property
    def now(self) -> str:
        """Sentence on the running phase; empty before the first and after the last."""
        return next((f"{capitalise(phase.help)}." for phase in self.phases if phase.state == "running"), "")


def read_progress(lab: Lab, run: RunRecord) -> Progress:
    """Current progress of a run, read from the store."""
    done = {node["key"] for node in run.plan if lab.store.stage_results.find(node["key"])}
    expected = expected_seconds(lab.home, run.id, done) or {}
    wanted = set(run.wanted or ())
    phases = []
    if run.origin == SQUEEZE:
        for name in dict.fromkeys(node["name"] for node in run.plan):
            nodes = [node for node in run.plan if node["name"] == name]
            phases.append(_phase(lab, run, name, OBSERVER, nodes, done, expected))
        return Progress(tuple(phases))
    for title, what in STEPS.items():
        nodes = [node for node in run.plan if node["stage"] in stages_in(title)]
        if nodes and (title != "Neighbours" or wanted & set(EXTRA_STAGES)):
            phases.append(_phase(lab, run, title, what, nodes, done, expected))
    return Progress(tuple(phases))


def _phase(lab: Lab, run: RunRecord, title: str, what: str, nodes: list, done: set[str], expected: dict) -> Phase:
    ready = [node for node in nodes if node["key"] in done]
    left = [node for node in nodes if node["key"] not in done]
    if not left:
        return _ready(lab, run, title, what, ready)
    seconds = sum(expected.get(node["key"], 0.0) for node in left)
    progress = run.progress or {}
    current = next((node for node in left if node["key"] == progress.get("key")), None)
    many = f"{len(ready) + 1} of {len(nodes)}: " if len(nodes) > 1 else ""
    if current is None or run.state in (RunState.QUEUED, RunState.FINISHED):
        if run.state == RunState.FINISHED:
            return Phase(title, what, "waiting", 0.0, "not needed", 0.0)
        return Phase(
            title,
            what,
            "waiting",
            len(ready) / len(nodes),
            f"about {duration(seconds)}" if seconds >= 1 else "waiting",
            seconds,
        )
    share, total = 0.0, progress.get("total") or 0
    if total:
        share = min(progress["done"] / total, 1.0)
    counted = f"{progress['done']} of {total}" if total else progress.get("note") or current["name"]
    own = expected.get(current["key"], 0.0)
    rest = time_left(progress, own)
    seconds = seconds - own + rest
    whole = (len(ready) + share) / len(nodes)
    if not run.state.is_at_work:
        return Phase(title, what, "stopped", whole, f"{many}stopped at {counted}", seconds)
    return Phase(title, what, "running", whole, f"{many}{counted}, {duration(seconds)} left", seconds)


def _ready(lab: Lab, run: RunRecord, title: str, what: str, nodes: list) -> Phase:
    """A step that is done: how much of it by this run, in which time, and how much before it."""
    records = {node["key"]: _record(lab.store.stage_results.find(node["key"])) for node in nodes}
    began = run.created  # not "started": that is anew after each resume
    own = [node for node in nodes if records[node["key"]][1] >= began and not run.bundled]
    if not own:
        many = f"{_networks(nodes)} " if len(nodes) > 1 else ""
        return Phase(title, what, "stored", 1.0, f"{many}reused", 0.0)
    many = f"{_networks(own)} " if len(nodes) > 1 else ""
    before = _networks(nodes) - _networks(own)
    text = f"{many}done, {duration(sum(records[node['key']][0] for node in own))}"
    return Phase(title, what, "done", 1.0, f"{before} reused, {text}" if before else text, 0.0)


def _networks(nodes: list) -> int:
    """How many networks they are of: an observer's training, its statistics and its ranking are one."""
    return len({node["name"] for node in nodes})


def _record(folder: Path | None) -> tuple[float, float]:
    """Seconds that a finished stage took, and when it was finished; zeros where it went between two looks."""
    if folder is None:
        return 0.0, 0.0
    path = folder / "stage.json"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (EDCError, OSError):
        return 0.0, 0.0


@lru_cache(4096)
def _read(path: Path, written: int) -> tuple[float, float]:
    """What a record says; a stage that is computed anew is written anew, at the same path."""
    record = read_json(path)
    return record.get("seconds", 0.0), record.get("finished", 0.0)


def render_stage_progress(progress: Progress) -> None:
    """The steps in a line."""
    cells = "".join(_cell(number, phase) for number, phase in enumerate(progress.phases, 1))
    many = ' style="grid-auto-flow: row; grid-template-columns: repeat(5, 1fr)"' if len(progress.phases) > 7 else ""
    st.html(f'<div class="live-stages" role="list"{many}>{cells}</div>')


def _cell(number: int, phase: Phase) -> str:
    marks = {"done": "&#10003;", "stored": "&#10003;", "running": str(number), "stopped": str(number)}
    mark = marks.get(phase.state, str(number))
    return (
        f'<div class="live-stage {phase.state}" role="listitem" title="{html.escape(phase.help)}">'
        f'<div class="head"><span class="mark">{mark}</span>{html.escape(phase.title)}</div>'
        f'<div class="bar"><i style="width:{100 * phase.share:.1f}%"></i></div>'
        f'<div class="text">{html.escape(phase.text)}</div></div>'
    )
