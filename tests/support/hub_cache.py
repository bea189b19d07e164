"""A cache of Hugging Face's Hub as its library lays it out: blobs, links to them by commit, and branches' commits."""

import os
import shutil
from pathlib import Path

import pytest

from tests.support.photos import picture

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, without a network, and a store of its own."""
    place = tmp_path / "hub"
    place.mkdir()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(place))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setenv("EDC_HOME", str(tmp_path / "home"))
    return place


def cached(cache: Path, commit: str = COMMIT, main: bool = True) -> Path:
    """The snapshot of a repository ada/pets with twenty images of two classes."""
    root = cache / "datasets--ada--pets"
    (root / "blobs").mkdir(parents=True, exist_ok=True)
    for number in range(20):
        part, label = ("train", "test")[number % 2], ("cat", "dog")[number // 10]
        path = root / "snapshots" / commit / part / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        blob = root / "blobs" / f"{commit[:4]}{number}"
        picture(blob.with_suffix(".png"), (8, 8), seed=number)
        blob.with_suffix(".png").rename(blob)
        if not path.is_symlink():
            path.symlink_to(os.path.relpath(blob, path.parent))
    if main:
        (root / "refs").mkdir(exist_ok=True)
        (root / "refs" / "main").write_text(commit)
    return root / "snapshots" / commit


def sizes(cache: Path) -> dict[str, int]:
    """The files of that repository and their bytes, which leave nothing in the cache."""
    folder = cached(cache)
    found = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*.png")}
    shutil.rmtree(cache / "datasets--ada--pets")
    return found
