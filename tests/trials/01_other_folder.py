"""1, a process is taken for the place it was written for: the app started from another folder."""

from helpers import ROOT, T, browsing, quiet, serving, verdict

with serving(ROOT / "app.py", cwd=T) as address, browsing() as tab:
    tab.goto(address)
    title, broken = tab.locator("h1").first, tab.get_by_test_id("stException").first
    title.or_(broken).first.wait_for()
    if title.count():
        quiet(tab)
    words = broken.inner_text()[:300] if broken.count() else title.inner_text()
verdict(title and not words.startswith("This app"), f"from another folder the page says: {words}")
