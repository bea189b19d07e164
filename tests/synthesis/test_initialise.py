"""Initial images: which training images and crops are chosen, against brute force."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from edc_core.config import InitialiseConfig
from edc_core.data import Part
from edc_core.errors import SettingsError
from edc_core.networks.runtime import Runtime
from edc_core.rng import named_generator, seed_from
from edc_core.synthesis.initial_images import InitContext, image_labels, start_labels
from edc_core.synthesis.initialise import INITIALISERS, Source, mosaic, select_by_herding
from edc_core.training.views import Normalisation, crop, draw_crops

SCORER = "convnet-d1-w8"
NORMALISE = Normalisation.of((0.5,), (0.25,))


class Brightness(nn.Module):
    """Finds class 1 the easier the brighter the image, and class 0 the darker."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(1, 2, bias=False)
        self.head.weight.data = torch.tensor([[-1.0], [1.0]])

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.head(images.mean((1, 2, 3))[:, None])


def training_part(pixels: np.ndarray, labels: list[int]) -> Part:
    """The given images behind a first one that belongs to another part."""
    pixels = np.concatenate([np.full_like(pixels[:1], 77), pixels])
    return Part(pixels, np.array([0, *labels], dtype=np.int64), np.arange(1, len(pixels)))


def random_part(count: int = 24, side: int = 8) -> Part:
    pixels = np.random.default_rng(0).integers(0, 256, (count, 1, side, side), dtype=np.uint8)
    return training_part(pixels, [i % 2 for i in range(count)])


def draw_of(kind: str, part: Part, ipc: int, **values) -> InitContext:
    config = InitialiseConfig(kind=kind, **values)
    return InitContext(config, ipc, ("cat", "dog"), 1, part.pixels.shape[-1], part, Path("nowhere"))


def initial(kind: str, part: Part, ipc: int, scorer: nn.Module | None = None, **values) -> torch.Tensor:
    draw = draw_of(kind, part, ipc, scorer=SCORER if scorer else None, **values)
    runtime = Runtime("cpu", 1, {SCORER: "float32"})
    return INITIALISERS[kind](Source(draw, NORMALISE, scorer, runtime, lambda *_: None))


def rows_among(part: Part, images: torch.Tensor) -> list[int]:
    """Which training image each image is."""
    real = NORMALISE(torch.from_numpy(part.take(np.arange(len(part)))))
    return [int(np.flatnonzero([torch.equal(image, other) for other in real]).item()) for image in images]


def test_labels_go_once_round_the_classes_for_each_image_per_class():
    assert image_labels(3, 4).tolist() == [0, 1, 2, 3] * 3


def test_real_images_are_ipc_different_ones_of_the_right_class():
    part = random_part()
    images = initial("real", part, ipc=5)
    rows = rows_among(part, images)
    assert images.shape == (10, 1, 8, 8)
    assert part.labels[rows].tolist() == image_labels(5, 2).tolist()
    assert len(set(rows)) == 10


@pytest.mark.parametrize("kind", ["real", "noise", "single-class", "glyphs"])
def test_the_same_seed_gives_the_same_images_and_another_seed_others(kind):
    part = random_part()
    one, again, other = (initial(kind, part, 4, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_a_smaller_ipc_takes_the_first_of_the_same_real_images():
    part = random_part()
    assert torch.equal(initial("real", part, 6)[:4], initial("real", part, 2))


def test_a_single_class_fills_every_place_and_lends_its_images_again():
    part = random_part()
    rows = rows_among(part, initial("single-class", part, 8, single_class="dog"))
    assert set(part.labels[rows]) == {1}
    assert set(rows) == set(np.flatnonzero(part.labels == 1))  # 12 dogs in 16 places
    assert start_labels(draw_of("single-class", part, 8, single_class="dog")).tolist() == [1] * 16
    assert start_labels(draw_of("single-class", part, 8)).tolist() == [0] * 16  # unnamed, and no handbags here


def test_an_unknown_single_class_is_named_with_the_ones_there_are():
    with pytest.raises(SettingsError, match="initialise.single_class is 'cow'.*choose one of cat, dog"):
        initial("single-class", random_part(), 2, single_class="cow")


def test_glyphs_are_many_different_pictures_of_readable_contrast():
    images = (initial("glyphs", random_part(side=28), 50) * 0.25 + 0.5) * 255
    assert images.shape == (100, 1, 28, 28)
    contrast = images.amax((1, 2, 3)) - images.amin((1, 2, 3))
    assert contrast.min() > 60
    assert len({image.numpy().tobytes() for image in images}) == 100
    assert start_labels(draw_of("glyphs", random_part(), 3)).tolist() == [0, 1] * 3


def test_noise_is_standard_normal_within_the_valid_range():
    noise = initial("noise", random_part(side=16), ipc=20)  # valid: -2 to 2 in normalised units
    assert noise.shape == (40, 1, 16, 16)
    assert (noise.min(), noise.max()) == (-2, 2)
    inside = noise[noise.abs() < 2]
    assert len(inside) / noise.numel() == pytest.approx(0.9545, abs=0.01)
    assert inside.std().item() == pytest.approx(0.88, abs=0.02)  # of a normal cut at two deviations


def brute_herd(features: np.ndarray, count: int) -> list[int]:
    chosen: list[int] = []
    for _ in range(count):
        distance = {
            row: np.linalg.norm(features.mean(0) - features[[*chosen, row]].mean(0))
            for row in range(len(features))
            if row not in chosen
        }
        chosen.append(min(distance, key=distance.get))
    return chosen


def test_herding_chooses_greedily_and_no_row_twice():
    features = np.random.default_rng(1).normal(size=(20, 3)) + [2, 0, -1]
    chosen = select_by_herding(torch.from_numpy(features), 20).tolist()
    assert chosen == brute_herd(features, 20)
    assert sorted(chosen) == list(range(20))


def test_herding_follows_the_class_mean_of_unit_features():
    part = random_part()
    scorer = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))  # its features are the pixels
    rows = rows_among(part, initial("herding", part, 4, scorer))
    for label in (0, 1):
        own = np.flatnonzero(part.labels == label)
        features = (part.take(own).reshape(len(own), -1) / 255 - 0.5) / 0.25
        features /= np.linalg.norm(features, axis=1, keepdims=True)
        assert rows[label::2] == own[brute_herd(features, 4)].tolist()


def test_a_mosaic_shows_its_patches_in_reading_order():
    patches = torch.arange(8.0).view(8, 1, 1, 1).expand(8, 2, 6, 6)
    images = mosaic(patches, 2)
    assert images.shape == (2, 2, 6, 6)
    for image, first in zip(images, (0, 4), strict=True):
        expected = torch.tensor([[0.0, 1], [2, 3]]).repeat_interleave(3, 0).repeat_interleave(3, 1) + first
        torch.testing.assert_close(image, expected.expand(2, 6, 6))


@pytest.mark.parametrize(("side", "tiles", "edges"), [(28, 3, [0, 9, 18, 28]), (7, 2, [0, 3, 7]), (5, 5, [*range(6)])])
def test_a_mosaic_of_uneven_tiles_keeps_the_images_size(side, tiles, edges):
    patches = torch.arange(float(tiles**2)).view(-1, 1, 1, 1).expand(-1, 1, side, side)
    image = mosaic(patches, tiles)[0, 0]
    assert image.shape == (side, side)
    for i in range(tiles):
        for j in range(tiles):
            tile = image[edges[i] : edges[i + 1], edges[j] : edges[j + 1]]
            torch.testing.assert_close(tile, torch.full_like(tile, i * tiles + j))


def test_a_mosaic_shrinks_each_patch_whole():
    ramp = (torch.arange(16) + 0.5).expand(16, 16)
    image = mosaic(ramp.expand(4, 1, 16, 16), 2)[0, 0]
    shrunk = torch.arange(8) * 2 + 1.0  # every second place of the ramp, centred
    torch.testing.assert_close(image[:, 1:7], shrunk[1:7].expand(16, 6))
    torch.testing.assert_close(image[:, 9:15], shrunk[1:7].expand(16, 6))


def test_a_mosaic_loses_no_fine_stripe():
    stripes = (torch.arange(16) % 4 == 0).float().expand(16, 1, 16, 16)  # plain bilinear sampling would skip them
    assert mosaic(stripes, 4).mean().item() == pytest.approx(0.25, abs=0.05)


def test_one_tile_is_the_patch_itself():
    patches = torch.rand(3, 1, 9, 9, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(mosaic(patches, 1), patches)


def test_rded_fills_its_mosaics_with_the_easiest_images_first():
    grey = np.random.default_rng(2).permutation(40) * 6
    part = training_part(
        np.broadcast_to(grey[:, None, None, None], (40, 1, 8, 8)).astype(np.uint8), [i % 2 for i in range(40)]
    )
    images = initial("rded", part, 2, Brightness())
    for label in (0, 1):
        own = np.sort(grey[label::2])[:8] if label == 0 else np.sort(grey[label::2])[::-1][:8]
        shown = (images[label::2, 0] * 0.25 + 0.5) * 255
        corners = shown[:, [[0, 0], [7, 7]], [[0, 7], [0, 7]]].flatten().round().tolist()
        assert corners == own.tolist()  # within a mosaic and over them, from the easiest on


def test_rded_keeps_each_images_crop_of_lowest_cross_entropy():
    part = random_part(count=12, side=8)
    images = initial("rded", part, 2, Brightness(), tiles=1, crops_per_image=5, crop_area_min=0.1, seed=3)
    real = NORMALISE(torch.from_numpy(part.pixels[1:]))
    for label in (0, 1):
        order = np.random.default_rng(seed_from("initialise", 3, "rows", label)).permutation(6).tolist()
        own, draw = real[label::2][order], named_generator("initialise", 3, "crops", label)
        tries = [crop(own, draw_crops(6, 0.1, 1.0, False, draw)) for _ in range(5)]
        best = []
        for i in range(6):
            losses = []
            for shown in tries:
                logits = Brightness()(shown[i : i + 1])
                losses.append(F.cross_entropy(logits, torch.tensor([label])).item())
            best.append((min(losses), tries[int(np.argmin(losses))][i]))
        expected = torch.stack([patch for _, patch in sorted(best, key=lambda entry: entry[0])[:2]])
        torch.testing.assert_close(images[label::2], expected)


def test_rded_looks_at_no_more_candidates_than_asked():
    part = random_part(count=40)
    images = initial(
        "rded", part, 1, Brightness(), tiles=1, candidates_per_class=1, crops_per_image=1, crop_area_min=1.0
    )
    torch.testing.assert_close(images, initial("real", part, 1), rtol=1e-5, atol=1e-5)  # the seed's first, whole


def test_rded_lends_a_small_classs_images_again():
    images = initial("rded", random_part(count=6), 2, Brightness())  # 8 crops of 3 images
    assert images.shape == (4, 1, 8, 8)
    assert images.isfinite().all()
