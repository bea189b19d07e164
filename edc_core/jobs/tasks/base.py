"""Task: a queued job other than a run, with a state, an owner and a place in the queue."""

from abc import ABC, abstractmethod
from typing import Any

from edc_core.store import StageResults, Store


class Task(ABC):
    """A task of the queue; subclasses define what it computes and how it is stored."""

    id: str
    title: str  # what the queue calls it

    @abstractmethod
    def pending(self, stage_results: StageResults) -> tuple:
        """What is not done yet; nothing where the store answers already."""

    @abstractmethod
    def row(self) -> tuple[dict[str, Any], list[dict], dict[str, Any], str]:
        """Settings, plan, manifest and origin, as `Store.register` takes them."""

    def register(self, store: Store) -> None:
        """Write it down, in the state of a run that waits."""
        store.register(self.id, *self.row(), self.title)

    def begin(self, store: Store) -> None:
        """Make it this process's work.

        Raises:
            StoreError: another process is at it.
        """
        store.claim_or_resume(self.id, *self.row(), self.title)
