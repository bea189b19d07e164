"""9, what is not read is not counted: class folders, and folders within them, that are links."""

from helpers.browser import browsing, quiet, serving
from helpers.command_line import T, doctor, verdict
from helpers.images import photos, picture


def counted(tab, address: str) -> str:
    """Training images, as Data of one and the same server counts them."""
    tab.goto(f"{address}/data?dataset={root}")
    quiet(tab)
    facts = tab.get_by_test_id("stMetric").filter(has_text="Training images")
    return facts.get_by_test_id("stMetricValue").inner_text()


root, away = photos(T / "curated"), T / "cats elsewhere"
(root / "train" / "cat").rename(away)
(root / "train" / "cat").symlink_to(away)
with serving() as address, browsing() as tab:
    before = counted(tab, address)
    picture(away / "new.png", seed=99)
    tab.wait_for_timeout(5_000)
    after = counted(tab, address)
picture(T / "more" / "m.png", seed=5)
(root / "train" / "dog" / "more").symlink_to(T / "more")
within = doctor(root)
told = "link" in within.said.replace(str(T), "")
verdict(
    (before, after) == ("6", "7") and (within.counts == (4, 4) or told),
    f"pictures before {before}, after a new one {after} (7 is right); a linked folder within dog: {within.counts}",
)
