"""2, text that looks the same: two data sets whose folders are called alike, in the lists of Data and Recipe."""

from helpers.browser import add_folder, browsing, options_of, quiet, serving
from helpers.command_line import T, verdict
from helpers.images import photos

roots = [photos(T / "a" / "photos"), photos(T / "b" / "photos", ("elm", "oak", "yew"))]
found = {}
with serving() as address, browsing() as tab:
    for root in roots:
        add_folder(tab, address, root)
    for page in ("data", "recipe"):
        tab.goto(f"{address}/{page}")
        quiet(tab)
        names = options_of(tab, "Data set")
        opened = []
        for place in (number for number, name in enumerate(names) if "photos" in name):
            tab.get_by_role("combobox", name="Data set").first.click()
            tab.get_by_role("option").nth(place).click()
            tab.wait_for_timeout(3_000)
            quiet(tab)
            opened.append(tab.url.split("dataset=")[-1].split("&")[0].replace("%2F", "/")[-9:])
        found[page] = ([name for name in names if "photos" in name], opened)
good = all(len(set(names)) == 2 and len(set(opened)) == 2 for names, opened in found.values())
verdict(good, f"names, and what they open: {found}")
