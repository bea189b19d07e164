"""A fresh store, the command line asked as a person asks it, and the trial's verdict."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parents[3]
T = Path(tempfile.mkdtemp(prefix="edc-trial-")).resolve()
HOME = T / "home"
atexit.register(shutil.rmtree, T, ignore_errors=True)
os.environ |= {"EDC_HOME": str(HOME), "EDC_CALIBRATE": "0", "EDC_WORKER_IDLE_SECONDS": "2"}
CHROMIUM = shutil.which("chromium") or "chromium"
BARE = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def verdict(good: object, text: object) -> NoReturn:
    """The trial's one line, and its exit status."""
    print(("OK   " if good else "FAIL ") + " ".join(str(text).split()), flush=True)
    sys.exit(0 if good else 1)


def edc(*words: object, **options: Any) -> subprocess.CompletedProcess:
    """`python -m edc_core WORDS`."""
    command = [sys.executable, "-m", "edc_core", *map(str, words)]
    return subprocess.run(command, **({"cwd": ROOT, "capture_output": True, "text": True} | options))


def start(*words: object, **environment: str) -> subprocess.Popen:
    """The same, at work beside us; what it says to a person goes into T/err."""
    command = [sys.executable, "-m", "edc_core", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": (T / "err").open("w"), "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, **pipes)


def start_synthesis(*words: object) -> subprocess.Popen:
    """`start` with one thread, once it tells of the synthesis."""
    process = start(*words, EDC_THREADS="1")
    for _ in range(120):
        time.sleep(1)
        if "synthesise" in (T / "err").read_text():
            break
    time.sleep(2)
    return process


def last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def answer(done: subprocess.CompletedProcess) -> dict:
    """The JSON object on the last line; nothing where it failed."""
    try:
        return json.loads(last(done.stdout))
    except ValueError:
        return {}


class Looked(NamedTuple):
    """What `doctor` says of a data set."""

    exit: int
    report: dict
    words: str

    @property
    def classes(self) -> tuple | str:
        """The classes in their order, or why there are none."""
        return tuple(self.report["classes"]) if "classes" in self.report else self.refusal

    @property
    def counts(self) -> tuple | str:
        """Training images of each class, or why there are none."""
        return tuple(self.report["train_counts"]) if "train_counts" in self.report else self.refusal

    @property
    def refusal(self) -> str:
        return "; ".join(self.sentences("fatal")) or last(self.words)

    def sentences(self, *kinds: str) -> list[str]:
        """Its findings of these severities, each with its cure."""
        found = self.report.get("findings", [])
        return [f"{one['message']} {one['cure']}".strip() for one in found if one["severity"] in kinds]

    def of(self, check: str) -> dict:
        return next((one for one in self.report.get("findings", []) if one["check"] == check), {})

    @property
    def said(self) -> str:
        """All of it."""
        return json.dumps(self.report, ensure_ascii=False)


def doctor(dataset: object, **options: Any) -> Looked:
    done = edc("doctor", dataset, **options)
    return Looked(done.returncode, answer(done), done.stderr)


def states(pre: tuple[str, ...] = ()) -> dict[str, str]:
    """Run -> state, of the runs of this trial's store."""
    command = [*pre, sys.executable, "-m", "edc_core", "runs", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {row["id"]: row["state"] for row in rows}
