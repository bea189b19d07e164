"""2, what is not read is not counted: pictures two folders below a class, or loose in train/."""

from helpers.command_line import T, doctor, verdict
from helpers.images import photos, picture

root = photos(T / "deep")
picture(root / "train" / "cat" / "a" / "b" / "x.png", seed=5)
picture(root / "train" / "loose.png", seed=6)
looked = doctor(root)
counted = not isinstance(looked.counts, str) and looked.counts[0] == 4
named = [word for word in ("loose", "left out") if word in looked.said]
verdict(counted or named, f"counts {looked.counts}; doctor exit {looked.exit} names {named or 'neither'}")
