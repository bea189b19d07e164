"""33, a layout is guessed from a few exact names: @eaDir, $RECYCLE.BIN and lost+found are no classes."""

from helpers.command_line import T, doctor, verdict
from helpers.images import photos, picture

found = {}
for number, odd in enumerate(("@eaDir", "$RECYCLE.BIN", "lost+found", "System Volume Information")):
    root = photos(T / f"s{number}")
    for split in ("train", "test"):
        (root / split / odd).mkdir()
    found[odd] = doctor(root).classes
root = photos(T / "in")
(root / "@eaDir").mkdir()
picture(root / "train" / "cat" / "@eaDir" / "x_SYNOPHOTO_THUMB_M.jpg", (16, 16), seed=9)
found["a thumbnail in train/cat/@eaDir"] = doctor(root).counts
root = photos(T / "undivided") / "train"
picture(root / "@eaDir" / "cat" / "SYNOPHOTO_THUMB_M.jpg", (16, 16), seed=9)
found["undivided, with @eaDir/cat/thumbnail"] = doctor(root).classes
root = photos(T / "undivided2") / "train"
(root / "@eaDir").mkdir()
found["undivided, with an empty @eaDir"] = doctor(root).classes
wrong = {name: one for name, one in found.items() if one not in (("cat", "dog"), (3, 3))}
verdict(not wrong, wrong or "left out")
