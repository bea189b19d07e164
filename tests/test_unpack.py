"""Uploads: a ZIP of class folders is unpacked within limits, or refused in one sentence and leaves nothing."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from edc_core.data import describe
from edc_core.data.unpack import Limits, unpack_classes
from edc_core.errors import DataError
from tests.photos import CLASSES, photos, picture, small_photos


def packed(root: Path, inside: str = "", **more: bytes) -> io.BytesIO:
    """A ZIP of a folder's files, and more files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, inside + path.relative_to(root).as_posix())
        for name, content in more.items():
            archive.writestr(name, content)
    return buffer


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


def link(root: Path) -> io.BytesIO:
    buffer = packed(root)
    with zipfile.ZipFile(buffer, "a") as archive:
        info = zipfile.ZipInfo("train/cat/link.png")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return buffer


def encrypted(root: Path) -> io.BytesIO:
    content = bytearray(packed(root).getvalue())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return io.BytesIO(bytes(content))


def corrupt(root: Path) -> io.BytesIO:
    content = bytearray(packed(root).getvalue())
    content[100] ^= 255
    return io.BytesIO(bytes(content))


def twice(root: Path) -> io.BytesIO:
    return packed(root, **{"train\\cat\\0.png": b"x"})


def one_class(root: Path) -> io.BytesIO:
    return packed(root / "train" / "cat", "cat/")


BROKEN = {
    "a path that leads out": (lambda r: packed(r, **{"../evil.png": b"x"}), "'../evil.png' leads out of the ZIP"),
    "an absolute path": (lambda r: packed(r, **{"/etc/evil.png": b"x"}), "leads out of the ZIP"),
    "a Windows path": (lambda r: packed(r, **{"C:\\evil.png": b"x"}), "leads out of the ZIP"),
    "a symlink": (link, "'train/cat/link.png' in the ZIP is a link"),
    "a password": (encrypted, "is encrypted"),
    "a flipped byte": (corrupt, "cannot be unpacked|damaged"),
    "a file twice": (twice, "'train/cat/0.png' twice"),
    "a text file named .jpg": (lambda r: packed(r, **{"train/cat/x.jpg": b"meow"}), "'train/cat/x.jpg' is damaged"),
    "no pictures": (lambda r: packed(r / "none", **{"a.txt": b"x"}), "holds no picture"),
    "one class only": (one_class, "only the class 'cat'|no folders"),
    "classes that differ": (lambda r: packed(r, **{"test/emu/0.png": (r / "test/cat/0.png").read_bytes()}), "'emu'"),
    "no ZIP": (lambda r: io.BytesIO(b"hello"), "no whole ZIP"),
    "half a ZIP": (lambda r: io.BytesIO(packed(r).getvalue()[:500]), "no whole ZIP"),
    "an unprintable name": (lambda r: packed(r, **{"train/cat/\x07.png": b"x"}), "cannot be a file here"),
    "a name too long": (lambda r: packed(r, **{f"train/{'x' * 250}/1.png": b"x"}), "cannot be a file here"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_bad_upload_is_refused_and_leaves_nothing(fault: str, tmp_path: Path) -> None:
    makes, says = BROKEN[fault]
    with pytest.raises(DataError, match=says) as raised:
        unpack_classes(makes(small_photos(tmp_path / "set")), tmp_path / "home")
    assert "\n" not in str(raised.value)
    assert ": " in str(raised.value)
    assert not list((tmp_path / "home" / "uploads").iterdir())
    assert not (tmp_path / "evil.png").exists()


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
