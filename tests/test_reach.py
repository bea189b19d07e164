"""Who reaches a lab: what the operating system says is listened on, and what Start says of a lab for one machine."""

import ipaddress
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from edc_core.cli.jobs import free_port
from tests.conftest import ROOT

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
        found = [one.laddr for one in process.net_connections("inet") if one.status == psutil.CONN_LISTEN]
        if found:
            return [(one.ip, one.port) for one in found]
        time.sleep(0.1)
    raise TimeoutError("nothing listens")


def test_the_first_command_is_for_this_machine_wherever_it_is_given(tmp_path: Path) -> None:
    port = str(free_port(None))
    for cwd, app in ((ROOT, "app.py"), (tmp_path, str(ROOT / "app.py"))):
        with started([*APP, app, f"--server.port={port}"], cwd, tmp_path) as process:
            ((address, _),) = listening(process)
            assert ipaddress.ip_address(address).is_loopback, cwd
            for name in ("127.0.0.1", "localhost"):
                assert urllib.request.urlopen(f"http://{name}:{port}/_stcore/health", timeout=5).status == 200
        assert f"http://127.0.0.1:{port}" in (tmp_path / "said").read_text()


def test_serve_is_for_the_network(tmp_path: Path) -> None:
    serve = [sys.executable, "-m", "edc_core", "serve", "--class", "maple", "--port", str(free_port(None))]
    with started(serve, tmp_path, tmp_path) as process:
        assert [address for address, _ in listening(process)] == ["0.0.0.0"]
