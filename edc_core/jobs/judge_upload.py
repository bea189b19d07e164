"""Somebody's condensed set from their browser: taken in within bounds, one at a time, and put into the queue."""

import io
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO

from edc_core.access.permissions import Person, check_may_start
from edc_core.data import describe
from edc_core.data.external_sets.members import most_of_upload
from edc_core.design_space.profiles import Profile, default_profile
from edc_core.jobs.dataset_access import check_listed
from edc_core.jobs.queue import check_limit, submit
from edc_core.judging import external_sets as given
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import Store

TAKING = threading.Lock()  # a class that uploads at once fills the memory of one upload


def judge_upload(
    store: Store,
    source: BinaryIO,
    dataset: str,
    table: Profile | None,
    person: Person,
    changes: Mapping[str, Any] | None = None,
    normalisation: str | None = None,
    judge_anyway: bool = False,
) -> PreparedRun:
    """Take in a ZIP or NPZ of condensed images and ask for its judgement under EDC's protocol; returns that run.

    Nothing is unpacked for who has enough runs waiting, and nothing is kept of what is not judged. `dataset` is what
    the images were made from, `table` its settings (None: what suits it). The set is compared with it first, without
    torch; `judge_anyway` is the consent to judge it whatever is found.

    Raises:
        Refused: this person may start nothing here, the data set is not on the list, or enough runs wait.
        RefusedSet: it cannot be a set of this data set as it is, and nobody consented.
        DataError: it cannot be read, is too large, or does not fit the data set.
        SettingsError: `normalisation` is missing where numbers need it, or a setting is wrong.
        StoreError: the store cannot be written.
    """
    with TAKING:
        given.remove_unused_sets(store)
        check_may_start(person)
        check_listed(store, dataset, person)
        check_limit(store, person)
        about = describe(dataset)
        most = most_of_upload(source.seek(0, io.SEEK_END))
        source.seek(0)
        digest = given.import_set(source, about, store.home, normalisation=normalisation, most=most)
        try:
            check = given.checked_set(digest, dataset, store.home, judge_anyway=judge_anyway)
            table = table or default_profile(about.classes, about.size)
            prepared = given.prepared_for(digest, dataset, table, 0, "edc", changes, store.home)
            prepared = replace(prepared, set_check=check.plain())
            submit(store, prepared, person)
        except BaseException:
            given.discard_external_set(store, digest)
            raise
    return prepared
