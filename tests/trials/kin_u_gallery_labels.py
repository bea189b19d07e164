"""5, text is read as markup: class names with < and & on Gallery's chart of soft labels."""

from helpers.browser import browsing, drawn_words, quiet, serving
from helpers.command_line import T, answer, edc, verdict
from helpers.images import photos

NAMES = ("<b>x", "A&amp;B", "x", "<br>", "<1 cm", "<script>")
root = photos(T / "odd", NAMES, train=4, test=2)
run = answer(edc("run", "--dataset", root, "--preset", "G", "--ipc", "1", "--profile", "tiny"))["run"]
with serving() as address, browsing() as tab:
    tab.goto(f"{address}/gallery?run={run}")
    quiet(tab)
    tab.get_by_text("Soft labels", exact=True).first.click()
    tab.locator(".js-plotly-plot text").first.wait_for()
    tab.wait_for_timeout(3_000)
    quiet(tab)
    drawn = drawn_words(tab)
wrong = [name for name in NAMES if name not in drawn]
ticks = sorted({word for word in drawn if not word.strip(" .%").replace(".", "").isdigit()})
verdict(not wrong, f"not as typed in the chart: {wrong}; it reads {ticks[:14]}")
