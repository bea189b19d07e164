"""2, a layout is guessed: a folder in the working directory that is called like a known set."""

import os

from helpers.command_line import ROOT, T, doctor, verdict
from helpers.images import photos

photos(T / "mnist")
looked = doctor("mnist", cwd=T, env=os.environ | {"PYTHONPATH": str(ROOT)})
words = looked.refusal
verdict(
    looked.exit == 0 or "./mnist" in words or str(T) in words, f"./mnist holds a data set: exit {looked.exit} {words}"
)
