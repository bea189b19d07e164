"""24, a process is taken for the time it was written for: one run in two terminals, the first of them paused."""

import signal
import time

from helpers.command_line import T, start, start_synthesis, verdict

words = ("run", "--preset", "G", "--ipc", "10", "--profile", "lab-quick", "--seed", "7", "--seeds", "1")
first = start_synthesis(*words)
first.send_signal(signal.SIGSTOP)
time.sleep(12)
(T / "err").rename(T / "err of the first")
second = start(*words, EDC_THREADS="1")
time.sleep(6)
if first.poll() is None:
    first.send_signal(signal.SIGCONT)
first.communicate(timeout=500)
said = second.communicate(timeout=500)[0]
words_of_first = (T / "err of the first").read_text()
verdict(
    first.returncode == 0 or "taken over" in words_of_first,
    f"first ended {first.returncode} ({words_of_first[-120:]!r}); second ended {second.returncode}: {said[:60]!r}",
)
