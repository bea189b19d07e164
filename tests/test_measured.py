"""What is said of a choice beyond EDC comes from the measurement's own file."""

from pathlib import Path

import pytest

from edc_core import measured
from edc_core.choices_beyond import BEYOND
from edc_core.store.files import write_json
from tests.beyond_table import VARIANTS


def test_a_sentence_is_the_paired_difference_of_the_file(tmp_path: Path) -> None:
    record = {"dataset": "x", "ipc": 10, "settings": "brisk", "seeds": [0, 1, 2], "reference": "EDC"}
    top1 = {"EDC": [80.0, 81.0, 82.0], "votes": [81.0, 83.0, 85.0], "votes, drawn": [79.0, 80.0, 81.0]}
    write_json(tmp_path / "beyond.json", record | {"top1": top1})
    found = measured.against_edc("votes", tmp_path / "beyond.json")
    assert found[""].mean == pytest.approx(2)
    assert found[""].half == pytest.approx(4.3027 / 3**0.5)  # differences 1, 2, 3: standard deviation 1
    assert found["drawn"].mean == -1
    said = measured.sentence("votes", tmp_path / "beyond.json")
    assert "3 seeds" in said
    assert "+2.0 points (\u22120.5 to +4.5), drawn: \u22121.0 points" in said
    assert measured.sentence("votes", tmp_path / "none.json") == ""
    assert measured.sentence("another", tmp_path / "beyond.json") == ""


def test_every_choice_beyond_edc_was_measured() -> None:
    """The file that comes with the project has each, under the name that the page asks for."""
    assert all(measured.sentence(choice.title) for choice in BEYOND.values())
    assert {choice.title for choice in BEYOND.values()} <= set(VARIANTS)
