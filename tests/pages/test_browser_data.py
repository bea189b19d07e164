"""Data in a real browser: odd photos are added, checked, squeezed, condensed, seen and exported by clicks."""

import io
import re
import zipfile
from contextlib import closing, suppress
from pathlib import Path

from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from tests.support.browser import browsing, download, needs_chromium, pick_one, quiet, serving
from tests.support.photos import CLASSES, photos

pytestmark = needs_chromium
LONG = "a class whose name goes on and on, as a camera's folders' names may well do (2021, no. 17)"
NAMES = (LONG, *CLASSES[1:])


def until(tab, holds, seconds: float = 90) -> None:
    for _ in range(int(seconds * 5)):
        if holds():
            return
        tab.wait_for_timeout(200)
    raise AssertionError(tab.get_by_test_id("stMain").inner_text()[-3000:])


def own_runs(home: Path) -> list[RunRecord]:
    with closing(Store(home)) as store:
        return [run for run in store.runs() if not run.bundled]


def packed(root: Path) -> Path:
    """A ZIP of a folder, beside it."""
    at = root.with_suffix(".zip")
    with zipfile.ZipFile(at, "w") as archive:
        for path in sorted(root.rglob("*.*")):
            archive.write(path, path.relative_to(root.parent))
    return at


def pick_profile(tab, name: str, observer: str) -> None:
    """Choose a profile, and wait until the page, its button included, is of its observers."""
    pick_one(tab, "Profile", name)
    tab.get_by_text(f"{observer}: not yet").wait_for()
    quiet(tab)


def squeezed_names(home: Path) -> set[str]:
    with closing(Store(home)) as store:
        return {node["name"] for row in store._rows() if row.origin == "squeeze" for node in row.plan}


def ask_to_squeeze(tab, home: Path) -> None:
    """Press the button; again where the press fell between two drawings of a busy page."""

    def asked() -> bool:
        if not squeezed_names(home):
            tab.get_by_role("button", name="Squeeze", exact=True).click()
            tab.wait_for_timeout(3_000)
        return bool(squeezed_names(home))

    until(tab, asked)
    assert squeezed_names(home) == {"convnet-d2-w8", "wrn-10-1"}


def asked_for_a_check(tab) -> bool:
    """Whether a check was asked for; again where the page was drawn anew while the button was pressed."""
    from playwright.sync_api import TimeoutError as TooLate

    if waiting := tab.get_by_text("Not checked yet", exact=False).count():
        with suppress(TooLate):  # gone meanwhile
            tab.get_by_role("button", name="Check it", exact=True).click(timeout=3_000)
        tab.wait_for_timeout(1_000)
    return not waiting


def test_a_folder_of_photos_is_condensed_by_clicks_alone(tmp_path: Path) -> None:
    from playwright.sync_api import expect

    home, root = tmp_path / "home", photos(tmp_path / "My photos", NAMES, train=12)
    with serving(home, EDC_THREADS="1") as (address, _), browsing(accept_downloads=True) as (tab, errors):
        open_adding(tab, address)
        tab.locator("input[type=file]").set_input_files(packed(root))
        tab.get_by_role("button", name="Add it", exact=True).click()
        expect(tab.get_by_text("Not checked yet", exact=False)).to_be_visible()
        quiet(tab)
        until(tab, lambda: asked_for_a_check(tab))
        expect(tab.get_by_role("button", name="Check it again")).to_be_visible(timeout=60_000)
        pick_profile(tab, "tiny", "convnet-d2-w8")
        ask_to_squeeze(tab, home)
        until(tab, lambda: tab.get_by_text(re.compile(r"convnet-d2-w8: \d+\.\d %")).count())
        until(tab, lambda: not tab.get_by_role("button", name="Squeeze", exact=True).count())
        assert not own_runs(home)
        tab.get_by_role("button", name="Condense it", exact=True).click()
        expect(tab.get_by_role("heading", name="Recipe")).to_be_visible(timeout=60_000)
        quiet(tab)
        assert "profile=tiny" in tab.url
        tab.get_by_role("button", name="Launch", exact=True).click()
        gallery = tab.get_by_role("link", name="See it form")
        expect(gallery).to_be_visible(timeout=90_000)
        (run,) = own_runs(home)
        assert run.state == "finished"
        with closing(Store(home)) as store:
            squeezed = {node["key"] for row in store._rows() if row.origin == "squeeze" for node in row.plan}
        assert {node["key"] for node in run.plan if node["stage"] in ("squeeze", "statistics")} == squeezed
        gallery.click()
        expect(tab.get_by_role("heading", name="Gallery")).to_be_visible(timeout=60_000)
        expect(tab.locator("[class*=st-key-pixels] img").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_title(LONG).first).to_be_visible()
        quiet(tab)
        tab.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
        expect(tab.get_by_role("button", name="Export (ZIP)")).to_be_visible(timeout=60_000)
        export = download(tab, tab.get_by_role("button", name="Export (ZIP)"))
        with zipfile.ZipFile(io.BytesIO(Path(export.path()).read_bytes())) as archive:
            pictures = [name for name in archive.namelist() if "/images/" in name and name.endswith(".png")]
        assert len(pictures) == 40
        add_by_path(tab, address, root)
        expect(tab.get_by_test_id("stException")).to_have_count(0)
        assert not errors


def open_adding(tab, address: str) -> None:
    """The page with its two ways of adding unfolded; on a busy machine a click may come before the page is whole."""
    from playwright.sync_api import expect

    tab.goto(f"{address}/data")
    expect(tab.get_by_role("button", name="Condense it")).to_be_visible(timeout=90_000)
    quiet(tab)
    field = tab.get_by_label("A folder on this machine", exact=True)

    def open_now() -> bool:
        if not field.is_visible():
            tab.get_by_text("Add a data set").click()
            tab.wait_for_timeout(1_000)
        return field.is_visible()

    until(tab, open_now)


def add_by_path(tab, address: str, root: Path) -> None:
    """The same folder where it lies, at another size."""
    from playwright.sync_api import expect

    open_adding(tab, address)
    tab.get_by_label("A folder on this machine", exact=True).fill(str(root))
    tab.get_by_role("button", name="Look at it", exact=True).click()
    expect(tab.get_by_text("The images have 12 sizes", exact=False)).to_be_visible()
    size = tab.get_by_role("spinbutton", name="Resize to (pixels per side)")
    size.fill("24")
    size.press("Enter")
    quiet(tab)
    tab.get_by_role("button", name="Add it", exact=True).click()
    expect(tab.get_by_text("24 x 24 px, colour")).to_be_visible()
    assert "size%3D24" in tab.url
    expect(tab.locator("[class*=st-key-pixels] img").first).to_be_visible(timeout=60_000)
