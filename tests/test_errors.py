"""Errors carry their problem, their cure and whether the same run can be resumed as fields."""

import pickle

import pytest

from edc_core.errors import Cancelled, DataError, Diverged, EDCError, SettingsError, StoreError


@pytest.mark.parametrize("kind", [EDCError, SettingsError, DataError, StoreError, Cancelled])
def test_a_problem_and_its_cure_are_one_sentence_and_two_fields(kind: type[EDCError]) -> None:
    error = kind("ipc is 0: none of it", "choose at least 1")
    assert (error.problem, error.cure, error.resumable) == ("ipc is 0: none of it", "choose at least 1", True)
    assert str(error) == "ipc is 0: none of it: choose at least 1."
    assert str(kind("the disk is full: free some space.")) == "the disk is full: free some space."
    assert kind("the disk is full.", resumable=False).resumable is False


def test_a_run_that_diverged_is_not_resumable() -> None:
    error = Diverged("synthesis diverged", "lower synthesise.lr (now 9)")
    assert not error.resumable
    assert str(error).endswith(": lower synthesise.lr (now 9); resumed as it is, it would end here again.")


def test_an_error_keeps_its_fields_from_process_to_process() -> None:
    error = pickle.loads(pickle.dumps(Diverged("synthesis diverged", "lower synthesise.lr")))  # noqa: S301
    assert (type(error), error.problem, error.cure) == (Diverged, "synthesis diverged", "lower synthesise.lr")
