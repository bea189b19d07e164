"""What a comparison of sets may say: means of the seeds that both have, no more than intervals allow."""

import pytest

from edc_core.judging.comparison_sets import OURS
from edc_core.judging.conclusions import Comparison
from edc_core.judging.results import Cell
from edc_core.judging.worth import EquivalentImages

NAMES = {OURS: "our images", "random": "random images", "noise": "pure noise"}


def cells(name: str, protocol: str, *values: float) -> list[Cell]:
    scored = [{"ema": {"top1": value}} for value in values]
    return [Cell(name, protocol, "net", seed, "", "", "ema", scores) for seed, scores in enumerate(scored)]


def compared(*found: list[Cell], soft: str = "edc") -> Comparison:
    return Comparison([cell for part in found for cell in part], "net", soft, "hard", NAMES)


@pytest.mark.parametrize(("ours", "theirs", "means"), [(3, 5, "80.1 %** and random images **79.1 %"), (5, 3, "80.1 %")])
def test_means_are_of_the_seeds_that_the_difference_is_of(ours: int, theirs: int, means: str) -> None:
    one, other = (80.0, 80.2, 80.1, 70.0, 71.0)[:ours], (79.0, 79.3, 79.0, 95.0, 96.0)[:theirs]
    (said, *_) = compared(cells(OURS, "edc", *one), cells("random", "edc", *other)).sentences(False)
    assert means in said
    assert said.endswith("**1.0 points ahead**, over the 3 seeds that both have.")


def test_a_difference_is_never_nought_points_ahead() -> None:
    def said(*values: float) -> str:
        return compared(cells(OURS, "edc", *values), cells("random", "edc", 80.0, 80.0, 80.0)).sentences(False)[0]

    assert "**0.03 points ahead**" in said(80.03, 80.03, 80.03)
    assert "**0.03 points behind**" in said(79.97, 79.97, 79.97)
    assert "too close to call" in said(80.0, 80.0, 80.0)
    assert ": level, but that is one seed" in said(80.0)


def test_taking_labels_away_says_what_goes_with_them() -> None:
    def said(soft: str) -> str:
        sets = [cells(name, labels, 80.0, 81.0, 82.0) for name in (OURS, "random") for labels in (soft, "hard")]
        return " ".join(compared(*sets, soft=soft).sentences(True))

    assert "Taking the labels away moves our images by +0.0 points" in said("edc")
    assert "Taking the labels away, and with them the training" in said("sre2l")


@pytest.mark.parametrize(
    ("noise", "word"), [((70.0, 70.1, 70.2), "more than"), ((60.0, 64.0, 61.0), "about as much as"), ((70.0,), "about")]
)
def test_an_impostor_is_more_than_the_floor_where_intervals_do_not_meet(noise: tuple, word: str) -> None:
    sets = (
        cells(OURS, "edc", 80.0, 80.0, 80.0),
        cells("random", "edc", 80.0, 80.0, 80.0),
        cells("noise", "edc", *noise),
    )
    said = compared(*sets, cells("random", "hard", 61.0, 62.0, 61.6)).sentences(False)[-1]
    assert f"{word} " in said
    assert said.endswith("random real images with hard labels (61.5 %).")


def test_the_end_of_a_curve_keeps_its_range() -> None:
    assert (
        EquivalentImages(float("inf"), 779.0, float("inf"), 10, 9000).text()
        == "more than 9,000 (780 to more than 9,000)"
    )
    assert EquivalentImages(0, 0, 51.0, 10, 9000).text() == "fewer than 10 (fewer than 10 to 51)"
    assert EquivalentImages(float("inf"), float("inf"), float("inf"), 10, 9000).text() == "more than 9,000"
