"""Data sets of Hugging Face's Hub by name, `hf:OWNER/NAME[@revision]`, read from the copy on this machine.

An address downloads nothing: it names what lies in the Hub's own cache, at one commit. No script of a repository is
run, and nothing that may be a pickle is opened.
"""

import hashlib
import importlib
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from edc_core.data.address import address_of
from edc_core.data.census import Census, LeftOut
from edc_core.data.description import Description, shown
from edc_core.data.images.image_kinds import SUFFIXES
from edc_core.errors import DataError, SettingsError
from edc_core.store import default_home

PREFIX = "hf:"
REPOSITORY = re.compile(
    r"([A-Za-z0-9][\w.-]{0,95})/([A-Za-z0-9][\w.-]{0,95})(?:@([A-Za-z0-9][\w./-]{0,199}))?", re.ASCII
)
COMMIT = re.compile(r"[0-9a-f]{40}")
TABLES = (".parquet", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".txt")
ARRAYS = (".npz", ".npy", ".zip")
READ = (*SUFFIXES, *TABLES, *ARRAYS)  # endings of files that are fetched
BY_CONTENT = 2**28  # bytes up to which a data set's own digest is of its content, on every machine the same
MAX_RECORD_BYTES = 2**26


@dataclass(frozen=True)
class Repository:
    """A repository of data on the Hub; `revision` is a branch, a tag or a commit."""

    name: str  # OWNER/NAME
    revision: str = "main"

    def __str__(self) -> str:
        return PREFIX + self.name + (f"@{self.revision}" if self.revision != "main" else "")


@dataclass(frozen=True)
class Snapshot:
    """A repository's files on this machine at one commit."""

    repository: Repository
    commit: str
    folder: Path
    record: dict[str, Any] | None  # what this lab fetched of it; None where another program did

    @property
    def pinned(self) -> str:
        return str(Repository(self.repository.name, self.commit))


def is_hub_address(name: str) -> bool:
    return name.startswith(PREFIX)


def repository_of(place: str) -> Repository:
    """The repository that an address without options names.

    Raises:
        SettingsError: it is no OWNER/NAME, or no revision.
    """
    match = REPOSITORY.fullmatch(place.removeprefix(PREFIX))
    if match is None or ".." in place or "--" in place.partition("@")[0] or place.endswith((".git", "/")):
        raise SettingsError(
            f"'{shown(place[:200])}' names no repository of Hugging Face's Hub: write hf:OWNER/NAME, or"
            " hf:OWNER/NAME@REVISION with a branch, a tag or a commit."
        )
    return Repository(f"{match[1]}/{match[2]}", match[3] or "main")


def hub_library() -> ModuleType:
    """`huggingface_hub`.

    Raises:
        SettingsError: it is not installed.
    """
    try:
        return importlib.import_module("huggingface_hub")
    except ImportError:
        raise SettingsError(
            "addresses that begin with hf: need the package huggingface_hub, which is not installed: pip install"
            " 'edc-lab[hub]', or pip install huggingface_hub."
        ) from None


def patterns() -> list[str]:
    """What is fetched, by endings in small letters and capitals."""
    return [f"*{ending}" for found in READ for ending in (found, found.upper())]


def snapshot_of(place: str) -> Snapshot:
    """The copy of a repository that is on this machine; nothing is downloaded.

    Raises:
        SettingsError: the address is wrong, or huggingface_hub is missing.
        DataError: it is not here, or not whole.
    """
    wanted = repository_of(place)
    hub = hub_library()
    try:
        folder = hub.snapshot_download(
            wanted.name,
            repo_type="dataset",
            revision=wanted.revision,
            local_files_only=True,
            allow_patterns=patterns(),
        )
    except (OSError, ValueError) as error:
        part = "is here in part only" if type(error).__name__ == "IncompleteSnapshotError" else "is not on this machine"
        raise DataError(
            f"'{wanted}' {part}, and an address downloads nothing", f"'python -m edc_core download {wanted}' fetches it"
        ) from None
    found = Path(folder)
    if not COMMIT.fullmatch(found.name) or not found.is_dir():
        raise DataError(
            f"the copy of '{wanted}' in Hugging Face's cache is damaged", f"'python -m edc_core download {wanted}'"
        )
    record = read_record(wanted.name, found.name)
    for name, size in (record or {}).get("files", {}).items():
        path = found / name
        if not path.is_file() or path.stat().st_size != size:
            raise DataError(
                f"'{wanted}' is not whole on this machine ('{shown(name[:200])}' is missing or cut)",
                f"'python -m edc_core download {wanted}' fetches what is missing",
            )
    return Snapshot(wanted, found.name, found, record)


def pinned(place: str) -> str:
    """An address by the commit that its revision is of on this machine, so that it means the same tomorrow.

    Raises:
        SettingsError: the address is wrong, or huggingface_hub is missing.
        DataError: it is not here.
    """
    return snapshot_of(place).pinned


def record_path(name: str, commit: str) -> Path:
    """Where the lab writes down what it fetched: both are checked to be plain names."""
    repository_of(PREFIX + name)
    return default_home() / "hub" / f"{name.replace('/', '--')}--{commit}.json"


def read_record(name: str, commit: str) -> dict[str, Any] | None:
    """What the lab fetched of a repository at a commit; None where it did not, or the record is damaged."""
    path = record_path(name, commit)
    try:
        if path.stat().st_size > MAX_RECORD_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
        files = found["files"]
        plain = all(isinstance(size, int) and is_plain(name) for name, size in files.items())
        return found if plain and isinstance(found["left_out"], list) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def is_plain(name: str) -> bool:
    """Whether a file's name in a repository leads to no place outside it."""
    parts = name.split("/")
    return bool(name) and "\\" not in name and name.isprintable() and not {"", ".", ".."} & set(parts)


def described_snapshot(about: Description, snapshot: Snapshot, options: str) -> Description:
    """A folder's description as that of a repository: its name, commit and digest, and what of it was not fetched."""
    name, commit = snapshot.repository.name, snapshot.commit
    said = f"these are the files of {PREFIX}{name} at commit {commit[:12]}"
    if snapshot.record is None:
        said += ", as another program than this lab put them into Hugging Face's cache, perhaps in part"
    left = [
        LeftOut(f"{shown(str(reason))} of the repository, never fetched", int(count), shown(str(example)))
        for reason, count, example in (snapshot.record or {}).get("left_out", [])
    ]
    census = Census(readings=(said,), left_out=tuple(left)) + about.census
    return replace(
        about,
        name=f"{name}@{commit[:12]}{options}",
        digest=_digest(about, snapshot),
        census=replace(census, found=about.census.found),
    )


def _digest(about: Description, snapshot: Snapshot) -> str:
    """Of repository, commit, files and reading: the same on every machine, where a folder's may rest on its place."""
    files = sorted(
        (path.relative_to(snapshot.folder).as_posix(), path.stat().st_size)
        for path in snapshot.folder.rglob("*")
        if path.is_file()
    )
    reading = [about.classes, about.size, about.channels, about.train_counts, about.test_count]
    own = about.digest if sum(size for _, size in files) <= BY_CONTENT else ""
    told = [snapshot.repository.name, snapshot.commit, files, reading, own]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def condensed_set(source: str) -> Path:
    """The folder, ZIP or NPZ of a released condensed set: of `hf:OWNER/NAME[@revision][?config=FOLDER]`.

    Raises:
        SettingsError: the address is wrong, or chooses what is not there.
        DataError: the repository is not here, or holds several sets.
    """
    address = address_of(source)
    if address.options != (f"?config={address.config}" if address.config else ""):
        raise SettingsError(
            f"'{address.options}' does not choose from a condensed set: write ?config=NAME with one of its folders or"
            " files."
        )
    folder = snapshot_of(address.place).folder
    inside = {path.name: path for path in sorted(folder.iterdir()) if not path.name.startswith(".")}
    if address.config is not None:
        by_stem = {path.stem: path for path in inside.values()}
        chosen = inside.get(address.config) or by_stem.get(address.config)
        if chosen is None:
            have = ", ".join(map(shown, list(inside)[:20]))
            raise SettingsError(f"config is '{address.config[:100]}', but {address.place} has {have}: choose one.")
        return chosen
    packed = [path for name, path in inside.items() if name.lower().endswith((".npz", ".zip"))]
    if len(packed) > 1:
        some = ", ".join(f"'{shown(path.name)}'" for path in packed[:5])
        raise DataError(
            f"{address.place} holds several sets ({some})",
            f"choose one, as in '{address.place}?config={packed[0].stem}'",
        )
    return packed[0] if packed else folder
