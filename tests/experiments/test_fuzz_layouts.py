"""A few dozen of the random trees of `experiments.fuzz_layouts`: none is read wrongly in silence, none crashes."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from experiments.fuzz_layouts import outcomes, remark, table
from experiments.layout_fuzz.cases import Truth
from experiments.layout_fuzz.oracle import CRASHED, OTHERWISE, RIGHT, WRONG
from experiments.layout_fuzz.readers import make_case


def test_no_tree_is_read_wrongly_in_silence_and_none_crashes() -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for number, case, outcome in outcomes(seed=22, numbers=range(40)):
        assert outcome.verdict not in (WRONG, CRASHED), f"tree {number}: {outcome.told}\n{case.listing}"
        assert not outcome.ordinary, f"tree {number}: {remark(outcome)}\n{case.listing}"
        counts[case.kind, outcome.verdict] += 1
    assert sum(count for (_, verdict), count in counts.items() if verdict in (RIGHT, OTHERWISE)) > 30, table(counts)
    assert len({kind for kind, _ in counts}) > 6, table(counts)


def test_a_swapped_class_a_lost_image_and_another_part_are_found(tmp_path: Path) -> None:
    """The comparison itself: what it is told wrongly, it reports."""
    for number in range(60):
        case, judge = make_case(3, number)
        truth = case.truths[0]
        if case.kind != "parts" or truth.test is None or case.refusable or case.options:
            continue
        first, last = min(truth.train), max(truth.train)
        swapped = dict(truth.train) | {first: truth.train[last], last: truth.train[first]}
        lost = dict(list(truth.train.items())[1:])
        for place, wrong in enumerate(
            (Truth(swapped, truth.test), Truth(lost, truth.test), Truth(truth.test, swapped))
        ):
            work = tmp_path / str(place)
            work.mkdir()
            assert judge(replace(case, truths=[wrong]), work).verdict == WRONG
        return
    raise AssertionError("no such tree among the first sixty")
