"""1, a process is taken for the place it was written for: the app started from another folder."""

from helpers import ROOT, T, browsing, first_words, serving, verdict

with serving(ROOT / "app.py", cwd=T) as address, browsing() as tab:
    good, words = first_words(tab, address)
verdict(good, f"from another folder the page says: {words}")
