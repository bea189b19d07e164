"""A store whose queue nobody works on, and a class."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edc_core.store import Store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose queue nobody works on: a worker seems to be there."""
    with closing(Store(tmp_path / "home")) as made:
        monkeypatch.setattr("edc_core.jobs.supervisor.live_workers", lambda store: [1])
        yield made


@pytest.fixture
def in_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDC_CLASS_CODE", "blackboard")
    monkeypatch.setenv("EDC_TEACHER_CODE", "chalk-1234")
