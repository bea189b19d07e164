"""bench --scaling and --forecast: exponents of known laws, a cell of a real run, what ImageNet-1k asks for."""

from dataclasses import replace
from pathlib import Path

import pytest

from edc_core.cli.bench import bench
from edc_core.errors import SettingsError
from edc_core.networks.builders import build
from edc_core.performance.bench import scaling_cell as cell
from edc_core.performance.bench import stage_steps as units
from edc_core.performance.bench.imagenet import Card, Needs, imagenet_needs, stored_bytes, work
from edc_core.performance.bench.imagenet_table import markdown
from edc_core.performance.bench.markdown_sections import checked_section, with_section
from edc_core.performance.bench.scaling import FACTORS, Cell, cells, exponent, growth
from edc_core.performance.bench.stage_steps import Unit
from edc_core.performance.bench.synthetic_datasets import make_tree

FIRST = Cell()


def by_law(cell: Cell) -> dict[str, tuple[float, float]]:
    """Time linear in images and pixels, quadratic in classes; memory linear in pixels, and in images as well."""
    images, classes, pixels = cell.images / 800, cell.classes / 10, (cell.side / 32) ** 2
    return {"statistics": (images * classes**2 * pixels, 200 * images * pixels)}


def test_exponents_are_those_of_the_law_in_the_factors_own_unit() -> None:
    found = growth({}, lambda line: None, by_law)
    slopes = {factor.name: next(found.rows(factor)) for factor in FACTORS}
    assert [slopes[name][2] for name in ("images", "classes", "ipc", "side")] == pytest.approx([1, 2, 0, 1])
    assert slopes["side"][4] == pytest.approx(1)  # by pixels: a doubled side has four times as many
    worse = found.worse()
    assert worse == [
        "memory of statistics grows with images by the power 1.00",
        "time of statistics grows with classes by the power 2.00",
    ]
    assert worse[1] in found.markdown()
    assert found.plain()["growth"]["classes"]["statistics"]["exponent"] == 2.0


def test_linear_growth_passes_and_what_is_tiny_is_no_growth() -> None:
    found = growth({}, lambda line: None, lambda cell: {"score": (cell.ipc / 2, cell.images / 800)})
    assert found.worse() == []
    assert "no growth is worse than linear" in found.markdown()
    assert exponent([0.001, 0.002, 0.004, 0.008], 1, 0.1) == 0


def test_of_several_takes_the_fewest_seconds_and_the_most_memory_count() -> None:
    takes = {}

    def uneven(cell: Cell) -> dict[str, tuple[float, float]]:
        takes[cell] = takes.get(cell, 0) + 1
        return {"score": (1.0, 60.0) if takes[cell] == 1 else (2.0, 70.0)}

    found = growth({}, lambda line: None, uneven)
    assert set(takes.values()) == {2}
    assert all(cell == {"score": (1.0, 70.0)} for cell in found.cells.values())


def test_every_factor_is_doubled_three_times_from_one_first_cell() -> None:
    assert all(len(factor.values) == 4 and factor.values[-1] == 8 * factor.values[0] for factor in FACTORS)
    assert FIRST in cells()
    assert len(cells()) == len(set(cells())) == 2 + 5 * 3


def test_a_cell_is_a_real_run_with_each_stages_time_and_memory(tmp_path: Path) -> None:
    tree = make_tree(tmp_path / "tree", 2, 40, 16)
    found = cell.measured(str(tree), str(tmp_path / "home"), 1, ["convnet-d2-w8"])
    assert list(found)[0] == cell.READING
    assert {"squeeze", "statistics", "initialise", "synthesise", "relabel", "evaluate", "score"} <= set(found)
    assert all(0 < seconds < 60 and memory >= 0 for seconds, memory in found.values())


# ImageNet-1k ---------------------------------------------------------------------------------------


@pytest.fixture
def needs() -> Needs:
    """Every network takes a billion operations an image, twice as long as is possible."""
    asked = work()
    names = {*asked.config.synthesise.observers, *asked.committee, *asked.config.evaluate.students}
    ratio, calls, kept = (
        dict.fromkeys(units.PASSES, 2.0),
        dict.fromkeys(units.PASSES, 1000),
        {"observe": 1e7, "train": 1e7},
    )
    return Needs(
        asked,
        dict.fromkeys(names, Unit(10**9, 10_000, 4 * 10**7, 10**6, ratio, calls, kept)),
        Card(operations=1e12, launch=5e-6),
    )


def test_a_forecast_counts_the_papers_steps(needs: Needs) -> None:
    stages = {stage.name: stage for stage in needs.stages()}
    assert stages["synthesise"].work == "250,000 steps of 80 images"  # 125 batches of 2,000 iterations
    assert (
        stages["synthesise"].operations == 250_000 * 80 * 3 * 10**9
    )  # forward, of the average too, and back to the images
    assert stages["evaluate"].operations == 300 * 10_000 * (3 + 4) * 10**9  # the student learns, four label
    assert stages["statistics"].operations == 5 * needs.asked.train * 10**9
    assert all(stage.seconds == pytest.approx(2 * stage.operations / 1e12) for stage in stages.values())
    assert stages["synthesise"].hours(4) == pytest.approx(stages["synthesise"].hours() * 32 / 125)
    assert stages["statistics"].hours(4) == pytest.approx(stages["statistics"].hours() * 2 / 5)
    slow = {stage.name: stage for stage in replace(needs, card=Card(operations=1e18)).stages()}
    assert slow["synthesise"].seconds == pytest.approx(250_000 * 2 * 1000 * 5e-6)  # a step is handed over, twice a look
    assert slow["evaluate"].seconds == pytest.approx(30_000 * (1000 + 4) * 5e-6)  # four label givers are recorded


def test_a_forecast_weighs_labels_and_statistics_as_they_are_stored(needs: Needs) -> None:
    sizes = stored_bytes(needs.asked, needs.unit)
    assert sizes["labels made on the fly"] == 0
    assert sizes["labels stored, all logits"] == 300 * 10_000 * 1000 * 2
    assert sizes["labels stored, top 10"] == 300 * 10_000 * (10 * 2 + 10 * 2 + 2)  # values, classes, mean of the others
    assert sizes["statistics of all observers"] == 5 * 3 * 1000 * 10_000 * 4


def test_the_forecast_says_that_it_is_one(needs: Needs) -> None:
    shown = markdown(imagenet_needs(needs, 1e11, {"threads": 2}))
    assert "A forecast, not a measurement" in shown
    assert "For synthesis alone, on four RTX 4090, the paper reports 5.11 hours, a figure of its own" in shown
    assert "6,000,000,000" in shown


def test_a_networks_units_are_counted_and_measured() -> None:
    found = units.measure("wrn-10-1", 32, 10, 4, ("forward", "observe"), 1e11)
    assert found.weights == 4 * sum(weight.numel() for weight in build("wrn-10-1", 3, 32, 10).parameters())
    assert set(found.ratio) == {"forward", "observe"}
    assert found.ratio["forward"] > 0
    assert found.calls["observe"] > 2 * found.calls["forward"] > 20  # forward, back, and moments
    assert found.kept["observe"] > found.largest / 2  # every layer's input, the largest one's among them


# The document --------------------------------------------------------------------------------------


def test_a_section_is_replaced_and_the_rest_stays() -> None:
    text = with_section("# Benchmarks\n\nBy hand.\n", "growth", "old")
    text = with_section(text, "speed", "fast")
    again = with_section(text, "growth", "new")
    assert again == text.replace("old", "new")
    assert again.startswith("# Benchmarks\n\nBy hand.\n\n<!-- growth -->\nnew\n<!-- /growth -->\n")
    with pytest.raises(SettingsError, match="has no <!-- /growth -->"):
        with_section("<!-- growth -->\nold", "growth", "new")
    with pytest.raises(SettingsError, match="--section is 'a b'"):
        checked_section("a b")


def test_what_cannot_be_forecast_is_refused() -> None:
    with pytest.raises(SettingsError, match="--forecast is 'cifar': the only one there is imagenet-1k"):
        bench(forecast="cifar")
    with pytest.raises(SettingsError, match="exclude each other: give one of them"):
        bench(forecast="imagenet-1k", scaling=True)
