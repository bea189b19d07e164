"""Pages as they are seen: text that Streamlit draws pale keeps WCAG's 4.5, and rows stand beside their names."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edc_core.wording.glossary import GLOSSARY
from tests.support.browser import browsing, download, needs_chromium, quiet, serving, visit

pytestmark = needs_chromium
PALE = (
    ("choices", "[data-testid=stCaptionContainer] p"),
    ("choices", "[data-testid=stButtonGroup] [data-selected] p"),
    ("labels", "[data-testid=stTab][aria-selected=true] p"),
    ("recipe", "[data-testid=stCaptionContainer] .stMarkdownBadge"),
    ("?tour=1", ".stMarkdownBadge"),
)
RATIO = """element => {
  const numbers = text => {
    const found = text.match(/[\\d.]+/g).map(Number);
    const [red, green, blue, alpha = 1] = found;
    return text.startsWith("color(srgb") ? [255 * red, 255 * green, 255 * blue, alpha] : [red, green, blue, alpha];
  };
  const over = (top, base) => [0, 1, 2].map(at => top[at] * top[3] + base[at] * (1 - top[3])).concat(1);
  const light = colour => { const part = colour.slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2]; };
  const behind = [];
  let opacity = 1;
  for (let at = element; at; at = at.parentElement) {
    opacity *= getComputedStyle(at).opacity;
    behind.push(numbers(getComputedStyle(at).backgroundColor));
  }
  const ground = behind.reverse().reduce((base, top) => over(top, base), [255, 255, 255, 1]);
  const ink = numbers(getComputedStyle(element).color);
  const ends = [light(ground), light(over([...ink.slice(0, 3), ink[3] * opacity], ground))].sort((a, b) => b - a);
  return (ends[0] + 0.05) / (ends[1] + 0.05);
}"""

# Serious faults of Streamlit's own elements, by rule: its menu's groups are no lists.
STREAMLITS = {"list": "[data-testid=stSidebarNavItems]", "listitem": "[data-testid=stSidebarNavItems] li"}
FAULTS = """async ([rules, known]) => {
  const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
  const found = await axe.run(document, { resultTypes: ["violations"], ...only });
  const ours = (rule, node) => !(known[rule] && document.querySelector(node.target[0])?.matches(known[rule]));
  return found.violations.filter(({ impact }) => ["serious", "critical"].includes(impact)).flatMap(({ id, nodes }) =>
    nodes.filter(node => ours(id, node)).map(({ html, failureSummary }) => [id, html.slice(0, 200), failureSummary]));
}"""

CUT = """[...document.querySelectorAll('.picture-heads span')]
  .filter(head => head.scrollHeight > head.clientHeight + 1 || head.scrollWidth > head.clientWidth + 1)
  .map(head => head.textContent)"""
NO_HELP_IN_TAB_ORDER = "!document.querySelector(`[data-testid=stTooltipIcon] button:not([tabindex='-1'])`)"
SAME_HEIGHT = """() => {
  const height = (what) => document.querySelector(what)?.getBoundingClientRect().height;
  const images = height('[class*=st-key-pixels] img'), names = height('.picture-rows');
  return images > 0 && Math.abs(images - names) <= 2;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("look-home")) as (found, _):
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_and_axe_finds_no_serious_fault_of_ours(scheme: str, address: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.base").AXE_FILE_PATH.read_text(encoding="utf-8")
    with browsing(scheme=scheme) as (tab, _):
        for page in ("?tour=1", "data", "recipe", "gallery", "labels", "choices", "landscape", "runs"):
            visit(tab, f"{address}/{page}")
            for what in [what for name, what in PALE if name == page]:
                element = tab.locator(what).first
                element.wait_for(timeout=20_000)
                assert element.evaluate(RATIO) >= 4.5, (page, what)
            if page == "?tour=1":
                tab.evaluate(axe)
            rules = ["color-contrast"] if scheme == "dark" else []  # what else there is, is the same in both
            assert tab.evaluate(FAULTS, [rules, STREAMLITS]) == [], page
            if (page, scheme) == ("choices", "dark"):
                save_figure(tab)
                assert tab.evaluate(FAULTS, [rules, STREAMLITS]) == [], "the dialog Save figure"


def save_figure(tab) -> None:
    """A chart of a dark page, saved by the visitor's browser: black on white, 3.25 inches wide, with its caption."""
    tab.get_by_role("button", name="Save figure").first.click()
    file = download(tab, tab.get_by_role("button", name="Save SVG (made by your browser)"))
    assert file.suggested_filename == "gain-of-each-choice-fashion-mnist-mini-ipc-10-3.25in.svg"
    drawn = Path(file.path()).read_text(encoding="utf-8")
    assert re.search(r'<svg [^>]*width="312" ', drawn)
    assert "rgb(255, 255, 255)" in drawn[:1000]
    assert "rgb(26, 26, 26)" in drawn
    assert "rgb(238, 242, 246)" not in drawn  # the page's pale ink
    assert "Gain of each design choice" in tab.get_by_role("dialog").get_by_test_id("stCode").inner_text()


def test_a_pictures_rows_stand_beside_their_names_at_every_width(address: str) -> None:
    with browsing(390) as (tab, _):
        visit(tab, f"{address}/gallery?gallery-view=Two sets")
        tab.locator(".picture-heads.steep").wait_for()
        assert tab.evaluate(CUT) == []
        visit(tab, f"{address}/gallery?gallery-view=The set")
        for width in (390, 1280, 1920):
            tab.set_viewport_size({"width": width, "height": 800})
            quiet(tab)
            tab.wait_for_function(SAME_HEIGHT, timeout=20_000)  # laid out again after each turn
            assert tab.evaluate(SAME_HEIGHT), width


TALLEST = ("Flatness regularisation", "Better backbone choice", "Soft category-aware matching")
TOO_TALL = "(e => e.scrollHeight - e.clientHeight)(document.querySelector('[data-testid=stMain]'))"


def test_recipe_fits_one_screen_and_its_bar_follows_a_switch_and_never_leaves(address: str) -> None:
    with browsing() as (tab, errors):
        tab.set_viewport_size({"width": 1280, "height": 720})
        tab.goto(f"{address}/recipe?profile=lab-quick")
        quiet(tab)
        tab.wait_for_function(NO_HELP_IN_TAB_ORDER, timeout=20_000)
        tab.get_by_test_id("stWidgetLabel").get_by_text("Seed", exact=True).hover()
        tab.locator(".edc-term-box.shown", has_text=GLOSSARY["seed"]).wait_for()
        bar = tab.locator(".st-key-recipe_bar")
        for name in TALLEST:
            tab.get_by_role("button", name=name, exact=True).click()
            tab.get_by_role("heading", name=name).wait_for()
            tab.wait_for_function(f"{TOO_TALL} <= 0", timeout=60_000)  # laid out again while charts are drawn
        switch = tab.locator(".st-key-recipe-switch-real-initialisation label").first
        switch.click()
        bar.get_by_text("80.3 → 61.7 (−18.5 ± 2.6)").wait_for()
        bar.get_by_text("EDC without").wait_for()
        tab.get_by_text("Beyond EDC").click()
        tab.wait_for_function(f"{TOO_TALL} > 0", timeout=20_000)
        box = bar.bounding_box()
        assert box["y"] + box["height"] <= 720
        assert bar.get_by_role("button", name="Launch").is_visible()
        assert errors == []
