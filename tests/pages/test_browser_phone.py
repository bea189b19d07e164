"""Every page on a phone: panels stand under one another, grids shrink, nothing is cut or printed over."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import answer, edc
from tests.support.browser import browsing, needs_chromium, quiet, serving, visit
from tests.support.fitting import assert_fits

pytestmark = needs_chromium
WIDTH, TALL = 390, 3_000  # as tall as a page, so that all of it is drawn
SOFT = "run=g-fashion-mnist-mini-ipc10-s0-45c27cb0"
LABELS = f"labels?{SOFT}"
PLACES = (  # address, charts at least, the tab to open; Landscape while no run has been looked at
    ("", 0),
    ("data", 1),
    ("landscape?view=Shape", 3),
    ("landscape?view=Between+two", 1),
    ("landscape?view=Sharpness", 4),
    (f"gallery?{SOFT}&tour=3", 0),
    ("gallery?run={own}&gallery-view=Forming", 0),
    ("gallery?run={own}&gallery-view=Soft+labels", 1),
    (LABELS, 3, "Worth"),
    (LABELS, 4, "Classes"),
    (LABELS, 3, "Other protocols"),
    ("choices?matrix=ladder-brisk", 2),
    ("choices?matrix=factorial-brisk", 1),
    ("choices?matrix=factorial-brisk&choices-view=Order+machine", 0),
    ("choices?matrix=factorial-brisk&choices-view=Together", 1),
    ("choices?choices=Build", 0),
    ("recipe?choice=backbones", 1),
    ("runs?compare={own}&compare=g-fashion-mnist-mini-ipc10-s0-45c27cb0", 1),
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, begun: Callable[[Path], Path]) -> tuple[Path, str]:
    """A store with a run of its own beside those that come with the project."""
    home = begun(tmp_path_factory.mktemp("phone-home"))
    return home, answer(edc("run", "--profile", "tiny", "--ipc", "2", home=home))["run"]


def test_every_page_fits_a_phone_and_a_turn_widens_it_again(own: tuple[Path, str]) -> None:
    home, run = own
    with serving(home) as (address, _), browsing(WIDTH) as (tab, errors):
        tab.set_viewport_size({"width": WIDTH, "height": TALL})
        for place, charts, *opened in PLACES:
            visit(tab, f"{address}/{place.format(own=run)}")
            for name in opened:
                quiet(tab)
                tab.get_by_role("tab", name=name).click()
            assert_fits(tab, " ".join([place, *opened]), charts)
        answered(tab, address)
        turned(tab, address)
        assert not errors


def answered(tab, address: str) -> None:
    """The duel's curves, after a click on the images themselves."""
    visit(tab, f"{address}/")
    tab.locator(".st-key-start_left img").click(force=True)  # forced: the button lies over them
    tab.locator("svg.race").wait_for()
    assert_fits(tab, "the duel's answer")


def turned(tab, address: str) -> None:
    """Contours under one another on a phone stand side by side again in a wide window."""
    tab.goto(f"{address}/landscape?view=Shape")
    assert_fits(tab, "contours", 3)
    assert len(columns(tab)) == 1
    tab.set_viewport_size({"width": 1280, "height": TALL})
    for _ in range(100):
        if len(columns(tab)) == 2:
            break
        tab.wait_for_timeout(100)
    assert_fits(tab, "wide contours", 3)
    assert len(columns(tab)) == 2


def columns(tab) -> set[int]:
    """Where the contours' panels begin, from the left."""
    begin = "panels => panels.map(panel => Math.round(panel.getBoundingClientRect().x))"
    return set(tab.locator(".st-key-landscape_contours rect.nsewdrag").evaluate_all(begin))
