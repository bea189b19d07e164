"""27, text is shortened or read as markup: class names with <, $ and & on Data's chart."""

from helpers.browser import browsing, drawn_words, quiet, serving
from helpers.command_line import T, verdict
from helpers.images import photos

NAMES = ("<1 cm", ">2 cm", "$5-$10 $x^2$", "A&amp;B", "<b>x", "*star* _u_ `c`", ":smile: [a](b)")
root = photos(T / "odd", NAMES, train=4, test=2)
with serving() as address, browsing() as tab:
    tab.goto(f"{address}/data?dataset={root}")
    quiet(tab)
    tab.locator(".js-plotly-plot text").first.wait_for()
    tab.wait_for_timeout(2_000)
    drawn = drawn_words(tab)
wrong = [name for name in NAMES if name not in drawn]
ticks = [word for word in drawn if not word.replace(".", "").isdigit()]
verdict(not wrong, f"not shown as typed in the chart: {wrong}; it reads {ticks[:16]}")
