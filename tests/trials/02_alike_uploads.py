"""2, text that looks the same: two uploads of one file name, and a folder that is called like a known set."""

from collections import Counter

from helpers.browser import add_folder, browsing, options_of, quiet, serving, upload
from helpers.command_line import T, verdict
from helpers.condensed_sets import packed
from helpers.images import photos, picture

twice = {}
with serving() as address, browsing() as tab:
    for version in (1, 2):
        root = photos(T / f"v{version}")
        picture(root / "train" / "cat" / "v.png", seed=1000 + version)
        upload(tab, address, "photos.zip", packed(root))
    add_folder(tab, address, photos(T / "x" / "fashion-mnist-mini"))
    for page in ("data", "recipe"):
        tab.goto(f"{address}/{page}")
        quiet(tab)
        names = options_of(tab, "Data set")
        twice[page] = [name for name, count in Counter(names).items() if count > 1] + names * (len(names) < 4)
verdict(not any(twice.values()), f"alike on Data: {twice['data']}; alike on Recipe: {twice['recipe']}")
