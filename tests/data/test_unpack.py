"""Uploads: a ZIP of class folders is unpacked within limits; wrong ones are in test_wrong_inputs."""

from pathlib import Path

import pytest

from edc_core.data import describe
from edc_core.data.readers.unpack import Limits, unpack_classes
from edc_core.errors import DataError
from tests.support.photos import CLASSES, photos, picture, small_photos
from tests.support.wrong_inputs import packed


@pytest.mark.parametrize("inside", ["", "my photos/of/mine/"])
def test_an_upload_is_the_data_set_that_was_packed(inside: str, tmp_path: Path) -> None:
    root = photos(tmp_path / "photos")
    upload = packed(root, inside, **{"__MACOSX/._x.png": b"", "notes.txt": b"hello"})
    folder = unpack_classes(upload, tmp_path / "home", name="My photos.zip")
    about, original = describe(str(folder)), describe(str(root))
    assert about.digest == original.digest
    assert about.name.startswith("my-photos-zip-")
    assert about.classes == tuple(sorted(CLASSES))
    assert not (folder / "notes.txt").exists()
    assert unpack_classes(upload, tmp_path / "home", name="My photos.zip") == folder
    assert [path.name for path in (tmp_path / "home" / "uploads").iterdir()] == [folder.name]


def test_class_folders_without_a_split_are_divided(tmp_path: Path) -> None:
    for name in ("one", "two"):
        for index in range(5):
            picture(tmp_path / "set" / name / f"{index}.png", (32, 32), seed=index)
    about = describe(str(unpack_classes(packed(tmp_path / "set"), tmp_path / "home")))
    assert (about.train_counts, about.test_count) == ((4, 4), 2)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(files=3), "more than 3 files"),
        (Limits(bytes=1000), "MiB unpacked"),
        (Limits(pixels=3000), "million pixels"),
    ],
)
def test_limits_are_kept(limits: Limits, says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        unpack_classes(packed(small_photos(tmp_path / "set")), tmp_path / "home", limits)
    bomb = packed(small_photos(tmp_path / "set"), **{"train/cat/zeros.png": bytes(10**6)})
    with pytest.raises(DataError, match="MiB unpacked"):
        unpack_classes(bomb, tmp_path / "home", Limits(bytes=10**6))
