"""12, a layout is guessed from a few exact names: a data set cloned from the Hugging Face Hub as it is."""

import shutil

from helpers.command_line import T, doctor, verdict
from helpers.images import small

hub = T / "hub"
small(hub / "a" / "plain_text")
(hub / "a" / "README.md").write_text("x")
small(hub / "tmp")
for split in ("train", "test"):
    (file,) = (hub / "tmp").glob(f"{split}*")
    for place in (hub / "b" / "default" / split, hub / "c" / split):
        place.mkdir(parents=True)
        shutil.copy(file, place / "0000.parquet")
found = {name: doctor(hub / name).classes for name in "abc"}
named = {"a": "plain_text", "b": "default", "c": "0000.parquet"}
verdict(all(isinstance(one, tuple) or named[name] in one for name, one in found.items()), found)
