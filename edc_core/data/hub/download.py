"""Fetching a repository of the Hub when a person asks for it: its size first, data files only, at one commit.

Scripts and whatever may be a pickle are never fetched: they are counted, and the census says so.
"""

import math
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edc_core.data.census import Tally
from edc_core.data.hub.repositories import (
    COMMIT,
    READ,
    Repository,
    Snapshot,
    hub_library,
    is_plain,
    patterns,
    record_path,
    repository_of,
    snapshot_of,
)
from edc_core.errors import DataError, StoreError
from edc_core.store.files import write_json
from edc_core.wording.grammar import plural

PICKLES = (".pt", ".pth", ".bin", ".pkl", ".pickle", ".ckpt", ".joblib", ".dill", ".th")
SCRIPTS = (".py", ".ipynb", ".sh", ".js")
MAX_FILES = 200_000


@dataclass(frozen=True)
class Offer:
    """What a download would bring: shown to a person before anything is fetched."""

    repository: Repository
    commit: str
    files: dict[str, int]  # bytes of each
    left_out: tuple[tuple[str, int, str], ...]  # reason, count, example

    @property
    def bytes(self) -> int:
        return sum(self.files.values())

    @property
    def sentence(self) -> str:
        left = ", ".join(f"{reason} ({count:,})" for reason, count, _ in self.left_out)
        never = f"; never fetched: {left}" if left else ""
        size = f"{self.bytes / 2**20:,.1f} MiB" if self.bytes >= 2**20 else f"{math.ceil(self.bytes / 1024)} KiB"
        files = f"{len(self.files):,} {plural(len(self.files), 'file')}, {size}"
        return f"{self.repository} at commit {self.commit[:12]}: {files}{never}"


def offer_of(place: str, listing: Callable[..., Any] | None = None) -> Offer:
    """What lies in a repository on the Hub, by its listing alone; `listing` stands for the Hub's in tests.

    Raises:
        SettingsError: the address is wrong, or huggingface_hub is missing.
        DataError: there is no such repository, it is gated, there is no network, or it holds nothing to read.
    """
    wanted = repository_of(place)
    hub = hub_library()
    ask = listing or hub.HfApi().dataset_info
    try:
        info = ask(wanted.name, revision=wanted.revision, files_metadata=True)
    except (OSError, ValueError) as error:
        raise _refusal(wanted, error) from None
    files: dict[str, int] = {}
    tally = Tally()
    for one in info.siblings or ():
        name, size = one.rfilename, int(one.size or 0)
        reason = _why_not(name)
        if reason:
            tally.leave_out(reason, name[:200])
        elif reason is None:
            files[name] = size
    if not COMMIT.fullmatch(info.sha or ""):
        raise DataError(f"the Hub tells no commit of '{wanted}'", "try again later")
    left = tuple((group.reason, group.count, group.example) for group in tally.left_out)
    if not files or len(files) > MAX_FILES:
        what = f"{len(files):,} {plural(len(files), 'file')}" if files else "no images, parquet, arrays or lists"
        more = f" (never fetched: {', '.join(f'{reason} ({count})' for reason, count, _ in left)})" if left else ""
        raise DataError(
            f"'{wanted}' holds {what}{more}", f"try '{Repository(wanted.name, 'refs/convert/parquet')}', or another one"
        )
    return Offer(wanted, info.sha, files, left)


def _why_not(name: str) -> str | None:
    """Why a file is not fetched; None: it is, "": not a word is lost about it."""
    lower = name.lower()
    if lower.endswith(PICKLES):
        return "files that may be pickles"
    if lower.endswith(SCRIPTS):
        return "scripts"
    if name.rpartition("/")[2].startswith(".") or lower.rpartition("/")[2] in ("readme.md", "license", "license.txt"):
        return ""
    if not lower.endswith(READ) or not is_plain(name):
        return "files of other kinds"
    return None


def _refusal(wanted: Repository, error: Exception) -> DataError:
    """One sentence for what the Hub answers, by the class of its error."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "GatedRepoError" in kinds:
        return DataError(
            f"'{wanted}' is gated: its owner asks who takes it",
            f"agree on https://huggingface.co/datasets/{wanted.name}, then 'hf auth login' on this machine",
        )
    if "RevisionNotFoundError" in kinds:
        return DataError(
            f"'{wanted.name}' has no revision '{wanted.revision}'", "leave @REVISION away, or name another"
        )
    if "RepositoryNotFoundError" in kinds:
        return DataError(
            f"the Hub has no data set '{wanted.name}', or it is private",
            "look at its spelling (OWNER/NAME), or 'hf auth login' with an account that may read it",
        )
    if "OfflineModeIsEnabled" in kinds or os.environ.get("HF_HUB_OFFLINE") in ("1", "true", "TRUE", "ON", "YES"):
        return DataError(
            f"'{wanted}' is not fetched, as HF_HUB_OFFLINE is set", "unset it, or copy the Hub's cache here"
        )
    said = (str(error).splitlines() or [type(error).__name__])[0][:150]
    return DataError(
        f"'{wanted}' cannot be fetched ({said})",
        "look at the network; or fetch it on another machine and copy its cache (HF_HOME) here",
    )


def fetch_repository(offer: Offer, download: Callable[..., str] | None = None) -> Snapshot:
    """Fetch what was offered into the Hub's own cache, and write down what it is; `download` is a test's.

    Raises:
        DataError: it cannot be fetched.
        StoreError: the disk is full, or cannot be written.
    """
    hub = hub_library()
    _check_room(offer, Path(hub.constants.HF_HUB_CACHE))
    try:
        folder = (download or hub.snapshot_download)(
            offer.repository.name,
            repo_type="dataset",
            revision=offer.repository.revision,
            allow_patterns=patterns(),
            ignore_patterns=[f"*{ending}" for ending in (*PICKLES, *SCRIPTS)],
        )
    except (OSError, ValueError) as error:
        raise _refusal(offer.repository, error) from None
    if Path(folder).name != offer.commit:
        raise DataError(f"'{offer.repository}' was changed on the Hub just now", "ask for its size again")
    path = record_path(offer.repository.name, offer.commit)
    told = {"repository": offer.repository.name, "commit": offer.commit, "files": offer.files}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, told | {"left_out": [list(group) for group in offer.left_out]})
    except OSError as error:
        raise StoreError(f"'{path.parent}' cannot be written ({error.strerror}): choose another EDC_HOME.") from None
    return snapshot_of(str(Repository(offer.repository.name, offer.commit)))


def _check_room(offer: Offer, cache: Path) -> None:
    while not cache.is_dir() and cache != cache.parent:
        cache = cache.parent
    if shutil.disk_usage(cache).free < offer.bytes + 2**26:
        raise StoreError(
            f"{offer.bytes / 2**20:,.0f} MiB do not fit on the disk of '{cache}': free some space, or set HF_HOME to a"
            " larger one."
        )
