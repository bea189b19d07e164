"""Folders of pictures as data sets: layouts, kinds of pictures, and what is said of bad ones."""

import io
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
from edc_core.data.glance import glance
from edc_core.data.images.decoding import fit_image
from edc_core.data.sources import full_name
from edc_core.errors import DataError, EDCError, SettingsError
from tests.conftest import answer, edc
from tests.support.photos import CLASSES, photos, picture, small_photos


def test_photos_of_every_kind_and_size_become_one_set(tmp_path: Path) -> None:
    about = describe(str(photos(tmp_path / "set", train=12)))
    assert about.classes == tuple(sorted(CLASSES))
    assert (about.size, about.channels) == (32, 3)
    assert about.train_counts == (12,) * 4
    assert about.test_count == 8
    dataset = open_dataset(str(tmp_path / "set"), DataConfig(holdout=4), tmp_path / "home", about)
    part = dataset.part("train")
    assert part.take(np.arange(3)).shape == (3, 3, 32, 32)
    assert np.bincount(part.labels).tolist() == [11] * 4


def test_pixels_are_the_middle_of_the_picture(tmp_path: Path) -> None:
    """Square pictures of one size stay as they are; a wide one loses both sides alike."""
    dataset = open_dataset(str(small_photos(tmp_path / "set")), DataConfig(holdout=2), tmp_path / "home")
    expected = np.asarray(Image.open(tmp_path / "set" / "test" / "dog" / "0.png")).transpose(2, 0, 1)
    assert (dataset.part("test").take(np.array([1]))[0] == expected).all()
    wide = np.zeros((16, 32, 3), np.uint8)
    wide[:, 8:24] = 200
    Image.fromarray(wide).save(tmp_path / "wide.png")
    assert (fit_image(tmp_path / "wide.png", "", 16, 3) == 200).all()


def fitted(image: Image.Image, kind: str, channels: int = 1, size: int = 8, **options) -> np.ndarray:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return fit_image(buffer.getvalue(), "it", size, channels)


def test_kinds_keep_what_is_seen() -> None:
    deep = Image.fromarray(np.full((8, 8), 200 * 256 + 77, np.uint16))
    assert (fitted(deep, "PNG") == 200).all()
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert (fitted(clear, "PNG", 3) == 255).all()  # nothing on white paper
    palette = Image.new("RGB", (8, 8), (10, 20, 30)).convert("P", palette=Image.Palette.ADAPTIVE)
    assert fitted(palette, "PNG", 3)[:, 0, 0].tolist() == [10, 20, 30]
    ink = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = fitted(ink, "JPEG", 3)[:, 0, 0]
    assert red[0] > 200
    assert red[1:].max() < 60
    top_white = np.zeros((8, 8), np.uint8)
    top_white[:4] = 255
    turned = Image.Exif()
    turned[0x0112] = 3  # the camera was held upside down
    upright = fitted(Image.fromarray(top_white), "JPEG", exif=turned)
    assert upright[0, 0].max() < 60
    assert upright[0, -1].min() > 200


def test_a_set_all_grey_has_one_channel(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for name in ("a", "b"):
            for index in range(3):
                picture(tmp_path / split / name / f"{index}.png", (28, 28), "L", index)
    about = describe(str(tmp_path))
    assert (about.size, about.channels) == (28, 1)


def test_an_address_chooses_size_and_classes(tmp_path: Path) -> None:
    root = photos(tmp_path / "set")
    listed = tmp_path / "two.txt"
    listed.write_text("cats\n# a remark\nété 2\tsummer\n", encoding="utf-8-sig")  # as Windows writes it
    about = describe(f"{root}?size=48&classes={listed}")
    assert about.classes == ("cats", "été 2")
    assert about.size == 48
    assert about.train_counts == (6, 6)
    assert len({about.digest, describe(str(root)).digest, describe(f"{root}?size=48").digest}) == 3
    assert full_name(f"{root}?classes={listed}") == f"{root}?classes={listed}"
    for wrong, says in (("size=big", "size is 'big'"), ("width=3", "'width=3'"), ("classes=best", "'best' is unknown")):
        with pytest.raises(SettingsError, match=says):
            describe(f"{root}?{wrong}")
    with pytest.raises(DataError, match="10 of 10 are missing"):
        describe(f"{root}?classes=imagenet-10")


def test_a_file_that_is_no_class_list_is_not_quoted(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos")
    for text, says in (
        ("secret:x:0\nsecret:x:1\n", "in line 1 of the list .*2 of 2 are missing"),
        ("# no\n\n  secret\n", "line 3 of the list"),
        (f"{describe(str(root)).classes[0]}\n" * 2, "lines 1 and 2 of the class list .* the same class"),
        ("\n", "names no class"),
        ("x" * (2**20 + 1), "is unknown"),
    ):
        (tmp_path / "other").write_text(text)
        with pytest.raises(EDCError, match=says) as met:
            describe(f"{root}?classes={tmp_path / 'other'}")
        assert "secret" not in str(met.value)
    for endless in ("/dev/zero", str(tmp_path)):
        with pytest.raises(SettingsError, match="is unknown"):
            describe(f"{root}?classes={endless}")


def test_tiny_imagenet_and_undivided_folders(tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    lines = []
    for number, name in enumerate(("n01", "n02")):
        for index in range(3):
            picture(tiny / "train" / name / "images" / f"{name}_{index}.JPEG", (64, 64), seed=index)
        picture(tiny / "val" / "images" / f"val_{1 - number}.JPEG", (64, 64), seed=90 + number)
        lines.append(f"val_{1 - number}.JPEG\t{name}\t0\t0\t63\t63\n")
    picture(tiny / "test" / "images" / "test_0.JPEG", (64, 64))
    (tiny / "val" / "val_annotations.txt").write_text("".join(lines))
    about = describe(str(tiny))
    assert (about.classes, about.size, about.test_count) == (("n01", "n02"), 64, 2)
    dataset = open_dataset(str(tiny), DataConfig(holdout=2), tmp_path / "home", about)
    first = fit_image(tiny / "val" / "images" / "val_1.JPEG", "", 64, 3)
    assert (dataset.part("test").take(np.array([0]))[0] == first).all()
    (tiny / "val" / "images" / "val_0.JPEG").unlink()
    with pytest.raises(DataError, match="line 2 of .* names no image in images/"):
        describe(str(tiny))
    for name in ("one", "two"):
        for index in range(10):
            picture(tmp_path / "flat" / name / f"{index}.png", (32, 32), seed=index)
    about = describe(str(tmp_path / "flat"))
    assert (about.train_counts, about.test_count) == ((8, 8), 4)


def test_a_glance_shows_the_decoded_pixels(tmp_path: Path) -> None:
    root, config = str(photos(tmp_path / "set")), DataConfig(holdout=4)
    about = describe(root)
    part = open_dataset(root, config, tmp_path / "home", about).part("train")
    seen = glance(root, config, about)
    rows = np.array([7, 0, 13])
    assert (seen.labels == part.labels).all()
    assert (seen.take(rows) == part.take(rows)).all()


def test_a_folder_is_described_anew_when_a_picture_changes(tmp_path: Path) -> None:
    root = small_photos(tmp_path)
    before = describe(str(root))
    assert describe(str(root)) is before
    picture(root / "train" / "cat" / "0.png", (32, 32), seed=77)
    changed = describe(str(root))
    assert changed.digest != before.digest
    picture(root / "train" / "cat" / "new.png", (32, 32), seed=78)
    assert describe(str(root)).train_counts == (4, 3)


def test_a_folder_is_condensed_from_the_command_line(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", train=6)
    done = answer(
        edc("run", "--preset", "random", "--dataset", root, "--ipc", "1", "--profile", "tiny", home=tmp_path / "home")
    )
    assert done["split"] == "test"
    assert 0 <= done["top1"] <= 100


def test_memory_does_not_grow_with_the_pixels(tmp_path: Path) -> None:
    """Decoding 12 MB of pixels takes a fraction of that."""
    for split, count in (("train", 120), ("test", 3)):
        for name in ("a", "b"):
            first = picture(tmp_path / "set" / split / name / "first.png", (128, 128), seed=len(split + name))
            for index in range(count):
                (first.parent / f"{index}.png").hardlink_to(first)
    about = describe(str(tmp_path / "set"))
    tracemalloc.start()
    dataset = open_dataset(str(tmp_path / "set"), DataConfig(), tmp_path / "home", about)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert dataset.part("train").pixels.nbytes > 11e6
    assert peak < 6e6  # a chunk of 2**20 values, eight bytes each, a channel at a time
