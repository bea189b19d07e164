"""1, a process is taken for the place it was written for: started one folder up, and through a link to its folder."""

from helpers import ROOT, T, browsing, serving, verdict

link = T / "my lab é"
link.symlink_to(ROOT)
ways = {"one folder up": (ROOT.parent, f"{ROOT.name}/app.py"), "from a link": (link, "app.py")}
found = {}
for name, (cwd, script) in ways.items():
    with serving(script, cwd) as address, browsing() as tab:
        tab.goto(address)
        title, broken = tab.locator("h1").first, tab.get_by_test_id("stException").first
        title.or_(broken).first.wait_for()
        tab.wait_for_timeout(2_000)
        found[name] = "an error: " + broken.inner_text()[:150] if broken.count() else title.inner_text()
verdict(not any(words.startswith("an error") for words in found.values()), found)
