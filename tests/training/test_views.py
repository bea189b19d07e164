"""Views: what is drawn, and that rendering does exactly that."""

import pytest
import torch
from torch.nn import functional as F

from edc_core.config import ViewsConfig
from edc_core.rng import named_generator
from edc_core.training.views import (
    RANDAUGMENT,
    Crops,
    CutMix,
    Normalisation,
    View,
    ViewPlan,
    crop,
    cut_mix,
    draw_crops,
    draw_cutmix,
    pad_crop_flip,
    rand_augment,
    shuffle_tiles,
)

NAMES = list(RANDAUGMENT)


def draw(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pixels(count: int = 4, channels: int = 3, side: int = 8) -> torch.Tensor:
    return torch.randint(0, 256, (count, channels, side, side), generator=draw(5), dtype=torch.uint8)


def box(x: float, y: float, width: float, height: float, flip: bool = False) -> Crops:
    return Crops(torch.tensor([[x, y]]), torch.tensor([[width, height]]), torch.tensor([flip]))


def test_normalising_and_back_keeps_every_pixel_value():
    normalise = Normalisation.of((0.1307, 0.5, 0.4), (0.3081, 0.25, 0.2))
    values = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16).expand(2, 3, 16, 16)
    images = normalise(values)
    assert images[0, 1, 15, 15].item() == pytest.approx((1 - 0.5) / 0.25)
    assert torch.equal(normalise.pixels(images), values)
    clamped = normalise.clamp_(torch.tensor([-9.0, 9.0]).view(2, 1, 1, 1).repeat(1, 3, 1, 1))
    assert clamped[0, :, 0, 0].tolist() == pytest.approx([-0.1307 / 0.3081, -2, -2])
    assert clamped[1, :, 0, 0].tolist() == pytest.approx([0.8693 / 0.3081, 2, 3])


@pytest.mark.parametrize("seed", range(20))
def test_cutmix_pastes_the_partner_into_the_box_and_its_share_is_the_area_left(seed):
    images = torch.rand(5, 2, 10, 10, generator=draw(99))
    cutmix = draw_cutmix(5, 10, 1.0, draw(seed))
    assert 0 <= cutmix.top <= cutmix.bottom <= 10
    assert 0 <= cutmix.left <= cutmix.right <= 10
    assert cutmix.share == pytest.approx(1 - (cutmix.bottom - cutmix.top) * (cutmix.right - cutmix.left) / 100)
    before, expected = images.clone(), images.clone()
    for i in range(5):
        for y in range(cutmix.top, cutmix.bottom):
            for x in range(cutmix.left, cutmix.right):
                expected[i, :, y, x] = images[cutmix.partner[i], :, y, x]
    assert torch.equal(cut_mix(images, cutmix), expected)
    assert torch.equal(images, before)
    assert sorted(cutmix.partner.tolist()) == [0, 1, 2, 3, 4]


def test_cutmix_boxes_have_the_area_that_beta_draws():
    boxes = [draw_cutmix(1, 1000, 5000.0, draw(seed)) for seed in range(200)]  # lambda is about a half
    inner = [m for m in boxes if min(m.top, m.left) > 0 and max(m.bottom, m.right) < 1000]  # not clipped
    assert len(inner) > 3
    assert all(m.share == pytest.approx(0.5, abs=0.03) for m in inner)
    shares = [draw_cutmix(1, 1000, 1.0, draw(seed)).share for seed in range(300)]  # lambda is uniform
    assert min(shares) < 0.2
    assert max(shares) > 0.98


def test_crop_boxes_lie_inside_with_area_and_ratio_in_range():
    crops = draw_crops(3000, 0.08, 0.5, True, draw())
    assert (crops.centre - crops.size / 2).min() >= -1e-6
    assert (crops.centre + crops.size / 2).max() <= 1 + 1e-6
    area, ratio = crops.size.prod(1), crops.size[:, 0] / crops.size[:, 1]
    assert 0.08 - 1e-6 <= area.min() < 0.09
    assert 0.49 < area.max() <= 0.5 + 1e-6
    assert area.mean().item() == pytest.approx(0.29, abs=0.01)
    assert 3 / 4 - 1e-5 <= ratio.min() < 0.77
    assert 1.3 < ratio.max() <= 4 / 3 + 1e-5
    assert ratio.log().mean().item() == pytest.approx(0, abs=0.02)
    assert crops.flip.float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert not draw_crops(50, 0.5, 1.0, False, draw()).flip.any()


def test_a_crop_that_never_fits_is_the_whole_image():
    crops = draw_crops(200, 0.9999, 1.0, False, draw())
    whole = (crops.size == 1).all(1)
    assert whole.sum() > 190
    assert (crops.centre[whole] == 0.5).all()


def test_the_whole_box_returns_the_image_and_a_flip_mirrors_it():
    images = torch.rand(1, 3, 7, 7, generator=draw())
    torch.testing.assert_close(crop(images, box(0.5, 0.5, 1, 1)), images)
    torch.testing.assert_close(crop(images, box(0.5, 0.5, 1, 1, flip=True)), images.flip(-1))


BOXES = [(0.25, 0.5, 0.5, 1), (0.7, 0.3, 0.5, 0.4), (0.75, 0.25, 0.5, 0.5)]


@pytest.mark.parametrize(("x", "y", "width", "height"), BOXES)
@pytest.mark.parametrize("flip", [False, True])
def test_a_crop_of_a_linear_ramp_is_its_bilinear_upscale(x, y, width, height, flip):
    side = 8
    place = torch.arange(side) + 0.5  # pixel centres: a ramp's value is its place
    ramps = torch.stack([place.expand(side, side), place.expand(side, side).T])[None]
    got = crop(ramps, box(x, y, width, height, flip))[0]
    across = [min(max(side * (x - width / 2 + width * (j + 0.5) / side), 0.5), side - 0.5) for j in range(side)]
    down = [min(max(side * (y - height / 2 + height * (i + 0.5) / side), 0.5), side - 0.5) for i in range(side)]
    across = across[::-1] if flip else across
    torch.testing.assert_close(got[0], torch.tensor(across).expand(side, side), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(got[1], torch.tensor(down).expand(side, side).T, rtol=1e-5, atol=1e-5)


def test_each_image_has_its_own_crop_and_gradients_pass():
    images = torch.rand(3, 1, 6, 6, generator=draw()).requires_grad_()
    crops = draw_crops(3, 0.2, 0.9, True, draw(1))
    together = crop(images, crops)
    for i in range(3):
        own = Crops(crops.centre[i : i + 1], crops.size[i : i + 1], crops.flip[i : i + 1])
        torch.testing.assert_close(together[i : i + 1], crop(images[i : i + 1], own))
    together.sum().backward()
    assert images.grad.sum().item() == pytest.approx(3 * 36, rel=1e-4)


def test_pad_crop_flip_shows_a_shift_of_the_zero_padded_image_half_of_them_flipped():
    images = pixels(200, channels=2, side=5)
    shown = pad_crop_flip(images, 2, True, draw())
    padded, places, flips = F.pad(images, [2] * 4), set(), 0
    for image, canvas in zip(shown, padded, strict=True):
        windows = {
            (top, left, flip): (w.flip(-1) if flip else w)
            for top in range(5)
            for left in range(5)
            for flip in (False, True)
            for w in [canvas[:, top : top + 5, left : left + 5]]
        }
        found = [key for key, window in windows.items() if torch.equal(window, image)]
        assert len(found) == 1
        places.add(found[0][:2])
        flips += found[0][2]
    assert len(places) == 25
    assert 70 < flips < 130
    assert torch.equal(pad_crop_flip(images, 0, False, draw()), images)


@pytest.mark.parametrize("channels", [1, 3])
def test_rand_augment_acts_on_each_image_as_on_it_alone(channels):
    images, rounds = pixels(2 * len(NAMES), channels, side=16), 2
    operations = torch.stack(
        [torch.arange(len(images)) % len(NAMES), torch.randperm(len(images), generator=draw()) % len(NAMES)]
    )
    signs = torch.stack([torch.arange(len(images)) // len(NAMES) * 2 - 1, torch.arange(len(images)) % 2 * 2 - 1])
    together = rand_augment(images, operations, signs, 9)
    for i in range(len(images)):
        alone = images[i : i + 1]
        for r in range(rounds):
            alone = RANDAUGMENT[NAMES[operations[r, i]]](alone, 9 / 30, signs[r, i].item())
        assert torch.equal(together[i : i + 1], alone), NAMES[operations[0, i]]
    assert torch.equal(images, pixels(2 * len(NAMES), channels, side=16))


def test_rand_augments_operations_do_what_they_are_called():
    x = pixels(1, 3, side=16) // 2 + 40  # 40 to 167: contrast is left to gain
    shown = {name: operation(x, 1.0, 1) for name, operation in RANDAUGMENT.items()}
    assert torch.equal(shown.pop("identity"), x)
    assert all(other.dtype == torch.uint8 and not torch.equal(other, x) for other in shown.values())
    assert torch.equal(shown["solarise"], 255 - x)
    assert torch.equal(shown["posterise"], x // 16 * 16)
    assert (shown["brightness"].int() - (x * 1.9).clamp(max=255).int()).abs().max() <= 1
    assert (RANDAUGMENT["brightness"](x, 1.0, -1).int() - (x * 0.1).int()).abs().max() <= 1
    assert torch.equal(shown["translate_x"][..., 7:], x[..., :-7])  # 150 / 331 of 16 pixels
    assert torch.equal(RANDAUGMENT["translate_y"](x, 1.0, -1)[..., :-7, :], x[..., 7:, :])
    assert shown["autocontrast"].amin() == 0
    assert shown["autocontrast"].amax() >= 254  # torch truncates


def plan(**values) -> ViewPlan:
    return ViewPlan(ViewsConfig(**{"epochs": 3, "batch_size": 4} | values), count=10, size=8)


def same(a: View, b: View) -> bool:
    pairs = [(a.rows, b.rows), (a.operations, b.operations), (a.signs, b.signs), (a.crops.centre, b.crops.centre)]
    pairs += [(a.crops.size, b.crops.size), (a.crops.flip, b.crops.flip), (a.cutmix.partner, b.cutmix.partner)]
    boxes = [(m.top, m.bottom, m.left, m.right, m.share) for m in (a.cutmix, b.cutmix)]
    return all(x.shape == y.shape and torch.equal(x, y) for x, y in pairs) and boxes[0] == boxes[1]


def test_a_view_is_a_function_of_seed_epoch_and_batch_alone():
    list(plan().epoch(0))
    torch.rand(3)
    first, again = list(plan().epoch(2)), list(plan().epoch(2))
    assert len(first) == 3
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    assert same(plan().view(2, 1, first[1].rows), first[1])
    for other, epoch, batch in ((plan(), 2, 0), (plan(), 1, 1), (plan(seed=1), 2, 1)):
        assert not same(other.view(epoch, batch, first[1].rows), first[1])


def test_each_epoch_shows_every_image_once_in_its_own_order():
    orders = [torch.cat([view.rows for view in plan().epoch(epoch)]).tolist() for epoch in range(3)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3
    assert [len(view.rows) for view in plan().epoch(0)] == [4, 4, 2]


@pytest.mark.parametrize("steps", [1, 3, 7, 8])
def test_a_budget_in_steps_ends_at_exactly_that_number(steps):
    budget = plan(epochs=None, steps=steps)
    assert sum(len(list(budget.epoch(epoch))) for epoch in range(budget.epochs)) == budget.steps == steps
    assert plan().steps == 9


def test_rendering_crops_each_image_then_mixes():
    normalise, images = Normalisation.of((0.5,) * 3, (0.25,) * 3), pixels(6)
    rows, whole = torch.tensor([4, 0, 5]), torch.full((3, 2), 0.5)
    cutmix = CutMix(torch.tensor([1, 2, 0]), 1, 4, 2, 8, 1 - 18 / 64)
    flips = Crops(whole, whole * 2, torch.tensor([True, False, False]))
    shown = View(rows, torch.empty(0, 3).long(), torch.empty(0, 3).long(), 9, flips, cutmix).render(images, normalise)
    expected = normalise(images[rows])
    expected[0] = expected[0].flip(-1)
    pasted = expected[torch.tensor([1, 2, 0]), :, 1:4, 2:8]
    expected[:, :, 1:4, 2:8] = pasted
    torch.testing.assert_close(shown, expected, rtol=1e-5, atol=1e-5)


def test_a_mosaics_tiles_change_places_by_columns_and_rows_in_every_way():
    normalise = Normalisation.of((0.5,), (0.25,))
    tiles = torch.tensor([[10, 20], [30, 40]], dtype=torch.uint8)
    mosaic = tiles.repeat_interleave(4, 0).repeat_interleave(4, 1)[None, None]
    off = {"randaugment_ops": 0, "cutmix_alpha": 0, "flip": False, "crop_area_min": 1.0}
    still = ViewPlan(ViewsConfig(epochs=40, shuffle_tiles=2, **off), count=1, size=8)
    seen = set()
    for epoch in range(40):
        shown = normalise.pixels(next(still.epoch(epoch)).render(mosaic, normalise))[0, 0]
        corners = shown[::4, ::4]
        assert torch.equal(shown, corners.repeat_interleave(4, 0).repeat_interleave(4, 1))
        seen.add(tuple(corners.flatten().tolist()))
    assert seen == {(10, 20, 30, 40), (20, 10, 40, 30), (30, 40, 10, 20), (40, 30, 20, 10)}


@pytest.mark.parametrize(("side", "tiles", "edges"), [(7, 2, [0, 3, 7]), (28, 3, [0, 9, 18, 28]), (4, 4, [*range(5)])])
def test_tiles_of_uneven_sides_are_cut_at_a_mosaics_seams_and_no_pixel_is_lost(side, tiles, edges):
    images = torch.arange(2 * side**2).view(2, 1, side, side)
    order = torch.stack([torch.arange(tiles).flip(0), torch.arange(tiles)])
    turned = shuffle_tiles(images, torch.stack([order, order.flip(0)]))  # one's columns are turned, the other's rows
    strips = [slice(low, high) for low, high in zip(edges, edges[1:], strict=False)][::-1]
    assert torch.equal(turned[0], torch.cat([images[0, :, :, strip] for strip in strips], 2))
    assert torch.equal(turned[1], torch.cat([images[1, :, strip] for strip in strips], 1))


def test_shuffled_tiles_leave_everything_else_of_a_view_as_it_is():
    whole, shuffled = (next(iter(plan(shuffle_tiles=tiles).epoch(1))) for tiles in (1, 3))
    assert same(whole, shuffled)
    assert whole.orders is None
    assert shuffled.orders.shape == (2, 4, 3)


def test_off_means_no_operation_no_flip_and_no_mix():
    off = plan(randaugment_ops=0, cutmix_alpha=0, flip=False, crop_area_min=1.0)
    view = next(iter(off.epoch(0)))
    normalise, images = Normalisation.of((0.5,) * 3, (0.25,) * 3), pixels(10)
    assert (view.cutmix, len(view.operations)) == (None, 0)
    torch.testing.assert_close(view.render(images, normalise), normalise(images[view.rows]), rtol=1e-5, atol=1e-5)


def test_generators_depend_on_their_names_alone():
    assert torch.equal(
        torch.rand(3, generator=named_generator("a", 1)), torch.rand(3, generator=named_generator("a", 1))
    )
    assert (
        named_generator("a", 1).initial_seed()
        != named_generator("a", 11).initial_seed()
        != named_generator("a1", 1).initial_seed()
    )
