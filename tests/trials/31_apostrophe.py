"""31, text is read as markup: an apostrophe in a path, and the command that doctor gives, pasted into bash."""

import shlex
import subprocess

from helpers.command_line import T, doctor, verdict
from helpers.images import photos

cure = doctor(photos(T / "o'brien & co")).of("observers").get("cure", "")
done = subprocess.run(["bash", "-n", "-c", cure], capture_output=True, text=True)
good = cure and not done.returncode and "o'brien & co" in str(shlex.split(cure))
verdict(good, f"{cure} -> bash: {done.stderr.strip()[:150] or 'parses'}")
