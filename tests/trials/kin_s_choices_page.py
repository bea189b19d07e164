"""5, text that looks the same: two data sets of one name in the list of Which choice?"""

from helpers.browser import add_folder, browsing, options_of, quiet, serving
from helpers.command_line import T, verdict
from helpers.images import photos, picture

with serving() as address, browsing() as tab:
    for top in "ab":
        root = photos(T / top / "photos")
        picture(root / "train" / "cat" / "v.png", seed=ord(top))
        add_folder(tab, address, root)
    tab.goto(f"{address}/choices")
    quiet(tab)
    tab.get_by_test_id("stButtonGroup").get_by_text("Build", exact=True).first.click()
    tab.get_by_text("Data set, students, test set").click()
    tab.wait_for_timeout(2_000)
    quiet(tab)
    names = [name for name in options_of(tab, "Data sets") if "photos" in name]
verdict(len(names) == 2 and len(set(names)) == 2, f"the list reads {names}")
