"""The app clicked through in a browser, in a store of three runs and two data sets: links, tour, every button."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.conftest import ROOT, answer, edc
from tests.support.browser import answered, browsing, needs_chromium, quiet, serving, visit
from tests.support.photos import small_photos
from tests.support.walking import TROUBLE, Walk

pytestmark = needs_chromium

WATCH = """(() => {
  const seen = (window.firstPaint = {entries: [], widths: [], dialogs: 0});
  const add = (list, value) => list.includes(value) || list.push(value);
  const look = () => {
    const width = document.querySelector('[data-testid=stSidebar]')?.getBoundingClientRect().width;
    if (width) add(seen.widths, Math.round(width));
    for (const one of document.querySelectorAll('[data-testid=stSidebarNavLink]'))
      add(seen.entries, one.innerText.split('\\n').pop());
    seen.dialogs += document.querySelectorAll('[data-testid=stDialog]').length;
    requestAnimationFrame(look);
  };
  look();
})()"""


@dataclass(frozen=True)
class Lab:
    """A served store: its address, its runs by what tells them apart, and the second data set."""

    address: str
    runs: dict[str, str]
    photos: Path


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, begun) -> Iterator[Lab]:
    """Started from another folder, by a link to the lab's own."""
    place = tmp_path_factory.mktemp("walk")
    home, photos = begun(place / "home"), small_photos(place / "photos")
    own = {"edc": [], "random": ["--preset", "random", "--seed", "1"], "photos": ["--dataset", str(photos)]}
    tiny = ("run", "--profile", "tiny", "--ipc", "2")
    runs = {name: answer(edc(*tiny, *more, home=home))["run"] for name, more in own.items()}
    (place / "my lab é").symlink_to(ROOT, target_is_directory=True)
    with serving(home, str(place / "my lab é" / "app.py"), cwd=place) as (address, _):
        yield Lab(address, runs, photos)
    shutil.rmtree(home)


def named(tab) -> dict[str, list[str]]:
    """What the browser's address names."""
    return parse_qs(urlsplit(tab.url).query)


def at(tab, page: str) -> None:
    """The page is open, drawn, and shows no error."""
    tab.wait_for_url(lambda url: urlsplit(url).path == f"/{page}")
    answered(tab)
    assert tab.evaluate(TROUBLE) == []


def test_a_link_is_a_fresh_servers_first_page_without_raw_names_or_a_dialog(lab: Lab) -> None:
    with browsing() as (tab, errors):
        tab.add_init_script(WATCH)
        tab.goto(f"{lab.address}/landscape")
        quiet(tab, 90_000)
        assert tab.locator("h1").inner_text() == "Landscape"
        seen = tab.evaluate("window.firstPaint")
        assert seen["entries"] == [
            "Start", "Data", "Recipe", "Gallery", "Images or labels?", "Which choice?", "Landscape", "Runs",
        ]  # fmt: skip
        assert (seen["widths"], seen["dialogs"], errors) == ([230], 0, [])


SHOWN = {  # what is on the screen at each stop of the tour, by its page
    "": "text=Which set teaches better?",
    "data": "text=Real images, sorted by class",
    "recipe": ".st-key-recipe-synthesise-alpha",
    "gallery": ".st-key-gallery-step",
    "labels": "text=Take the teacher's labels away",
    "choices": "text=The paper's order",
    "landscape": "text=All choices off, IPC 10, seed 0",
    "runs": "text=2 runs compared",
}


def test_the_tour_goes_both_ways_and_opens_what_it_speaks_of(lab: Lab) -> None:
    pages = list(SHOWN)
    with browsing() as (tab, errors):
        tab.goto(lab.address)
        quiet(tab)
        tab.get_by_role("button", name="Take the tour").click()
        for button, order in (("Next", pages[1:]), ("Back", pages[-2::-1])):
            for page in order:
                tab.get_by_role("button", name=button, exact=True).click()
                at(tab, page)
                tab.get_by_text(f"{pages.index(page) + 1} of {len(pages)}").wait_for()
                tab.locator(SHOWN[page]).first.wait_for()
        visit(tab, f"{lab.address}/runs?tour={len(pages)}")
        tab.get_by_role("button", name="Run EDC yourself").click()
        at(tab, "")
        tab.get_by_role("button", name="Run EDC now").wait_for()
        assert "tour" not in named(tab)
        assert errors == []


def test_every_link_opens_the_run_that_it_names(lab: Lab) -> None:
    recipes = {
        "edc": {"settings": "tiny", "ipc": 2},
        "random": {"settings": "tiny", "ipc": 2, "preset": "random", "seed": 1},
        "photos": {"settings": "tiny", "ipc": 2, "dataset": str(lab.photos)},
    }
    on_runs = {
        "edc": ("Gallery", "gallery"),
        "random": ("Images or labels?", "labels"),
        "photos": ("Landscape", "landscape"),
    }
    with browsing() as (tab, errors):
        for name, recipe in recipes.items():
            run = lab.runs[name]
            visit(tab, f"{lab.address}/recipe?{urlencode(recipe)}")
            at(tab, "recipe")
            for link, page in (("Its images", "gallery"), ("Images or labels?", "labels")):
                tab.get_by_test_id("stMain").get_by_role("link", name=link).click()
                at(tab, page)
                looked_at(tab, run, name)
                tab.go_back()
                at(tab, "recipe")
            visit(tab, f"{lab.address}/runs?run={run}")
            at(tab, "runs")
            link, page = on_runs[name]
            tab.get_by_test_id("stMain").get_by_role("link", name=link, exact=True).click()
            at(tab, page)
            looked_at(tab, run, name)
            tab.go_back()
            at(tab, "runs")
            assert named(tab)["run"] == [run]
        assert errors == []


def looked_at(tab, run: str, name: str) -> None:
    """The page looks at that run: in the address, and in the list that a person reads."""
    assert named(tab)["run"] == [run]
    words = {
        "edc": "EDC, IPC 2, seed 0 · fashion",
        "random": "Random images, IPC 2",
        "photos": "EDC, IPC 2, seed 0 · photos",
    }
    shown = """(words) => {
      const main = document.querySelector('[data-testid=stMain]');
      return [main.innerText, ...[...main.querySelectorAll('input')].map((one) => one.value)].join(' ').includes(words);
    }"""
    tab.wait_for_function(shown, arg=words[name])


def test_back_to_start_leaves_the_run_behind(lab: Lab) -> None:
    with browsing() as (tab, _):
        tab.goto(f"{lab.address}/?run={lab.runs['edc']}")
        quiet(tab)
        tab.get_by_role("button", name="Back to Start").click()
        tab.get_by_text("Which set teaches better?").wait_for()
        quiet(tab)
        assert named(tab) == {}
        tab.reload()
        tab.get_by_text("Which set teaches better?").wait_for()


FORESEEN = (
    "No folder is given",
    "Nickname '' does not fit",
    "the most that one person may have",  # pressed on a slow machine, whose worker has the runs before to do
)
LEFT_ALONE = (
    "Resume",  # what was stopped goes on for minutes
    "no difference",
)


@pytest.mark.parametrize(
    "paths",
    [
        ("/", "/data?dataset={place}", "/recipe?run={edc}&settings=tiny&ipc=2", "/gallery?run={photos}"),
        ("/labels?run={edc}", "/choices", "/landscape?run={edc}&compare={edc}&compare={random}", "/runs?run={random}"),
    ],
    ids=["make", "judge"],
)
def test_every_link_button_and_tab_is_pressed_once_forwards_and_back(lab: Lab, paths: tuple[str, ...]) -> None:
    with browsing() as (tab, errors):
        walk = Walk(tab, lab.address, LEFT_ALONE, FORESEEN)
        for path in paths:
            walk.page(path.format(**lab.runs, place=lab.photos))
        assert walk.wrong == []
        assert errors == []
        assert len(walk.pressed) > 40
