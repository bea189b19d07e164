"""Every kind of tree, and how the lab reads it."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import numpy as np

from edc_core.data.description import Description
from edc_core.data.external_sets.imports import read_set
from edc_core.data.readers.unpack import unpack_classes
from edc_core.errors import EDCError
from experiments.layout_fuzz import odd_trees, trees
from experiments.layout_fuzz.cases import Case
from experiments.layout_fuzz.condensed_sets import SIDE, CondensedCase, condensed_set
from experiments.layout_fuzz.names import pick
from experiments.layout_fuzz.oracle import (
    CRASHED,
    OTHERWISE,
    RIGHT,
    WRONG,
    Outcome,
    compared_set,
    judge_source,
    refusal,
)
from experiments.layout_fuzz.parquet_trees import parquet_tree
from experiments.layout_fuzz.raw_files import raw_files
from experiments.layout_fuzz.zip_files import packed

# What a set's own folder is called.
ROOTS = ("tree", "tree", "my set", "a?size=64", "x&y=1", "50% täst", "train", "猫", "test")
Judge = Callable[[Case, Path], Outcome]


def judge_folder(case: Case, work: Path) -> Outcome:
    root = work / pick(case.rng, ROOTS)
    root.mkdir()
    case.write(root)
    if case.class_list:
        (work / "list.txt").write_text(case.class_list, encoding="utf-8")
        case.options = f"?classes={work / 'list.txt'}"
    return judge_source(case, str(root / "set" if "link" in case.kind else root) + case.options)


def zip_of(make: Callable[[np.random.Generator], Case]) -> Callable[[np.random.Generator], Case]:
    def made(rng: np.random.Generator) -> Case:
        case = make(rng)
        case.kind = "ZIP"
        return case

    return made


def judge_zip(case: Case, work: Path) -> Outcome:
    content = packed(case)
    try:
        folder = unpack_classes(io.BytesIO(content), work)
    except EDCError as error:
        return refusal(case, error)
    except Exception as error:
        return Outcome(CRASHED, repr(error)[:300])
    return judge_source(case, str(folder) + case.options)


def judge_raw(case: Case, work: Path) -> Outcome:
    case.write(work)
    with mock.patch.dict(os.environ, {"EDC_DATA": str(work)}):
        return judge_source(case, case.options)


def judge_condensed(case: Case, work: Path) -> Outcome:
    assert isinstance(case, CondensedCase)
    about = Description("set", "0" * 32, tuple(case.classes), SIDE, 3, (9,) * len(case.classes), 9)
    source: Path | bytes = case.array
    if not case.array and case.zipped:
        source = packed(case)
    elif not case.array:
        source = work / "set"
        case.write(source)
    try:
        found = read_set(source, about, case.labels, case.normalisation)
    except EDCError as error:
        return refusal(case, error)
    except Exception as error:
        return Outcome(CRASHED, repr(error)[:300])
    if case.otherwise:
        return Outcome(OTHERWISE)
    fault = compared_set(case, found.images, [case.classes[label] for label in found.labels])
    return Outcome(WRONG, fault) if fault else Outcome(RIGHT)


KINDS: tuple[tuple[Callable[[np.random.Generator], Case], Judge, float], ...] = (
    (trees.parts, judge_folder, 5),
    (trees.bare, judge_folder, 3),
    (trees.within, judge_folder, 1),
    (trees.unlabelled_test, judge_folder, 1),
    (trees.annotated, judge_folder, 0.7),
    (trees.shares, judge_folder, 0.7),
    (trees.unknown_parts, judge_folder, 1),
    (trees.deep_classes, judge_folder, 0.7),
    (trees.linked, judge_folder, 0.7),
    (odd_trees.damaged, judge_folder, 0.7),
    (odd_trees.linked_files, judge_folder, 0.3),
    (odd_trees.names_of_bytes, judge_folder, 0.2),
    (odd_trees.chosen_classes, judge_folder, 0.5),
    (odd_trees.mismatched, judge_folder, 0.5),
    (odd_trees.under_a_part, judge_folder, 0.6),
    (odd_trees.twice, judge_folder, 0.3),
    (odd_trees.renamed_link, judge_folder, 0.2),
    (zip_of(trees.parts), judge_zip, 1.5),
    (zip_of(trees.bare), judge_zip, 1),
    (zip_of(odd_trees.damaged), judge_zip, 0.3),
    (zip_of(trees.annotated), judge_zip, 0.2),
    (parquet_tree, judge_folder, 3),
    (raw_files, judge_raw, 0.3),
    (condensed_set, judge_condensed, 6),
)


def make_case(seed: int, number: int) -> tuple[Case, Judge]:
    """One tree by its number, always the same, and how it is read."""
    rng = np.random.default_rng([seed, number])
    weights = np.array([weight for _, _, weight in KINDS])
    make, judge, _ = KINDS[int(rng.choice(len(KINDS), p=weights / weights.sum()))]
    return make(rng), judge
