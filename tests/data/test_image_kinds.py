"""Images are told by their endings, else by their first bytes; those that are not read are counted and named."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.data import Description, describe
from edc_core.data.external_sets.imports import read_set
from edc_core.data.images.image_kinds import BESIDE, SUFFIXES, is_image_file, readable_formats, unread_kind
from edc_core.data.readers.unpack import unpack_classes
from edc_core.errors import DataError
from tests.support.external_sets import zipped
from tests.support.odd_images import class_folders, saved
from tests.support.parquet_files import pictures, write

COLOUR = Image.fromarray(np.random.default_rng(3).integers(0, 256, (8, 8, 3), np.uint8))
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100)
JXL = b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60)
READ = {
    "a.jpg": "JPEG",
    "b.JPG": "JPEG",
    "c.jpe": "JPEG",
    "d.jfif": "JPEG",
    "e.JPEG": "JPEG",
    "f.tif": "TIFF",
    "g.webp": "WEBP",
    "h.gif": "GIF",
    "i.bmp": "BMP",
    "j.dib": "BMP",
    "k.ppm": "PPM",
    "l.pnm": "PPM",
    "m.jp2": "JPEG2000",
    "n.avif": "AVIF",
    "no ending": "PNG",
    "img_0001.2": "JPEG",
    "photo.crdownload": "WEBP",
    "z.jpg.1": "GIF",
    "wrong.png": "JPEG",
    "wrong.jpg": "AVIF",
    "wrong.heic": "JPEG",
    "wrong.psd": "TIFF",
    "o.ico": "ICO",
    "p.qoi": "QOI",
    "q.sgi": "SGI",
}
READ = {name: kind for name, kind in READ.items() if kind in readable_formats()}


def first_asked() -> bytes:
    raise AssertionError("no byte of it had to be asked")


@pytest.mark.parametrize("ending", sorted(SUFFIXES | BESIDE))
def test_known_endings_are_never_looked_into(ending: str) -> None:
    assert is_image_file(f"x{ending.upper()}", first_asked) == (ending in SUFFIXES)
    assert unread_kind(f"x{ending}", first_asked) is None


@pytest.mark.parametrize("name", READ)
def test_every_kind_is_read_whatever_it_is_called(name: str, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "set", pictures(3, (8, 8)))
    (root / "train" / "a" / name).write_bytes(
        saved(COLOUR, READ[name], **({"sizes": [(8, 8)]} if "ico" in name else {}))
    )
    about = describe(str(root))
    assert about.train_counts == (4, 3)
    assert not about.census.left_out


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("photo.heic", HEIC, "HEIF"),
        ("photo.HIF", b"", "HEIF"),
        ("photo", HEIC, "HEIF"),
        ("photo.bin", JXL, "JPEG XL"),
        ("photo.jxl", b"", ".jxl"),
        ("drawing.svg", b"<svg/>", ".svg"),
        ("layers.psd", b"8BPS" + bytes(60), "Photoshop"),
        ("camera.NEF", b"", ".nef"),
    ],
)
def test_images_of_other_kinds_are_counted_and_named(name: str, content: bytes, kind: str, tmp_path: Path) -> None:
    if kind in readable_formats():
        pytest.skip("it is read here")
    root = class_folders(tmp_path / "set", pictures(3, (8, 8)))
    (root / "train" / "b" / name).write_bytes(content)
    (root / "train" / "b" / "notes.txt").write_text("no image")
    for path in (root, unpack_classes(io.BytesIO(packed(root)), tmp_path / "home")):
        about = describe(str(path))
        group, notes = about.census.left_out
        assert (notes.reason, notes.images) == ("annotations and metadata", False)
        assert (group.count, group.images, group.example) == (1, True, f"train/b/{name}")
        assert group.reason.startswith(f"{kind} images, which are not read here")
        assert about.train_counts == (3, 3)


def packed(root: Path) -> bytes:
    return zipped(
        {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}
    )


@pytest.mark.skipif("HEIF" in readable_formats(), reason="it is read here")
def test_a_refusal_names_the_images_that_could_not_be_read(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "set", [HEIC] * 3, ".heic")
    with pytest.raises(DataError, match=r"10 files, such as 'test/a/0.heic'.*"):
        describe(str(root))
    with pytest.raises(DataError, match="(no|not an) image .*install pillow-heif"):
        unpack_classes(io.BytesIO(packed(root)), tmp_path / "home")
    mixed = class_folders(tmp_path / "mixed", [HEIC], ".jpg", test=1)
    with pytest.raises(DataError, match="0.jpg' is an image of the kind HEIF, .*install pillow-heif"):
        describe(str(mixed))


def test_a_condensed_set_with_images_that_are_not_read_is_not_judged_without_them() -> None:
    about = Description("mini", "0" * 32, ("a", "b"), 8, 3, (9, 9), 9)
    image = saved(COLOUR)
    found = read_set(zipped({"a/x.JFIF": saved(COLOUR, "JPEG"), "b/y": image, "b/.z.png": image}), about)
    assert found.labels.tolist() == [0, 1]
    with pytest.raises(DataError, match="'b/y.jxl'|b/y.* kind JPEG XL"):
        read_set(zipped({"a/x.png": image, "b/y": JXL}), about)


def test_parquet_holds_images_of_any_kind(tmp_path: Path) -> None:
    images = [saved(COLOUR, kind) for kind in ("PNG", "WEBP", "TIFF", "BMP", "PPM", "GIF")]
    write(tmp_path, "train", images * 2, [0, 1] * 6)
    write(tmp_path, "test", images[:2], [0, 1])
    assert describe(str(tmp_path)).train_counts == (6, 6)
    write(tmp_path, "test", [images[0], HEIC], [0, 1])
    describe(str(tmp_path))
