"""23, a process is taken for the place it was written for: two containers on one store (root, minutes)."""

import subprocess
import sys

from helpers.command_line import ROOT, start_synthesis, states, verdict

INSIDE = ("unshare", "--fork", "--pid", "--mount-proc")


def state(pre: tuple[str, ...] = ()) -> tuple[str, str]:
    return next(((now, run) for run, now in states(pre).items() if "-s5-" in run), ("unseen", ""))


words = ("run", "--preset", "G", "--ipc", "10", "--profile", "lab-quick", "--seed", "5")
process = start_synthesis(*words)
own, other = state(), state(INSIDE)
resume = ["timeout", "40", *INSIDE, sys.executable, "-m", "edc_core", "resume", own[1] or other[1]]
done = subprocess.run(resume, cwd=ROOT, capture_output=True, text=True)
after = state()
process.communicate(timeout=500)
verdict(
    other[0] == "running" and process.returncode == 0,
    f"seen in its own namespace: {own[0]}, in the other: {other[0]}; resume there: exit {done.returncode}"
    f" {done.stderr[-100:]!r}; after it {after[0]}; the first process ended {process.returncode}; end {state()[0]}",
)
