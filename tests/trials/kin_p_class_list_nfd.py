"""5, text is compared by code points: a list of classes, and initialise.single_class, in other code points."""

import os
import unicodedata

from helpers.command_line import T, doctor, edc, last, verdict
from helpers.images import photos

root, decomposed = photos(T / "nfd"), unicodedata.normalize("NFD", "été")
for split in ("train", "test"):
    os.rename(root / split / "dog", root / split / decomposed)
(T / "list.txt").write_text("cat\nété\n")
listed = doctor(f"{root}?classes={T / 'list.txt'}").classes
words = ("--profile", "tiny", "--preset", "single-class", "--set", "initialise.single_class=été", "--ipc", "1")
run = edc("run", "--dataset", root, *words)
said = last(run.stderr) if run.returncode else "runs"
verdict(isinstance(listed, tuple) and not run.returncode, f"list: {listed} | initialise.single_class: {said}")
