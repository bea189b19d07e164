"""1, a process is taken for the place it was written for: started one folder up, and through a link to its folder."""

from helpers.browser import browsing, first_words, serving
from helpers.command_line import ROOT, T, verdict

link = T / "my lab é"
link.symlink_to(ROOT)
ways = {"one folder up": (ROOT.parent, f"{ROOT.name}/app.py"), "from a link": (link, "app.py")}
found = {}
for name, (cwd, script) in ways.items():
    with serving(script, cwd) as address, browsing() as tab:
        found[name] = first_words(tab, address)
verdict(all(good for good, _ in found.values()), {name: words for name, (_, words) in found.items()})
