"""A condensed set looked at before it is judged: whether it can be of the data set that it is said to be of.

Condensed images are unusual by nature, so only what no sound set was seen to do is told, and only what makes a score
meaningless stops the judgement, unless the person consents.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from edc_core.data import Dataset
from edc_core.data.external_sets.given import clipped_share, load_given, readings_of
from edc_core.doctor.finding import ORDER, Finding, Severity, listed_names
from edc_core.doctor.stored_observers import observers_of
from edc_core.errors import SettingsError
from edc_core.judging.set_copies import check_copies
from edc_core.judging.set_reading import Reader, check_reading, linear_reader
from edc_core.judging.set_values import check_values
from edc_core.pipeline.prepare import SET_CHECK
from edc_core.wording.grammar import capitalise

MAX_IMAGES, SAMPLE = 2000, 500  # of the set; of the data set, for its usual values
CONSENT = "or, where that is what you want, judge it anyway (--judge-anyway, judge_anyway=True, or the box on the page)"
ALL_THE_SAME = "It was judged all the same, as whoever gave it asked: its score tells nothing of its method."
_READERS: dict[Path, Reader | None] = {}  # by a decoded data set's folder


class RefusedSet(SettingsError):
    """A condensed set that is not judged without consent."""


@dataclass(frozen=True)
class SetCheck:
    """What was found, the gravest first; `consented`: the set was to be judged whatever is found."""

    findings: tuple[Finding, ...]
    consented: bool = False

    @property
    def stops(self) -> tuple[Finding, ...]:
        """Findings that make a score meaningless."""
        return tuple(found for found in self.findings if found.severity == "fatal")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that a score must not be shown without."""
        return tuple(found for found in self.findings if found.severity != "note")

    def require_consent(self) -> None:
        """Refuse the set where something stops its judgement, and nobody consented.

        Raises:
            RefusedSet: naming the first finding, and how many more there are.
        """
        if self.stops and not self.consented:
            first, more = self.stops[0], len(self.stops) - 1
            also = f" (and {more} more)" if more else ""
            problem = f"the set is not judged: {first.message.rstrip('.')}{also}"
            raise RefusedSet(problem, f"{first.cure.rstrip('.')}; {CONSENT}")

    def plain(self) -> dict[str, Any]:
        """As a run's manifest holds it."""
        return {"consented": self.consented, "findings": [asdict(found) for found in self.findings]}


def check_set(digest: str, dataset: Dataset, home: Path, observers_in: tuple[Path, ...] = ()) -> SetCheck:
    """Compare an imported set with its data set; observers in these stores read it, else a linear classifier does.

    Without `observers_in` no torch is loaded.

    Raises:
        StoreError: the set is not in the store.
    """
    images, labels = load_given(home, digest)
    found = [Finding("reading", "note", f"{capitalise(said)}.", "") for said in readings_of(home, digest)]
    found += _findings(images, labels, clipped_share(home, digest), dataset, observers_in)
    return SetCheck(tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity))))


def _findings(
    images: np.ndarray, labels: np.ndarray, clipped: float, dataset: Dataset, places: tuple[Path, ...]
) -> Iterator[Finding]:
    rows = np.unique(np.linspace(0, len(images) - 1, min(MAX_IMAGES, len(images))).astype(int))
    classes = dataset.description.classes
    yield from _empty_classes(labels, classes)
    part = dataset.part("train").some(SAMPLE)
    values = list(check_values(images[rows], clipped, part.take(np.arange(len(part))), dataset.normalisation))
    yield from values
    yield from check_copies(images[rows], dataset)
    if not any(finding.severity == "fatal" for finding in values):
        reader = _reader(dataset, places)
        yield from check_reading(images[rows], labels[rows], classes, reader) if reader else ()


def _reader(dataset: Dataset, places: tuple[Path, ...]) -> Reader | None:
    observers = observers_of(dataset.description.digest, places) if places else []
    if observers:
        from edc_core.judging.observer_reader import observer_reader

        if reader := observer_reader(dataset, observers):
            return reader
    return _linear_reader(dataset.cache, dataset)


def _linear_reader(cache: Path, dataset: Dataset) -> Reader | None:
    """The linear reader of a data set, learned once in a process; the last few are kept."""
    if cache not in _READERS:
        while len(_READERS) >= 4:
            _READERS.pop(next(iter(_READERS)), None)
        _READERS[cache] = linear_reader(dataset)
    return _READERS[cache]


def _empty_classes(labels: np.ndarray, classes: tuple[str, ...]) -> Iterator[Finding]:
    """A class without an image is never learned: labels are counted from 1 (all others are wrong), or it is missing."""
    counts = np.bincount(labels, minlength=len(classes))
    empty = [classes[number] for number in np.flatnonzero(counts == 0)]
    if empty:
        from_one = bool(counts[0] == 0 and counts[1:].all())
        shifted = " (are labels counted from 1?)" if from_one else ""
        message = f"{len(empty)} of {len(classes)} classes have no image: {listed_names(empty)}{shifted}."
        severity: Severity = "fatal" if from_one else "warning"
        yield Finding("classes", severity, message, "give images of every class, numbered from 0 as the data set does.")


def stored_check(manifest: Mapping[str, Any]) -> SetCheck | None:
    """What a run's manifest says of its set's check, perhaps another store's or version's; None where nothing."""
    record = manifest.get(SET_CHECK)
    if not isinstance(record, dict) or not isinstance(record.get("findings"), list):
        return None
    names = {field.name for field in fields(Finding)} - {"examples"}
    found = [
        Finding(**{name: one[name] for name in names})
        for one in record["findings"]
        if isinstance(one, dict) and all(isinstance(one.get(name), str) for name in names) and one["severity"] in ORDER
    ]
    return SetCheck(tuple(found), record.get("consented") is True)
