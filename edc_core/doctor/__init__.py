"""A data set looked at before its first run: each finding with how much it matters and its cure.

No torch here: the one check that needs it, the observers' accuracy, loads it when there are observers. `asked` is
the check as a task of the queue.
"""

import shlex
from collections.abc import Iterator
from pathlib import Path

from edc_core.config import DataConfig
from edc_core.data import Dataset, Description, describe, open_dataset
from edc_core.doctor.classes import check_classes
from edc_core.doctor.films import check_films
from edc_core.doctor.finding import ORDER, Finding, Report
from edc_core.doctor.images import check_balance, check_duplicates, check_pixels, unreadable
from edc_core.doctor.label_guesses import check_labels
from edc_core.doctor.near_duplicates import check_near_duplicates
from edc_core.doctor.reading import check_census
from edc_core.doctor.shard_files import check_shards
from edc_core.doctor.stored_observers import observers_of
from edc_core.errors import DataError, EDCError
from edc_core.events import EventHandler, Progress, no_op
from edc_core.store import BUNDLED

__all__ = ["Finding", "Report", "examine"]


def examine(name: str, home: Path, observe: EventHandler = no_op, bundled: tuple[Path, ...] = (BUNDLED,)) -> Report:
    """Every finding about a data set; decodes it into `home`, as a run would.

    Raises:
        SettingsError: there is no such data set.
        StoreError: `home` cannot be written.
    """
    try:
        about = describe(name)
    except DataError as error:
        return Report(name, None, (_fatal(error),))
    observe(Progress(0, 0, "check", "reading the images"))
    try:
        dataset = open_dataset(name, DataConfig(), home, about)
    except DataError as error:
        found = unreadable(name, about, observe) or (_fatal(error),)
        return Report(name, about, (*found, *check_census(about), *check_balance(about)))
    findings = [finding for checks in _checks(name, about, dataset, home, observe, bundled) for finding in checks]
    return Report(name, about, tuple(sorted(findings, key=lambda finding: ORDER.index(finding.severity))))


def _fatal(error: EDCError) -> Finding:
    """A refusal as a finding."""
    if not error.cure:
        return Finding("files", "fatal", error.problem)
    return Finding("files", "fatal", f"{error.problem}.", f"{error.cure}.")


def _checks(
    name: str, about: Description, dataset: Dataset, home: Path, observe: EventHandler, bundled: tuple[Path, ...]
) -> Iterator[tuple[Finding, ...]]:
    steps = (
        lambda: check_census(about),
        lambda: check_balance(about),
        lambda: check_classes(about, home, bundled),
        lambda: check_pixels(dataset),
        lambda: check_duplicates(name, dataset),
        lambda: check_near_duplicates(name, dataset),
        lambda: check_films(name, dataset),
        lambda: check_shards(name),
        lambda: check_labels(dataset),
        lambda: _check_observers(name, dataset, home, bundled),
    )
    for number, step in enumerate(steps):
        yield tuple(step())
        observe(Progress(number + 1, len(steps), "check"))


def _check_observers(name: str, dataset: Dataset, home: Path, bundled: tuple[Path, ...]) -> tuple[Finding, ...]:
    observers = observers_of(dataset.description.digest, (home, *bundled))
    if not observers:
        cure = f"python -m edc_core squeeze --dataset {shlex.quote(name)} --observers resnet18"
        return (Finding("observers", "note", "no observer has been trained on this data set yet.", cure),)
    from edc_core.doctor.observer_checks import check_observers
    from edc_core.torch_utils.setup import configure_torch

    configure_torch()
    return tuple(check_observers(name, dataset, observers))
