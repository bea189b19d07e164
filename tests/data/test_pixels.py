"""Pixels keep their meaning: transparency, turns, palettes, depths, inks, and grey beside colour, from every source."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edc_core.config import DataConfig
from edc_core.data import Description, describe, open_dataset
from edc_core.data.external_sets.imports import read_set
from edc_core.data.images.decoding import PLAIN, Reading, eight_bits, fit_image
from edc_core.data.images.headers import fast_header, read_header
from edc_core.data.readers.parquet_source import digest_of
from edc_core.errors import DataError, SettingsError
from tests.support.external_sets import zipped
from tests.support.odd_images import chunk, class_folders, png16, saved, turned
from tests.support.parquet_files import pictures, write

HALF = np.zeros((8, 8, 4), np.uint8)  # red on the right, nothing on the left, whose hidden colour is black
HALF[:, 4:] = (255, 0, 0, 255)
ON_WHITE = [[255, 255, 255], [255, 0, 0]]


def colours(image: bytes, reading: Reading = PLAIN) -> list[list[int]]:
    """The first and the last pixel."""
    pixels = fit_image(image, "it", 8, 3, reading)
    return [pixels[:, 0, 0].tolist(), pixels[:, 0, -1].tolist()]


def palette() -> Image.Image:
    image = Image.fromarray((HALF[..., 3] > 0).astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 0, 255, 0, 0])
    return image


CLEAR = {
    "RGBA PNG": saved(Image.fromarray(HALF)),
    "RGBA WebP": saved(Image.fromarray(HALF), "WEBP", lossless=True),
    "RGBA TIFF": saved(Image.fromarray(HALF), "TIFF"),
    "palette PNG": saved(palette(), transparency=0),
    "GIF": saved(palette(), "GIF", transparency=0),
    "RGB PNG with one colour clear": saved(Image.fromarray(HALF[..., :3]), transparency=(0, 0, 0)),
    "16-bit RGBA PNG": png16(HALF.astype(np.uint16) * 257),
    "16-bit RGB PNG with one colour clear": png16(HALF[..., :3].astype(np.uint16) * 257, chunk(b"tRNS", bytes(6))),
    "RGBA ICO": saved(Image.fromarray(HALF), "ICO", sizes=[(8, 8)]),
}


@pytest.mark.parametrize("kind", CLEAR)
def test_what_is_transparent_is_laid_on_white(kind: str) -> None:
    assert colours(CLEAR[kind]) == ON_WHITE
    assert colours(CLEAR[kind], Reading(paper="black")) == [[0, 0, 0], [255, 0, 0]]
    assert read_header(CLEAR[kind], "it").alpha


@pytest.mark.parametrize("mode", ["1", "L", "LA", "I;16"])
def test_grey_images_with_a_clear_part_stay_grey(mode: str) -> None:
    grey = np.where(HALF[..., 3] > 0, 100, 0).astype(np.uint8)
    if mode == "LA":
        image = saved(Image.merge("LA", (Image.fromarray(grey), Image.fromarray(HALF[..., 3]))))
    elif mode == "I;16":
        image = png16(grey.astype(np.uint16) * 256, chunk(b"tRNS", bytes(2)))
    else:
        image = saved(Image.fromarray(grey).convert(mode), transparency=0)
    picture = eight_bits(image, "it", 1)
    assert (picture.mode, picture.getpixel((0, 0))) == ("L", 255)
    assert mode == "1" or picture.getpixel((7, 0)) == 100


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(("how", "corner"), [(1, (0, 0)), (3, (7, 7)), (6, (7, 0)), (8, (0, 7))])
def test_exif_entries_turn(kind: str, how: int, corner: tuple[int, int]) -> None:
    pixels = np.zeros((8, 8), np.uint8)
    pixels[:4, :4] = 255
    image = saved(Image.fromarray(pixels), kind, exif=turned(how))
    picture = eight_bits(image, "it", 1)
    assert picture.getpixel(corner) > 200
    assert picture.getpixel((7 - corner[0], 7 - corner[1])) < 60
    assert read_header(image, "it").turned == (how > 1)


@pytest.mark.parametrize(("bits", "top"), [(8, 255), (10, 1023), (12, 4095), (14, 16383), (16, 65535)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bit_files_are_scaled_by_the_range_given(bits: int, top: int, channels: int) -> None:
    values = np.full((8, 8, channels), top, np.uint16)
    values[0, 0, 0] = top // 2 + 1
    first = eight_bits(png16(values[..., 0] if channels == 1 else values), "it", 3, Reading(bits))
    assert abs(first.getpixel((0, 0))[0] - 128) <= 1
    assert first.getpixel((7, 7)) == (255, 255, 255)


def test_a_value_beyond_the_range_that_was_seen_is_refused_by_name() -> None:
    with pytest.raises(DataError, match="x.png has a value of 5000, but .* reach 4095"):
        fit_image(png16(np.full((8, 8), 5000)), "x.png", 8, 1, Reading(bits=12))


def test_16_bit_tiff_white_is_zero_and_colour() -> None:
    deep = Image.fromarray(np.full((8, 8), 4000, np.uint16))
    assert eight_bits(saved(deep, "TIFF"), "it", 1, Reading(12)).getpixel((0, 0)) == 250
    white = saved(deep, "TIFF", tiffinfo={262: 0})
    if Image.open(io.BytesIO(white)).tag_v2[262] == 0:
        assert eight_bits(white, "it", 1).getpixel((0, 0)) == (65535 - 4000) >> 8


@pytest.mark.parametrize(("values", "expected"), [((0.0, 1.0), 255), ((0.0, 255.0), 255), ((0.2, 0.4), 102)])
def test_floats_of_both_usual_ranges_are_read(values: tuple[float, float], expected: int, tmp_path: Path) -> None:
    ramp = np.linspace(*values, 64, dtype=np.float32).reshape(8, 8)
    root = class_folders(tmp_path / "set", [saved(Image.fromarray(ramp), "TIFF")] * 3, ".tif")
    about = describe(str(root))
    pixels = open_dataset(str(root), DataConfig(holdout=2), tmp_path / "home", about).part("test").take(np.array([0]))
    assert pixels.max() == expected
    assert any("decimal numbers" in reading for reading in about.census.readings)


@pytest.mark.parametrize("value", [-1.0, 300.0, float("nan")])
def test_other_floats_are_refused_with_what_stands_there(value: float) -> None:
    with pytest.raises(DataError, match=f"it holds numbers from {value:g}"):
        fit_image(saved(Image.new("F", (8, 8), value), "TIFF"), "it", 8, 1)


def test_inks_of_adobe_are_inverted_once() -> None:
    image = saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95)
    assert b"Adobe" in image
    red = colours(image)[0]
    assert red[0] > 240
    assert max(red[1:]) < 15
    assert read_header(image, "it").inks


def test_a_mix_of_8_and_12_bits_is_read_by_the_range_of_the_whole_set(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    deep = [png16(draw.integers(0, top, (8, 8))) for top in (4096, 300, 4096)]
    root = class_folders(tmp_path / "set", [*deep, *pictures(3, (8, 8), 1)])
    about = describe(str(root))
    (doubt,) = about.census.doubts
    assert doubt.startswith("10 of 16 images are 16-bit files whose values reach 40")
    assert "read as 12-bit, and the other 6 have 8 bits" in doubt
    part = open_dataset(str(root), DataConfig(holdout=2), tmp_path / "home", about).part("test")
    assert part.take(np.array([0])).max() > 240
    assert part.take(np.array([1])).max() == 299 >> 4  # not each by its own


def test_grey_and_colour_mixed_are_colour_wherever_the_colour_stands(tmp_path: Path) -> None:
    grey, colour = pictures(11, (8, 8), 1), pictures(1, (8, 8))
    write(tmp_path / "last", "train", [*grey, *colour], [0, 1] * 6)
    write(tmp_path / "tests", "train", [*grey, grey[0]], [0, 1] * 6)
    write(tmp_path / "last", "test", grey[:2], [0, 1])
    write(tmp_path / "tests", "test", [grey[0], *colour], [0, 1])
    for name in ("last", "tests"):
        for size in ("", "?size=8"):
            about = describe(f"{tmp_path / name}{size}")
            assert about.channels == 3
            assert any("all are read as colour" in reading for reading in about.census.readings)
    stored_as_colour = saved(Image.open(io.BytesIO(grey[3])).convert("RGB"))
    write(tmp_path / "grey", "train", [*grey, stored_as_colour], [0, 1] * 6)
    write(tmp_path / "grey", "test", grey[:2], [0, 1])
    assert describe(str(tmp_path / "grey")).channels == 1
    root = class_folders(tmp_path / "folder", grey)
    (root / "test" / "b" / "1.png").write_bytes(colour[0])
    assert describe(str(root)).channels == 3


def test_colour_in_a_grey_set_is_never_made_grey() -> None:
    with pytest.raises(DataError, match="it is in colour, but .* are grey"):
        fit_image(pictures(1, (8, 8))[0], "it", 8, 1)


def test_every_source_gives_the_same_pixels(tmp_path: Path) -> None:
    """A folder, parquet as it is and at a size, and a condensed set."""
    images = [*CLEAR.values(), saved(Image.fromarray(HALF[..., :3]), exif=turned(6)), *pictures(1, (8, 8))]
    expected = np.stack([fit_image(image, "it", 8, 3) for image in images])
    folder = class_folders(tmp_path / "folder", images, test=len(images))
    write(tmp_path / "rows", "train", images * 2, [0] * len(images) + [1] * len(images))
    write(tmp_path / "rows", "test", images, [0, 1] * (len(images) // 2) + [0] * (len(images) % 2))
    for name in (str(tmp_path / "rows"), f"{tmp_path / 'rows'}?size=8"):
        part = open_dataset(name, DataConfig(holdout=2), tmp_path / "home").part("test")
        assert np.array_equal(part.take(np.arange(len(images))), expected)
    part = open_dataset(str(folder), DataConfig(holdout=2), tmp_path / "home").part("test")
    order = sorted(range(len(images)), key=str)
    assert np.array_equal(part.take(np.arange(len(images))), expected[order])
    about = Description("mini", "0" * 32, ("a", "b"), 8, 3, (9, 9), 9)
    found = read_set(zipped({f"a/{number:02}.png": image for number, image in enumerate(images)}), about)
    assert np.array_equal(found.images, expected)
    assert any("laid on white" in remark for remark in found.remarks)


def test_a_set_read_rightly_before_keeps_its_digest_and_another_gets_one_of_its_own(tmp_path: Path) -> None:
    opaque = [saved(Image.open(io.BytesIO(image)).convert("RGBA")) for image in pictures(12)]
    kinds = {"plain": pictures(12), "opaque": opaque, "clear": [*opaque[:11], saved(Image.new("RGBA", (16, 16)))]}
    for name, images in kinds.items():
        write(tmp_path / name, "train", images, [0, 1] * 6)
        write(tmp_path / name, "test", pictures(4), [0, 1] * 2)
        files = (next((tmp_path / name).glob("train*")), next((tmp_path / name).glob("test*")))
        assert (describe(str(tmp_path / name)).digest == digest_of(files)) == (name != "clear")
        assert describe(f"{tmp_path / name}?size=16").digest == digest_of(files, 16)


def test_several_pages_are_said_and_the_first_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "lime", "blue")]
    for kind, ending in (("GIF", ".gif"), ("TIFF", ".tif"), ("WEBP", ".webp"), ("PNG", ".png")):
        lossless = {"lossless": True} if kind == "WEBP" else {}
        image = saved(frames[0], kind, save_all=True, append_images=frames[1:], **lossless)
        assert colours(image)[0] == [255, 0, 0], kind
        about = describe(str(class_folders(tmp_path / kind, [image] * 3, ending)))
        assert any("the first of each is read" in reading for reading in about.census.readings), kind


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_headers_read_from_bytes_say_what_pillow_says(mode: str) -> None:
    for kind in ("PNG", "JPEG"):
        try:
            image = saved(Image.new(mode, (9, 7)), kind, exif=turned(6))
        except OSError:
            continue  # Pillow writes no such file
        fast = fast_header(image)
        with Image.open(io.BytesIO(image)) as opened:
            assert fast is not None
            assert (fast.width, fast.height) == opened.size
            assert fast.grey == (opened.mode in ("1", "L", "LA", "I;16"))
            assert fast.alpha == opened.mode.endswith("A")
            assert fast.turned
        assert fast_header(image[:20]) is None


@pytest.mark.parametrize("seed", range(20))
def test_damaged_headers_end_in_a_sentence(seed: int) -> None:
    draw = np.random.default_rng(seed)
    for image in (*CLEAR.values(), saved(Image.new("RGB", (9, 7)), "JPEG", exif=turned(6))):
        broken = bytearray(image)
        for place in draw.integers(8, len(broken), 6):
            broken[place] = draw.integers(256)
        for content in (bytes(broken), image[: draw.integers(len(image))]):
            with suppress(DataError):  # all else would be a traceback on somebody's screen
                read_header(content, "it")
                assert fit_image(content, "it", 8, 3).shape == (3, 8, 8)


def test_the_background_is_chosen_in_the_address(tmp_path: Path) -> None:
    clear = saved(Image.fromarray(HALF))
    folder = class_folders(tmp_path / "folder", [clear] * 3)
    write(tmp_path / "rows", "train", [clear] * 6, [0, 1] * 3)
    write(tmp_path / "rows", "test", [clear] * 2, [0, 1])
    for root in (str(folder), str(tmp_path / "rows")):
        found = {paper: describe(f"{root}?background={paper}") for paper in ("white", "black")}
        assert found["white"].digest == describe(root).digest != found["black"].digest
        assert any("laid on black" in reading for reading in found["black"].census.readings)
        dataset = open_dataset(f"{root}?background=black", DataConfig(holdout=2), tmp_path / "home")
        assert dataset.part("test").take(np.array([0]))[0, :, 0, 0].tolist() == [0, 0, 0]
        with pytest.raises(SettingsError, match="background is 'pink'"):
            describe(f"{root}?background=pink")
