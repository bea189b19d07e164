"""24, a process is taken for the time it was written for: a heartbeat that pauses for 13 seconds (a minute)."""

import signal
import time

from helpers.command_line import T, edc, start, states, verdict

words = (
    "run",
    "--preset",
    "random",
    "--ipc",
    "10",
    "--profile",
    "lab-quick",
    "--seed",
    "7",
    "--students-per-network",
    "4",
)
process = start(*words, EDC_THREADS="1")


def state() -> str:
    return next((now for run, now in states().items() if "-s7-" in run), "unseen")


for _ in range(60):
    time.sleep(1)
    if state() == "running":
        break
time.sleep(4)
before = state()
process.send_signal(signal.SIGSTOP)
time.sleep(13)
silent = state()
line = next((one for one in edc("runs").stdout.splitlines() if "-s7-" in one), "")
process.send_signal(signal.SIGCONT)
time.sleep(4)
after = state()
process.communicate(timeout=500)
end = state()
verdict(
    after == "running" and end == "finished" and process.returncode == 0 and silent != "interrupted",
    f"before {before}, silent {silent}, after it {after}, end {end}, exit {process.returncode}; words while silent:"
    f" {line[:160]!r}; {(T / 'err').read_text()[-200:]!r}",
)
