"""The census of one reading: what was found, what was read as what, and what was left out and why.

It is no part of a data set's digest nor of any stage's key: it says how files were read, not what they are.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edc_core.wording.grammar import plural


@dataclass(frozen=True)
class LeftOut:
    """Files that were not read, for one reason; `example` is one of their paths below the set's folder."""

    reason: str  # as in "images beside the class folders"
    count: int
    example: str
    images: bool = False  # whether they are or may be images: then somebody may miss them

    @property
    def sentence(self) -> str:
        such = f", such as '{self.example}'" if self.example else ""
        unit = "row" if self.reason.startswith("rows ") else "file"
        return f"left out: {self.reason} ({self.count:,} {plural(self.count, unit)}{such})"


@dataclass(frozen=True)
class Census:
    """`readings` are sentences without a full stop; each that was a choice names the option that changes it.

    `doubts` are readings of files that do not fit together: the figures may mislead.
    """

    found: tuple[tuple[str, int], ...] = ()  # counts by kind, as in ("training images", 50000)
    readings: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """All that is to be said, doubts first."""
        return (*self.doubts, *self.readings, *(group.sentence for group in self.left_out))

    def __add__(self, other: "Census") -> "Census":
        """Both together: counts of one kind or reason as one."""
        found = dict(self.found)
        for kind, count in other.found:
            found[kind] = found.get(kind, 0) + count
        tally = Tally()
        for group in (*self.left_out, *other.left_out):
            tally.add(group)
        readings, doubts = (
            tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in ("readings", "doubts")
        )
        return Census(tuple(found.items()), readings, tally.left_out, doubts)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        left = [
            {"reason": group.reason, "count": group.count, "example": group.example, "images": group.images}
            for group in self.left_out
        ]
        doubts = {"doubts": list(self.doubts)} if self.doubts else {}
        return {"found": dict(self.found), "readings": list(self.readings), "left_out": left, **doubts}


class Tally:
    """Counts what is left out while files are listed: a reason's first example stands for all."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, bool]] = Counter()
        self._examples: dict[tuple[str, bool], str] = {}

    def leave_out(self, reason: str, example: str, images: bool = False, count: int = 1) -> None:
        self._counts[reason, images] += count
        self._examples.setdefault((reason, images), example)

    def add(self, group: LeftOut) -> None:
        self.leave_out(group.reason, group.example, group.images, group.count)

    def update(self, groups: Iterable[LeftOut]) -> None:
        for group in groups:
            self.add(group)

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Images first, then by reason."""
        order = sorted(self._counts, key=lambda key: (not key[1], key[0]))
        return tuple(LeftOut(key[0], self._counts[key], self._examples[key], key[1]) for key in order)


def of_splits(classes: int, training: int, testing: int) -> tuple[tuple[str, int], ...]:
    """The counts that every data set has."""
    return ("classes", classes), ("training images", training), ("test images", testing)
