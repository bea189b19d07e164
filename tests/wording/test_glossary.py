"""The glossary: every term that a newcomer may not know, in one sentence, in every form that the pages use."""

import re

import pytest

from edc_core.wording.glossary import GLOSSARY, TERMS

ASKED = (
    "observer, squeeze, IPC, soft label, held-out, EMA, profile, seed, matrix, confound, filter norm, nats, committee"
)


def test_every_term_has_one_sentence() -> None:
    assert set(ASKED.split(", ")) <= set(GLOSSARY)
    for name, sentence in GLOSSARY.items():
        assert re.fullmatch(r"[^.]+(\.\d[^.]*)*\.", sentence), name


@pytest.mark.parametrize("said", ["soft labels", "held out", "squeezed", "confounds", "matrices", "committees", "seed"])
def test_a_term_is_found_in_the_forms_of_a_sentence(said: str) -> None:
    assert sum(bool(re.fullmatch(term.forms, said)) for term in TERMS) == 1


def test_a_confusion_matrix_is_no_matrix_of_runs() -> None:
    matrix = next(term for term in TERMS if term.name == "matrix")
    assert re.search(matrix.forms, "a matrix of runs")
    assert not re.search(matrix.forms, "the confusion matrix")
