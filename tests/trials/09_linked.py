"""9, what is not read is not counted: class folders, and folders within them, that are links."""

from helpers import T, doctor, photos, picture, verdict

root, away = photos(T / "curated"), T / "cats elsewhere"
(root / "train" / "cat").rename(away)
(root / "train" / "cat").symlink_to(away)
before = doctor(root)
picture(away / "new.png", seed=99)
after = doctor(root)
picture(T / "more" / "m.png", seed=5)
(root / "train" / "dog" / "more").symlink_to(T / "more")
within = doctor(root)
changed = before.report.get("digest") != after.report.get("digest")
good = after.counts == (4, 3) and changed and (within.counts == (4, 4) or "link" in within.said.replace(str(T), ""))
verdict(
    good,
    f"counts {before.counts}, after a new picture {after.counts}, told apart: {changed};"
    f" a linked folder within dog: {within.counts}",
)
