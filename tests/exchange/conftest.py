"""Two stores to merge: this lab's and another's."""

from pathlib import Path

import pytest

from tests.support.small_stores import (
    finished,
)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A store with two finished runs."""
    home = tmp_path / "theirs"
    finished(home, 1)
    finished(home, 2)
    return home


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return tmp_path / "ours"
