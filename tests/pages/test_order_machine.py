"""The order machine: its cells and the browser's arithmetic against direct sums, its redraw in a real browser."""

import random
from base64 import b64encode
from itertools import combinations
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edc_core.ablation.order_effects import gain_ranges, most_favourable_order, stepwise_gains
from edc_core.design_space.paper_choices import CHOICES
from edc_core.intervals import t_quantile
from pages.choices.order_machine import HERE, order_of, pack
from tests.conftest import ROOT
from tests.support.browser import browsing, needs_chromium, serving
from tests.support.order_cells import CELLS, FACTORS, NAMES, SEEDS

EVERY = [frozenset(on) for count in range(len(NAMES) + 1) for on in combinations(NAMES, count)]


def ten_orders() -> list[tuple[str, ...]]:
    draw = random.Random(11)
    return [NAMES, NAMES[::-1], *(tuple(draw.sample(NAMES, len(NAMES))) for _ in range(8))]


def test_packed_cells_are_indexed_by_what_is_on() -> None:
    packed = pack(CELLS, FACTORS)
    assert packed["full"]
    assert packed["seeds"] == [0, 1, 2]
    assert packed["t"] == pytest.approx([t_quantile(1), t_quantile(2)], abs=1e-4)
    for row, seed in zip(packed["values"], packed["seeds"], strict=True):
        assert len(row) == 256
        for on in EVERY:
            assert row[sum(1 << NAMES.index(name) for name in on)] == pytest.approx(CELLS[on][seed], abs=1e-4)


def test_a_seed_counts_when_all_of_its_cells_are_there() -> None:
    growing = {on: by_seed | ({3: 50.0} if "flatness" in on else {}) for on, by_seed in CELLS.items()}
    packed = pack(growing, FACTORS)
    assert (packed["full"], packed["seeds"], packed["waiting"]) == (True, [0, 1, 2], [3])
    part = pack({on: by_seed for on, by_seed in CELLS.items() if "flatness" in on}, FACTORS)
    assert not part["full"]
    assert all(row.count(None) == 128 for row in part["values"])


def test_the_order_in_an_address() -> None:
    names = ("flatness", "small-batch", "backbones")
    assert order_of("backbones.flatness.small-batch", names) == ["backbones", "flatness", "small-batch"]
    assert order_of("backbones.luck.backbones", names) == ["backbones", "flatness", "small-batch"]
    assert order_of("", names) == list(names)


def test_nothing_measured_is_said() -> None:
    def page() -> None:
        from pages.choices.order_machine import render_order_machine

        render_order_machine({frozenset(): {}}, [])

    app = AppTest.from_function(page).run()
    assert not app.exception
    assert "Nothing of this factorial is measured yet" in app.info[0].value


# In the browser -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    """A tab, and the errors on its console."""
    with browsing() as opened:
        yield opened


@pytest.fixture
def sums(browser):
    """The browser's arithmetic as a function of a call in JavaScript and the data."""
    tab, _ = browser
    script = b64encode((HERE / "order_sums.js").read_bytes()).decode()
    tab.evaluate(f"import('data:text/javascript;base64,{script}').then((module) => {{ window.sums = module; }})")
    return lambda call, *given: tab.evaluate(f"(given) => window.sums.{call}(...given)", list(given))


@needs_chromium
@pytest.mark.parametrize("order", ten_orders())
def test_a_ladder_is_the_direct_sum_of_its_cells(sums, order: tuple[str, ...]) -> None:
    drawn = sums("ladder", pack(CELLS, FACTORS), [NAMES.index(name) for name in order])["rungs"]
    told = stepwise_gains(CELLS, order)
    for place, (rung, step) in enumerate(zip(drawn, told, strict=True)):
        cell = CELLS[frozenset(order[:place])]
        assert rung["level"]["mean"] == pytest.approx(sum(cell.values()) / SEEDS, abs=2e-4)
        assert rung["level"]["half"] == pytest.approx(step.level.half, abs=2e-3)
        if place:
            before = CELLS[frozenset(order[: place - 1])]
            assert rung["gain"]["mean"] == pytest.approx(sum(cell[s] - before[s] for s in cell) / SEEDS, abs=2e-4)
            assert rung["gain"]["half"] == pytest.approx(step.gain.half, abs=2e-3)


@needs_chromium
def test_ranges_and_flattering_orders_are_the_engines(sums) -> None:
    packed, told = pack(CELLS, FACTORS), gain_ranges(CELLS, FACTORS)
    for choice, (name, found) in enumerate(zip(NAMES, sums("ranges", packed), strict=True)):
        assert (found["low"]["mean"], found["high"]["mean"]) == pytest.approx(told[name][:2], abs=2e-4)
        best, worst = (sums("orderWith", packed, choice, found[end]["before"]) for end in ("high", "low"))
        assert tuple(NAMES[number] for number in best) == most_favourable_order(CELLS, FACTORS, name)
        assert tuple(NAMES[number] for number in worst) == told[name].order_low


@needs_chromium
def test_a_sign_turns_where_both_ends_are_clear_of_zero(sums) -> None:
    def turns(low: float, high: float, half: float | None) -> bool:
        return sums("turns", {"low": {"mean": low, "half": half}, "high": {"mean": high, "half": half}})

    assert turns(-1.2, 2.0, 0.5)
    assert not turns(-0.4, 2.0, 1.4)
    assert not turns(-1.2, 2.0, None)


def test_a_missing_cell_leaves_a_gap(sums) -> None:
    """Not a bar over two steps: neither of the gains beside it is drawn."""
    holed = {on: by_seed for on, by_seed in CELLS.items() if on != frozenset(NAMES[:2])}
    found = sums("ladder", pack(holed, FACTORS), list(range(8)))
    assert found["missing"] == [3]
    assert [place for place, rung in enumerate(found["rungs"]) if rung["level"] is None] == [2]
    assert [place for place, rung in enumerate(found["rungs"]) if place and rung["gain"] is None] == [2, 3]


PAGE = """
import streamlit as st
from pages.choices.order_machine import render_order_machine
from tests.support.order_cells import CELLS, FACTORS
st.title("An order")
render_order_machine(CELLS, FACTORS, note="Made-up figures.")
"""
# From the event to the frame that shows the new ladder, in ms; `seen` is asked in that frame.
REDRAW = """async ([act, name]) => {
  const root = [...document.querySelectorAll('*')].find((one) => one.shadowRoot?.querySelector('.rows')).shadowRoot;
  const place = () => [...root.querySelectorAll('.row')].map((row) => row.dataset.name).indexOf(name);
  const before = place(), started = performance.now();
  root.querySelector(act).click();
  await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
  return [performance.now() - started, before, place()];
}"""
# The longest time from a pointer's event to the end of the frame that shows it.
WATCH = """() => {
  window.slowest = 0;
  document.addEventListener('pointermove', (event) => requestAnimationFrame(() => setTimeout(() => {
    window.slowest = Math.max(window.slowest, performance.now() - event.timeStamp);
  })), true);
}"""


def rows_of(tab) -> list[str]:
    return [row.get_attribute("data-name") for row in tab.locator(".row[data-name]").all()]


@needs_chromium
def test_dragging_redraws_at_once_and_stands_in_the_address(browser, tmp_path: Path) -> None:
    tab, errors = browser
    script = tmp_path / "order.py"  # nothing but the machine
    script.write_text(PAGE)
    with serving(tmp_path / "home", str(script), PYTHONPATH=str(ROOT)) as (address, _):
        tab.goto(address)
        tab.locator(".row[data-name]").first.wait_for(timeout=30_000)
        assert rows_of(tab) == list(NAMES)
        down, before, after = tab.evaluate(REDRAW, [f".row[data-name={NAMES[0]}] .down", NAMES[0]])
        assert (before, after) == (1, 2)
        tab.evaluate(WATCH)
        drag(tab, NAMES[2], 5 * 40)
        moved = rows_of(tab)
        assert moved.index(NAMES[2]) == 7
        drawn = {name: tab.locator(f".row[data-name={name}]").get_attribute("data-gain") for name in moved}
        for step in stepwise_gains(CELLS, tuple(moved))[1:]:
            assert float(drawn[step.name]) == pytest.approx(step.gain.mean, abs=2e-4)
        slowest = tab.evaluate("window.slowest")
        print(f"redrawn within {down:.0f} ms of a press, {slowest:.0f} ms of a pointer's move")
        assert max(down, slowest) < 1000  # 200 is asked for; a machine that tests may be busy
        tab.wait_for_url("**" + ".".join(moved))
        tab.reload()
        tab.locator(".row[data-name]").first.wait_for(timeout=30_000)
        assert rows_of(tab) == moved
        flatter(tab)
        assert not errors


def drag(tab, name: str, pixels: int) -> None:
    box = tab.locator(f".row[data-name={name}] .handle").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x, y + pixels, steps=12)
    tab.mouse.up()


def flatter(tab) -> None:
    """A favourite, its best and its worst order, by the keyboard's arrows too."""
    told = gain_ranges(CELLS, FACTORS)["flatness"]
    tab.get_by_label("The choice to show off").select_option("flatness regularisation")
    for button, order, gain in (("best", told.order_high, told.high), ("worst", told.order_low, told.low)):
        tab.get_by_role("button", name=button, exact=True).click()
        assert rows_of(tab) == list(order)
        said = tab.locator(".lesson").inner_text()
        assert f"{gain:+.1f}".replace("-", "−") in said
        assert CHOICES["flatness"].title in said
    tab.get_by_role("button", name="The paper's order").click()
    assert rows_of(tab) == list(NAMES)
    tab.locator(".row[data-name=flatness] .handle").focus()
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("ArrowUp")
    assert rows_of(tab)[:3] == ["flatness", *NAMES[:2]]
