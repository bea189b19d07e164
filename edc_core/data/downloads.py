"""Fetching a known data set: checked by its MD5, and each file renamed into place whole."""

import hashlib
import os
import shutil
import tarfile
import tempfile
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path

from edc_core.data.images.image_faults import reason
from edc_core.data.known_datasets import KNOWN, Known, find_known
from edc_core.errors import DataError
from edc_core.events import EventHandler, Progress, no_op
from edc_core.store import default_home

CHUNK = 2**20
FETCHING = "fetching-"  # a download's own folder begins so


def fetch(name: str, observe: EventHandler = no_op, entry: Known | None = None) -> Path:
    """The folder of a known data set's files, downloaded where they are not on this machine.

    Raises:
        DataError: it cannot be downloaded; the sentence says how to get it by hand.
    """
    entry = entry or KNOWN[name]
    try:
        return find_known(name)["train"][0].parent
    except DataError:
        pass  # not here yet
    given = os.environ.get("EDC_DATA", "").split(os.pathsep)[0]
    target = (Path(given).expanduser() if given else default_home() / "downloads") / entry.folders[0]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        work = Path(tempfile.mkdtemp(prefix=FETCHING, dir=target.parent))
    except OSError as error:
        raise DataError(f"'{target.parent}' cannot be written ({error.strerror})", "set EDC_DATA to a folder") from None
    try:
        for url, md5 in entry.urls:
            _place(_download(url, md5, work, observe), work / "whole", entry)
        target.mkdir(exist_ok=True)  # a folder of that name may be a person's own: nothing in it is lost
        for path in (work / "whole").iterdir():
            path.replace(target / path.name)
    except (OSError, EOFError, HTTPException, tarfile.TarError) as error:
        raise DataError(
            f"'{name}' cannot be downloaded from {entry.urls[0][0]} ({reason(error)})",
            "fetch it on a machine with a network, copy its folder, and set EDC_DATA to the folder that holds"
            f" {entry.folders[0]}/",
        ) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _sweep(folder: Path, seconds: float = 86400.0) -> None:
    """Delete what a killed download left there, a day later: another process may be at a newer one."""
    for old in folder.glob(f"{FETCHING}*"):
        if time.time() - old.stat().st_mtime > seconds:
            shutil.rmtree(old, ignore_errors=True)


def _download(url: str, md5: str, work: Path, observe: EventHandler) -> Path:
    path, total, done = work / url.rpartition("/")[2], hashlib.md5(usedforsecurity=False), 0
    with urllib.request.urlopen(url, timeout=30) as answer, path.open("wb") as file:
        length = int(answer.headers.get("Content-Length") or 0)
        while chunk := answer.read(CHUNK):
            total.update(chunk)
            file.write(chunk)
            done += len(chunk)
            observe(Progress(done >> 20, length >> 20, "MB", path.name))
    if total.hexdigest() != md5:
        raise OSError(f"{path.name} arrived damaged, its MD5 is {total.hexdigest()}")
    return path


def _place(path: Path, folder: Path, entry: Known) -> None:
    """The files that are read, taken out of an archive by their names alone: no path in it leads anywhere."""
    folder.mkdir(exist_ok=True)
    if not path.name.endswith(".tar.gz"):
        path.rename(folder / path.name)
        return
    wanted = {name for names in entry.files.values() for name in names}
    with tarfile.open(path) as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            if member.isfile() and name in wanted:
                with archive.extractfile(member) as source, (folder / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
    path.unlink()
