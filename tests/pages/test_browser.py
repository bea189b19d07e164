"""What a person does in a real browser: a first run from the click to its deletion, stops, kills and links."""

import csv
import io
import json
import os
import re
import signal
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from edc_core.store import Store
from edc_core.store.run_record import RunRecord
from tests.support.browser import answered, browsing, download, needs_chromium, pick, quiet, serving, visit

pytestmark = needs_chromium
PAGES = ("", "data", "recipe", "gallery", "labels", "choices", "landscape", "runs")
SECOND_STUDENT = "convnet-d2-w8"


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser-home")


@pytest.fixture(scope="module")
def address(empty_home: Path) -> Iterator[str]:
    with serving(empty_home) as (found, _):
        yield found


def own_runs(home: Path) -> list[RunRecord]:
    """The store's runs but for those that come with the project, the newest first."""
    store = Store(home)
    found = [run for run in store.runs() if not run.bundled]
    store.close()
    return found


def wait_for(home: Path, state: str, seconds: float = 120, run: str | None = None) -> RunRecord:
    """The newest own run (or that one) once it is in that state."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [one for one in own_runs(home) if run in (None, one.id)]
        if found and found[0].state == state:
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(f"no run became {state}: {[(one.id, one.state, one.error) for one in own_runs(home)]}")


def wait_for_stage(home: Path, stage: str, seconds: float = 90) -> None:
    """Until the newest own run advances in that stage."""
    deadline = time.monotonic() + seconds
    while not ((found := own_runs(home)[0].progress or {}).get("stage") == stage and found.get("done")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def no_trouble(tab, errors: list[str]) -> None:
    from playwright.sync_api import expect

    expect(tab.get_by_test_id("stException")).to_have_count(0)
    expect(tab.get_by_text("Something went wrong")).to_have_count(0)
    expect(tab.get_by_text("Traceback")).to_have_count(0)
    assert not errors


def test_every_page_opens_by_its_address_on_an_empty_store(address: str) -> None:
    with browsing() as (tab, errors):
        for page in PAGES:
            visit(tab, f"{address}/{page}")
            assert tab.get_by_test_id("stSidebarNavLink").count() == len(PAGES), page
            no_trouble(tab, errors)


def test_a_first_run_from_the_click_to_its_deletion(address: str, empty_home: Path) -> None:
    from playwright.sync_api import expect

    with browsing() as (tab, errors):
        tab.goto(address)
        quiet(tab)
        tab.get_by_role("radio", name="Short").or_(tab.get_by_role("button", name="Short")).first.click()
        tab.wait_for_timeout(500)
        tab.get_by_role("button", name="Run EDC now", exact=True).click()
        picture = tab.locator("[class*=st-key-pixels-live] img, [class*=st-key-pixels] img").first
        expect(picture).to_be_visible(timeout=10_000)
        expect(tab.get_by_text("starting images").first).to_be_visible()
        expect(tab.get_by_text("forming, iteration").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_test_id("stVegaLiteChart").first).to_be_visible(timeout=60_000)
        expect(tab.get_by_role("link", name="See it form")).to_be_visible(timeout=240_000)
        run = wait_for(empty_home, "finished")
        expect(tab.get_by_text(f"taught {run.result[run.result['headline']]:.1f} %").first).to_be_visible()
        no_trouble(tab, errors)
        look_at_the_gallery(tab, empty_home, run)
        judge_with_a_second_student(tab, empty_home, run)
        delete(tab, empty_home, run)
        no_trouble(tab, errors)


def look_at_the_gallery(tab, home: Path, run: RunRecord) -> None:
    from playwright.sync_api import expect

    tab.get_by_role("link", name="See it form").click()
    expect(tab.get_by_role("heading", name="Gallery")).to_be_visible(timeout=15_000)
    assert f"run={run.id}" in tab.url
    tab.get_by_role("radio", name="The set").or_(tab.get_by_role("button", name="The set")).first.click()
    answered(tab)
    picture = tab.locator("[class*=st-key-pixels] img").first
    expect(picture).to_be_visible(timeout=15_000)
    assert picture.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
    archive = download(tab, tab.get_by_role("button", name="Download ZIP"))
    check_zip(Path(archive.path()).read_bytes(), home, run)
    tab.get_by_role("radio", name="Forming").or_(tab.get_by_role("button", name="Forming")).first.click()
    slider = tab.get_by_role("slider").first
    expect(slider).to_be_visible(timeout=15_000)
    before = slider.get_attribute("aria-valuenow")
    slider.focus()
    tab.keyboard.press("ArrowLeft" if before != slider.get_attribute("aria-valuemin") else "ArrowRight")
    expect(slider).not_to_have_attribute("aria-valuenow", before)
    quiet(tab)


def check_zip(content: bytes, home: Path, run: RunRecord) -> None:
    """Image folder, labels and settings: the pixels are the stored ones."""
    store = Store(home)
    key = next(node["key"] for node in run.plan if node["stage"] == "synthesise")
    stored = load_file(store.stage_results.find(key) / "images.safetensors")["images"]
    store.close()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        pictures = sorted(name for name in names if "images/" in name and name.endswith(".png"))
        assert len(pictures) == len(stored) == 100
        assert len({name.split("/")[-2] for name in pictures}) == 10
        found = {np.asarray(Image.open(io.BytesIO(archive.read(name)))).tobytes() for name in pictures}
        assert found == {image.tobytes() for image in stored}
        labels = next(name for name in names if name.endswith("labels.csv"))
        assert len(list(csv.DictReader(io.StringIO(archive.read(labels).decode())))) == 100
        settings = json.loads(archive.read(next(name for name in names if name.endswith("settings.json"))))
        assert settings == run.settings


def judge_with_a_second_student(tab, home: Path, run: RunRecord) -> None:
    from playwright.sync_api import expect

    tab.get_by_test_id("stSidebarNavLink").filter(has_text="Images or labels?").click()
    expect(tab.get_by_role("heading", name="Images or labels?")).to_be_visible(timeout=15_000)
    quiet(tab)
    assert f"run={run.id}" in tab.url
    tab.get_by_text("Judge more: protocols, students, seeds").click()
    tab.get_by_test_id("stMultiSelect").filter(has_text="Compare with").get_by_role("button", name="Clear all").click()
    expect(tab.get_by_label("Remove Pure noise")).to_have_count(0)
    quiet(tab)
    tab.get_by_label("Remove hard labels").first.click()
    expect(tab.get_by_label("Remove hard labels")).to_have_count(0)
    quiet(tab)
    field = tab.get_by_test_id("stMultiSelect").filter(has_text="Students").get_by_role("combobox")
    pick(tab, field, SECOND_STUDENT)
    number = tab.get_by_role("spinbutton", name="Students per network (seeds)")
    number.fill("1")
    number.press("Enter")
    quiet(tab)
    tab.get_by_role("button", name="Judge what is missing: 1 student").last.click()
    deadline = time.monotonic() + 90
    while not any(SECOND_STUDENT in one.settings["evaluate"]["students"] for one in own_runs(home)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    judged = next(one for one in own_runs(home) if SECOND_STUDENT in one.settings["evaluate"]["students"])
    wait_for(home, "finished", run=judged.id)
    expect(tab.get_by_role("button", name="Stop judging")).to_have_count(0, timeout=15_000)


def delete(tab, home: Path, run: RunRecord) -> None:
    from playwright.sync_api import expect

    visit(tab, tab.url.split("/labels")[0] + f"/runs?run={run.id}")
    tab.get_by_role("button", name="Delete", exact=True).click()
    tab.get_by_role("button", name="Delete it", exact=True).click()
    expect(tab.get_by_role("button", name="Delete it", exact=True)).to_have_count(0, timeout=15_000)
    quiet(tab)
    assert run.id not in {one.id for one in own_runs(home)}


def launch_tiny(tab, address: str, seed: int, epochs: int) -> None:
    """A small run with a long student, from Recipe by a link and a click."""
    visit(tab, f"{address}/recipe?settings=tiny&ipc=1&seed={seed}&set=views.epochs={epochs}")
    tab.get_by_role("button", name="Launch", exact=True).click()


def test_a_run_stopped_half_way_and_then_killed_is_resumed_to_its_end(address: str, empty_home: Path) -> None:
    from playwright.sync_api import expect

    with browsing() as (tab, errors):
        launch_tiny(tab, address, seed=21, epochs=400)
        expect(tab.get_by_text(re.compile("Running$")).first).to_be_visible(timeout=60_000)
        wait_for_stage(empty_home, "evaluate")
        tab.get_by_role("button", name="Stop", exact=True).click()
        expect(tab.get_by_text("The run was stopped.", exact=False)).to_be_visible(timeout=15_000)
        assert wait_for(empty_home, "cancelled", 5).seed == 21
        tab.reload()
        quiet(tab)
        tab.get_by_role("button", name="Resume", exact=True).click()
        run = wait_for(empty_home, "running")
        os.kill(run.pid, signal.SIGKILL)
        expect(tab.get_by_text("The run was interrupted", exact=False)).to_be_visible(timeout=12_000)
        tab.get_by_role("button", name="Resume", exact=True).click()
        expect(tab.get_by_role("link", name="See it form")).to_be_visible(timeout=240_000)
        no_trouble(tab, errors)


def look_around(tab) -> None:
    """As long as a person takes before pressing Back; in the midst of a first script run the address may be lost."""
    quiet(tab)
    tab.wait_for_timeout(2000)


def test_a_link_reload_back_and_forward_keep_what_was_looked_at(address: str, empty_home: Path) -> None:
    from playwright.sync_api import expect

    first, second = [run.id for run in own_runs(empty_home) if run.state == "finished"][:2]
    with browsing() as (tab, errors):
        tab.goto(f"{address}/recipe?preset=A&settings=tiny&seed=5")
        quiet(tab)
        expect(tab.get_by_text("settings differ from EDC", exact=False).first).to_be_visible(timeout=15_000)
        tab.reload()
        quiet(tab)
        assert "preset=A" in tab.url
        assert "seed=5" in tab.url
        tab.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
        expect(tab.get_by_role("heading", name="Runs")).to_be_visible(timeout=15_000)
        look_around(tab)
        tab.go_back()
        expect(tab.get_by_role("heading", name="Recipe")).to_be_visible(timeout=15_000)
        expect(tab).to_have_url(re.compile("preset=A.*seed=5"))
        expect(tab.get_by_text("settings differ from EDC", exact=False).first).to_be_visible(timeout=15_000)
        visit(tab, f"{address}/gallery?run={first}")
        tab.get_by_test_id("stSidebarNavLink").filter(has_text="Runs").click()
        expect(tab.get_by_role("heading", name="Runs")).to_be_visible(timeout=15_000)
        expect(tab).to_have_url(re.compile(f"run={first}"))
        look_around(tab)
        tab.go_back()
        expect(tab.get_by_role("heading", name="Gallery")).to_be_visible(timeout=15_000)
        seed = re.search(r"-s(\d+)-", first).group(1)
        chosen = tab.get_by_test_id("stSelectbox").locator("input").first
        expect(chosen).to_have_value(re.compile(f"seed {seed}"), timeout=15_000)
        look_around(tab)
        tab.go_forward()
        expect(tab.get_by_role("heading", name="Runs")).to_be_visible(timeout=15_000)
        expect(tab.get_by_text(f"seed {seed}").first).to_be_visible(timeout=15_000)
        expect(tab).to_have_url(re.compile(f"run={first}"))
        tab.reload()
        expect(tab.get_by_text(f"seed {seed}").first).to_be_visible(timeout=15_000)
        tab.goto(f"{address}/gallery?run={quote('</script><script>window.stolen = 1</script>')}")
        look_around(tab)
        assert tab.evaluate("window.stolen") is None
        visit(tab, f"{address}/runs?compare={first}&compare={second}")
        expect(tab.get_by_text("differ", exact=False).first).to_be_visible(timeout=15_000)
        tab.reload()
        quiet(tab)
        assert first in tab.url
        assert second in tab.url
        no_trouble(tab, errors)
