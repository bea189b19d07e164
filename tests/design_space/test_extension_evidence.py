"""What is said of a choice beyond EDC comes from the measurements' own file."""

from pathlib import Path

import pytest

from edc_core.design_space import extension_evidence as measured
from edc_core.design_space.extension_choices import EXTENSIONS
from experiments.extensions_table import VARIANTS

RECORD = {
    "dataset": "x",
    "ipc": 10,
    "settings": "brisk",
    "changes": [],
    "seeds": [0, 1, 2],
    "reference": "EDC",
    "top1": {"EDC": [80.0, 81.0, 82.0], "votes": [81.0, 83.0, 85.0], "votes, drawn": [79.0, 80.0, 81.0]},
}


def test_a_sentence_is_the_paired_difference_of_the_file(tmp_path: Path) -> None:
    found = measured.against_edc("votes", RECORD)
    assert found[""].mean == pytest.approx(2)
    assert found[""].half == pytest.approx(4.3027 / 3**0.5)  # differences 1, 2, 3: standard deviation 1
    assert found["drawn"].mean == -1
    measured.add(RECORD, tmp_path / "beyond.json")
    said = measured.sentence("votes", tmp_path / "beyond.json")
    assert (
        "x (IPC 10, profile lab-quick, seeds 0 to 2) +2.0 points (\u22120.5 to +4.5), drawn: \u22121.0 points" in said
    )
    assert measured.sentence("votes", tmp_path / "none.json") == ""
    assert measured.sentence("another", tmp_path / "beyond.json") == ""


def test_measuring_again_takes_the_place_and_another_set_stands_beside(tmp_path: Path) -> None:
    file = tmp_path / "beyond.json"
    measured.add(RECORD, file)
    measured.add(RECORD | {"top1": {"EDC": [80.0], "votes": [85.0]}}, file)
    measured.add(RECORD | {"dataset": "y", "top1": {"EDC": [50.0], "votes": [49.0]}}, file)
    said = measured.sentence("votes", file)
    assert said.count("IPC 10") == 2
    assert "+5.0 points; y" in said
    assert said.endswith("\u22121.0 points.")


def test_every_choice_beyond_edc_was_measured() -> None:
    """The file that comes with the project has each, under the name that the page asks for."""
    assert all(measured.sentence(choice.title) for choice in EXTENSIONS.values())
    assert {choice.title for choice in EXTENSIONS.values()} <= set(VARIANTS)
