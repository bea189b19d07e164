"""1, a process is taken for the place it was written for: the app started from another folder."""

from helpers.browser import browsing, first_words, serving
from helpers.command_line import ROOT, T, verdict

with serving(ROOT / "app.py", cwd=T) as address, browsing() as tab:
    good, words = first_words(tab, address)
verdict(good, f"from another folder the page says: {words}")
