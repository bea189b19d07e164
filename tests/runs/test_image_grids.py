"""Pictures are made of the images' own pixels, whatever stands beside them."""

import io

import numpy as np
import pytest
from PIL import Image

from edc_core.errors import StoreError
from edc_core.runs.image_grids import (
    STRIP,
    as_image,
    beside,
    by_class,
    cut,
    in_rows,
    moving,
    png,
    read_png,
    sheet,
    with_names,
)
from edc_core.store.files import write_grid


def images(count: int, channels: int = 1, size: int = 4) -> np.ndarray:
    draw = np.random.default_rng(0)
    return draw.integers(0, 256, (count, channels, size, size), np.uint8)


def test_a_class_grid_holds_each_image_in_its_classs_row_and_nothing_else() -> None:
    pixels, labels = images(5), np.array([2, 0, 2, 0, 2])
    cells, filled, classes = by_class(pixels, labels, shown=10)
    assert classes.tolist() == [0, 2]
    assert filled.tolist() == [[True, True, False], [True, True, True]]
    assert (cells[0, :2] == pixels[[1, 3]]).all()
    assert (cells[1] == pixels[[0, 2, 4]]).all()
    assert by_class(pixels, labels, shown=1)[0].shape[:2] == (2, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheets_png_has_the_images_pixels_and_transparent_gaps(channels: int) -> None:
    pixels = images(6, channels)
    cells, filled = in_rows(pixels, 4)
    seen = np.asarray(Image.open(io.BytesIO(png(sheet(cells, filled)))))
    assert seen.shape == (9, 19, channels + 1)
    for number, image in enumerate(pixels):
        row, column = divmod(number, 4)
        tile = seen[row * 5 : row * 5 + 4, column * 5 : column * 5 + 4]
        assert (tile[..., :-1] == image.transpose(1, 2, 0)).all()
        assert (tile[..., -1] == 255).all()
    assert (seen[:, 4, -1] == 0).all()
    assert (seen[5:, 10:, -1] == 0).all()  # two places without an image


def test_an_enlarged_picture_repeats_pixels_and_blends_none() -> None:
    pixels = images(1)
    seen = np.asarray(Image.open(io.BytesIO(png(sheet(pixels[None]), scale=3))))[..., 0]
    assert (seen[1::3, 1::3] == pixels[0, 0]).all()
    assert (seen == seen[1::3, 1::3].repeat(3, 0).repeat(3, 1)).all()


def test_a_stored_grid_is_cut_back_into_its_images(tmp_path) -> None:
    pixels, labels = images(4, 3), np.array([0, 1, 0, 1])
    write_grid(tmp_path / "grid.png", pixels, labels)
    cells = cut(read_png(tmp_path / "grid.png"), 4)
    assert (cells[0] == pixels[[0, 2]]).all()
    assert (cells[1] == pixels[[1, 3]]).all()


def test_a_damaged_picture_is_said_in_a_sentence(tmp_path) -> None:
    (tmp_path / "grid.png").write_bytes(b"no picture")
    with pytest.raises(StoreError, match=r"grid.png.*damaged"):
        read_png(tmp_path / "grid.png")


def test_a_film_plays_every_frame_with_its_pixels_under_the_caption() -> None:
    frames = [
        beside([sheet(images(1, size=30)[None]), sheet(images(1, size=30)[None] // number)], 2) for number in (1, 2, 3)
    ]
    film = Image.open(io.BytesIO(moving(frames, ["iteration 0", "iteration 5", "iteration 9"])))
    assert (film.format, film.n_frames, film.is_animated) == ("PNG", 3, True)
    seen, held = [], []
    for number in range(3):
        film.seek(number)
        held.append(film.info["duration"])
        seen.append(np.asarray(film.convert("RGBA")))
    for frame, shown in zip(frames, seen, strict=True):
        assert (shown[STRIP:, :, 3] == frame[..., 1]).all()
        assert (shown[STRIP:, :, 0] == frame[..., 0] * (frame[..., 1] > 0)).all()
    assert held[0] > held[1] < held[2]
    assert (seen[0][:STRIP] != seen[1][:STRIP]).any()  # the captions differ


def test_names_stand_before_their_rows_on_white() -> None:
    picture = sheet(np.zeros((2, 3, 1, 28, 28), np.uint8))
    named = with_names(picture, ["T-shirt/top", "a very long name of a class"], 2)
    assert named.shape[0] == picture.shape[0] * 2
    margin = named.shape[1] - picture.shape[1] * 2
    for half in (slice(0, 57), slice(57, 114)):
        assert named[half, :margin].min() < 60  # something is written
    assert (named[:, :5] == 255).all()
    assert (named[:56, margin : margin + 56] == 0).all()


def test_grey_pictures_stay_grey() -> None:
    assert as_image(sheet(images(2)[None])).mode == "LA"
    assert as_image(sheet(images(2, 3)[None])).mode == "RGBA"
