"""An evaluation made ready: a run's images under another judgement, or an imported set with its controls."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edc_core.data import describe
from edc_core.data.external_sets.members import Source
from edc_core.design_space.compose import resolve_profile
from edc_core.judging import external_sets
from edc_core.judging.comparison_sets import refuse_other_images, with_judgement
from edc_core.judging.external_sets import ExternalSet
from edc_core.judging.set_checks import SetCheck
from edc_core.pipeline.prepare import SET_CHECK, PreparedRun, dataset_name, prepare
from edc_core.store import BUNDLED, Store


@dataclass(frozen=True)
class SetEvaluation:
    """An imported set, the run that judges it, and the runs that judge its controls."""

    imported: ExternalSet
    run: PreparedRun
    controls: dict[str, PreparedRun]
    check: SetCheck


def prepare_run_evaluation(run: str, home: Path, protocol: str | None, changes: Mapping[str, Any]) -> PreparedRun:
    """A stored run's images under another judgement; `run` is its name, or the beginning or end of it.

    Raises:
        StoreError: there is no such run.
        SettingsError: a change would make other images, or a value is wrong.
    """
    with closing(Store(home)) as store:
        found = store.run(run)
    prepared = prepare(with_judgement(found.settings, protocol, dict(changes)))
    return replace(prepared, set_check=found.manifest.get(SET_CHECK))


def prepare_set_evaluation(
    images: Source,
    dataset: str,
    home: Path,
    *,
    labels: Source | None = None,
    normalisation: str | None = None,
    ipc: int | None = None,
    seed: int = 0,
    controls: bool = True,
    profile: str = "auto",
    protocol: str | None = None,
    changes: Mapping[str, Any] | None = None,
    judge_anyway: bool = False,
) -> SetEvaluation:
    """Import a condensed set of images into the store, and prepare its evaluation; see `external_sets.import_set`.

    `ipc` keeps the first so many images of each class; `controls` are random real images and herding of its size.
    `judge_anyway` is the consent to judge it whatever `set_checks` finds.

    Raises:
        RefusedSet: it cannot be a set of this data set as it is, and nobody consented.
        DataError: the set cannot be read, or does not fit the data set.
        SettingsError: a setting would make other images, or is wrong.
    """
    changes = dict(changes or {})
    refuse_other_images(changes)
    dataset = dataset_name(dataset)
    about = describe(dataset)
    table = resolve_profile(profile, about.classes, about.size)
    with closing(Store(home)) as store:
        external_sets.remove_unused_sets(store)
    digest = external_sets.import_set(images, about, home, labels, normalisation, ipc)
    check = external_sets.checked_set(digest, dataset, home, (home, BUNDLED), judge_anyway)
    prepared = external_sets.prepared_for(digest, dataset, table, seed, protocol, changes, home)
    prepared = replace(prepared, set_check=check.plain())
    others = external_sets.controls_for(prepared) if controls else {}
    return SetEvaluation(external_sets.read_external_set(digest, len(about.classes), home), prepared, others, check)
