"""Worth in real images: the stored curve, its reading, and the command that makes it."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from edc_core.data import describe
from edc_core.errors import StoreError
from edc_core.judging import Estimate
from edc_core.judging.worth import (
    CURVES_FOLDER,
    RealImageCurve,
    equivalent_real_images,
    isotonic,
    load_curves,
    read_curve,
)
from edc_core.stage_graph import CODE_VERSIONS
from tests.conftest import answer, edc

NAME = "fashion-mnist-mini"


def curve(*seeds: tuple[float, ...]) -> RealImageCurve:
    return RealImageCurve("d", "x", "s", 10, (10, 100, 1000), {"test": np.array(seeds)}, {})


def test_isotonic_pools_what_falls() -> None:
    assert isotonic([1, 2, 3]) == [1, 2, 3]
    assert isotonic([1, 3, 2, 4]) == [1, 2.5, 2.5, 4]
    assert isotonic([3, 2, 1]) == [2, 2, 2]


def test_worth_is_read_off_between_the_sizes_on_a_logarithmic_scale() -> None:
    one = curve((50.0, 60.0, 80.0))
    assert equivalent_real_images(55.0, one).images == pytest.approx(10**1.5)
    assert equivalent_real_images(70.0, one).images == pytest.approx(10**2.5)
    assert equivalent_real_images(60.0, one).images == pytest.approx(100)
    assert equivalent_real_images(80.0, one).images == pytest.approx(1000)


def test_the_ends_are_honest() -> None:
    one = curve((50.0, 60.0, 80.0))
    below, above = equivalent_real_images(49.9, one), equivalent_real_images(80.1, one)
    assert below.images == 0
    assert below.text() == "fewer than 10"
    assert above.images == math.inf
    assert above.text() == "more than 1,000"


def test_the_range_holds_the_curves_seeds_and_the_accuracys_interval() -> None:
    two = curve((50.0, 60.0, 80.0), (40.0, 50.0, 70.0))
    images, low, high = equivalent_real_images(60.0, two)
    assert low == pytest.approx(100)  # the better seed's
    assert high == pytest.approx(10**2.5)  # the worse one's
    assert low < images < high
    wide = equivalent_real_images(Estimate(60.0, 45.0, 75.0, 3), two)
    assert wide.low == 0
    assert wide.high == math.inf
    assert wide.text() == "about 180 (fewer than 10 to more than 1,000)"


def test_a_falling_curve_is_read_as_flat_there() -> None:
    one = curve((50.0, 70.0, 60.0))
    assert equivalent_real_images(65.0, one).images == pytest.approx(100)
    assert equivalent_real_images(66.0, one).images == math.inf


def test_the_command_measures_and_stores_a_curve(tmp_path: Path, tiny_run: dict, shared_home: Path) -> None:
    options = ("--profile", "tiny", "--ipcs", "1,4", "--seeds", "2", "--steps", "12", "--out", tmp_path)
    result = answer(edc("worth", *options, home=shared_home))
    (path,) = map(Path, result["curves"])
    found = read_curve(path)
    assert found.sizes == (10, 40)
    assert (found.steps, found.seeds, found.student) == (12, 2, "convnet-d2-w8")
    assert found.digest == describe(NAME).digest
    assert set(found.values) == {"val", "test"}
    assert found.values["test"].shape == (2, 2)
    strong, light = (found.record["recipes"][name]["settings"] for name in ("strong", "light"))
    assert strong["relabel"] == light["relabel"] == {"labels": "hard"}
    assert strong["views"]["steps"] == light["views"]["steps"] == 12
    assert (strong["evaluate"]["zeta"], light["evaluate"]["zeta"], light["views"]["randaugment"]) == (2.0, 1.0, 0)
    assert load_curves(found.digest, (tmp_path,))[0].sizes == found.sizes
    assert load_curves("another", (tmp_path,)) == []
    before = path.read_text()
    assert answer(edc("worth", *options, home=shared_home))["curves"] == [str(path)]
    assert path.read_text() == before  # from the store
    edc("worth", *options, "--recipe", "light", home=shared_home)
    assert read_curve(path).record["recipes"].keys() == {"strong", "light"}  # the other one stays


def test_each_size_is_the_recipe_that_serves_held_out_images_best(tmp_path: Path) -> None:
    held_out = {"strong": {10: (58, 60), 100: (60, 62)}, "light": {10: (40, 70), 100: (61, 70)}}
    points = [
        {"recipe": name, "images": size, "seed": seed, "val": {"ema": top1}, "test": {"ema": top1 - size / 100}}
        for name, sizes in held_out.items()
        for size, both in sizes.items()
        for seed, top1 in enumerate(both)
    ]
    about = {"format": 2, "dataset": {"name": "d", "digest": "x"}, "student": "s", "steps": 9}
    (tmp_path / "a.json").write_text(json.dumps(about | {"points": points, "recipes": {"strong": {}, "light": {}}}))
    found = read_curve(tmp_path / "a.json")
    assert found.recipes == ("strong", "light")
    assert found.values["test"].tolist() == [[57.9, 60], [59.9, 69]]
    assert "EDC's augmentation and schedule, or with almost no augmentation and a rate that" in found.ways


def test_an_unknown_recipe_is_named(tmp_path: Path) -> None:
    done = edc("worth", "--recipe", "lite", "--out", tmp_path, home=tmp_path, check=False)
    assert done.returncode == 2
    assert "lite" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--ipcs", "1,x", "--ipcs is '1,x'"),
        ("--seeds", "0", "--seeds is 0: give at least 1"),
        ("--seeds", "-2", "--seeds is -2: give at least 1"),
        ("--out", "a-file", "a-file', where no folder can be (File exists): choose another"),
    ],
)
def test_a_wrong_option_is_named_before_anything_is_computed(
    option: str, value: str, says: str, tmp_path: Path
) -> None:
    (tmp_path / "a-file").touch()
    options = {"--out": "curves", option: value}
    options["--out"] = tmp_path / options["--out"]
    done = edc("worth", *(part for pair in options.items() for part in pair), home=tmp_path / "home", check=False)
    assert done.returncode == 2
    assert says in done.stderr
    assert not (tmp_path / "home" / "store.sqlite").exists()


def test_a_damaged_curve_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"format": 2, "points": [{}]}))
    with pytest.raises(StoreError, match="make it again"):
        load_curves("x", (tmp_path,))


def test_the_stored_curves_are_of_todays_code_and_data() -> None:
    """The bundled ones: `python -m edc_core worth` makes them."""
    about = describe(NAME)
    found = load_curves(about.digest)
    assert {curve.steps for curve in found} == {1_200, 6_000}
    for one in found:
        assert one.sizes[0] == 10
        assert one.sizes[-1] == 9_000
        assert one.seeds >= 3
        assert one.student == "convnet-d3-w32"
        assert set(one.record["recipes"]) == {"strong", "light"}
        for recipe in one.record["recipes"].values():
            versions = recipe["code_versions"]
            assert versions == {stage: CODE_VERSIONS[stage] for stage in versions}
        assert one.points("test")[-1].mean > one.points("test")[0].mean + 10
    assert len(list(CURVES_FOLDER.glob("*.json"))) == len(found)
