"""Who reaches a lab: what the operating system says is listened on, and what Start says of a lab for one machine."""

import asyncio
import hashlib
import ipaddress
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from edc_core.cli.jobs import free_port
from edc_core.jobs.datasets import datasets
from edc_core.store import Store
from tests.conftest import ROOT
from tests.support.browser import browsing, needs_chromium, pick_one, quiet, serving
from tests.support.photos import small_photos
from tests.support.sessions import Session
from tests.support.streamlit_private import WidgetState

XSRF = "_streamlit_xsrf"
APP = [sys.executable, "-m", "streamlit", "run"]


@contextmanager
def started(command: list[str], cwd: Path, home: Path) -> Iterator[psutil.Process]:
    """A process that serves the app, once it listens; a user's own settings of Streamlit would open it."""
    (home / ".streamlit").mkdir(exist_ok=True)
    (home / ".streamlit" / "config.toml").write_text('[server]\naddress = "0.0.0.0"\nheadless = true\n')
    own = {"EDC_HOME": str(home / "store"), "HOME": str(home), "PYTHONPATH": str(ROOT)}
    with (home / "said").open("w") as out:
        process = subprocess.Popen(command, cwd=cwd, env=os.environ | own, stdout=out, stderr=out)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


def listening(process: psutil.Process, seconds: float = 30) -> list[tuple[str, int]]:
    """The addresses and ports that the operating system says a process listens on."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        asked = process.net_connections if hasattr(process, "net_connections") else process.connections  # before 6.0
        found = [one.laddr for one in asked("inet") if one.status == psutil.CONN_LISTEN]
        if found:
            return [(one.ip, one.port) for one in found]
        time.sleep(0.1)
    raise TimeoutError("nothing listens")


def test_the_first_command_is_for_this_machine_wherever_it_is_given(tmp_path: Path) -> None:
    port = str(free_port(None))
    app = str(ROOT / "app.py")
    for cwd, command in ((tmp_path, [*APP, app]), (tmp_path, [sys.executable, app])):
        with started([*command, f"--server.port={port}"], cwd, tmp_path) as process:
            ((address, _),) = listening(process)
            assert ipaddress.ip_address(address).is_loopback, cwd
            for name in ("127.0.0.1", "localhost"):
                assert urllib.request.urlopen(f"http://{name}:{port}/_stcore/health", timeout=5).status == 200
        assert f"http://127.0.0.1:{port}" in (tmp_path / "said").read_text()


def test_serve_is_for_the_network(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "edc_core", "serve", "--class", "maple", "--port", str(free_port(None))]
    with started(serve, tmp_path, tmp_path) as process:
        assert [address for address, _ in listening(process)] == ["0.0.0.0"]


def send(address: str, session: str, cookie: str) -> int:
    """Send a file as a page's uploader does; gives the answer's status."""
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f.zip"\r\n\r\nbytes\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b", "X-Xsrftoken": cookie, "Cookie": f"{XSRF}={cookie}"}
    asked = urllib.request.Request(f"{address}/_stcore/upload_file/{session}/one", body, headers, method="PUT")
    try:
        return urllib.request.urlopen(asked, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code


def xsrf_cookie(address: str) -> str:
    found = urllib.request.urlopen(f"{address}/_stcore/health", timeout=10).headers.get_all("Set-Cookie") or []
    return next(one.split("=", 1)[1].split(";")[0] for one in found if one.startswith(XSRF))


async def before_and_after_entering(address: str) -> tuple[int, int, str]:
    pupil, cookie = Session(address), xsrf_cookie(address)
    await pupil.open("data")
    refused = send(address, pupil.id, cookie)
    await pupil.type("Class code", "maple")
    await pupil.type("Nickname", "Ada")
    await pupil.press("Enter")
    taken = send(address, pupil.id, cookie)
    await pupil.close()
    former = hashlib.sha256(b"edc class maple").hexdigest()[:8]
    back = Session(address, f"edc_person_{former}=a-former-token")
    await back.open()
    said = back.texts()
    await back.close()
    return refused, taken, said


@pytest.fixture(scope="module")
def maple(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a class that Grace entered under the code's former digest."""
    home = tmp_path_factory.mktemp("class")
    with closing(Store(home)) as store:
        former, token = (hashlib.sha256(text).hexdigest() for text in (b"edc class maple", b"a-former-token"))
        row = ("0123456789abcdef", "Grace", former[:32], token, 1.0)
        store.database.execute("INSERT INTO people (id, nickname, room, token, created) VALUES (?, ?, ?, ?, ?)", row)
    with serving(home, EDC_CLASS_CODE="maple", EDC_TEACHER_CODE="chalk-1234") as (address, _):
        yield address


def test_a_class_takes_files_of_who_has_entered_and_knows_who_was_there_before(maple: str) -> None:
    refused, taken, said = asyncio.run(before_and_after_entering(maple))
    assert (refused, taken) == (403, 204)
    assert "Grace" in said
    assert "python -m edc_core serve" in said  # only this machine reaches this server


async def typed(address: str, folder: str) -> str:
    """Type a folder into Recipe's list of data sets."""
    me = Session(address)
    await me.open("recipe")
    field = me.find("selectbox", "Data set").id
    me.widgets[field] = WidgetState(id=field, string_value=folder)
    await me.rerun()
    await me.close()
    return me.texts()


def test_a_folder_that_is_typed_on_recipe_is_added_to_the_list(tmp_path: Path) -> None:
    folder = str(small_photos(tmp_path / "set"))
    with serving(tmp_path / "home") as (address, _):
        assert "'/no/such/folder' is unknown" in asyncio.run(typed(address, "/no/such/folder"))
        assert "is unknown" not in asyncio.run(typed(address, folder))
    with closing(Store(tmp_path / "home")) as store:
        assert folder in {one.address for one in datasets(store)}


# The last one: a kept browser's loop goes on running, and the tests above start loops of their own.
def join(tab, address: str, code: str, nickname: str) -> None:
    """Enter the class as a browser's new visitor."""
    tab.goto(address)
    tab.get_by_role("textbox", name="Class code").fill(code)
    tab.get_by_role("textbox", name="Nickname").fill(nickname)
    tab.get_by_role("button", name="Enter").click()
    tab.get_by_test_id("stSidebarNavLink").first.wait_for()
    quiet(tab)


@needs_chromium
def test_a_teacher_gives_a_nickname_back_to_a_browser_that_lost_its_cookie(maple: str) -> None:
    with browsing() as (mine, errors), closing(mine.context.browser.new_context()) as other:
        pupil = other.new_page()
        join(pupil, maple, "maple", "Lin")
        assert pupil.get_by_role("link", name="Class", exact=True).count() == 0
        join(mine, maple, "chalk-1234", "Ms T")
        mine.get_by_role("link", name="Class", exact=True).click()
        mine.get_by_role("img", name=f"QR code of {maple}", exact=True).wait_for()
        mine.get_by_role("button", name="Give a nickname back").click()
        pick_one(mine, "Nickname", "Lin")
        mine.get_by_role("button", name="Make a one-time code").click()
        code = mine.get_by_test_id("stCode").inner_text().strip()
        other.clear_cookies()
        join(pupil, maple, code, "Lin")
        pupil.get_by_test_id("stSidebar").get_by_text("Lin").wait_for()
        assert errors == []
