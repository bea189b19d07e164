"""A reader who has left, or who never was, ends no command: real processes with descriptors that are really closed."""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest

from edc_core.store import Store
from tests.conftest import ROOT
from tests.support.queued import until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="closes descriptors as a POSIX shell does")


def started(home: Path, *words: str, closed: Iterable[int] = (), **pipes) -> subprocess.Popen:
    """`python -m edc_core WORDS` with these of its descriptors closed."""
    command = ["sh", "-c", f'exec "$@" {" ".join(f"{number}>&-" for number in closed)}', "sh"]
    return subprocess.Popen(
        [*command, sys.executable, "-m", "edc_core", *words],
        cwd=ROOT,
        env=os.environ | {"EDC_HOME": str(home)},
        text=True,
        start_new_session=True,
        **pipes,
    )


QUICK = ("run", "--profile", "tiny", "--ipc", "2", "--split", "val")
QUICK += ("--set", "views.epochs=2", "--set", "synthesise.iterations=4")


def test_a_run_finishes_though_nobody_reads_its_progress(begun: Callable[[Path], Path], tmp_path: Path) -> None:
    """As `run 2>&1 | head -1`, where progress and the answer meet a broken pipe, and as `run <&- >&- 2>&-`."""
    home = begun(tmp_path)
    process = started(home, *QUICK, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(300) == 0
    assert started(home, *QUICK, "--seed", "1", closed=(0, 1, 2)).wait(300) == 0
    with closing(Store(home)) as store:
        runs = [run for run in store.runs() if not run.bundled]
    assert [(run.seed, run.state, run.error) for run in runs] == [(1, "finished", None), (0, "finished", None)]
    assert all(run.result["top1"] > 0 for run in runs)


def test_an_error_without_a_stream_of_its_own_is_not_an_answer(tmp_path: Path) -> None:
    process = started(tmp_path, "show", "no-such-run", closed=(2,), stdout=subprocess.PIPE)
    assert (process.communicate(timeout=60)[0], process.returncode) == ("", 1)


def test_a_list_is_quiet_where_its_reader_has_enough(tmp_path: Path) -> None:
    """As `runs | head -1`: neither a traceback nor Python's own complaint at its end."""
    process = started(tmp_path, "runs", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == 0


def test_an_answer_that_a_full_disk_lost_is_no_success(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("w") as out:
        process = started(tmp_path, "runs", stdout=out, stderr=subprocess.PIPE)
        assert "No space left on device" in process.stderr.read()
        assert process.wait(60) == 1


def test_the_app_is_served_though_nobody_reads_its_address(tmp_path: Path) -> None:
    process = started(tmp_path, "serve", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    address = process.stdout.readline().split()[-1]
    process.stdout.close()

    def healthy() -> bool:
        try:
            return urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).status == 200
        except OSError:
            return process.poll() is not None

    try:
        until(healthy)
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(15)
