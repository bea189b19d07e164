"""Random data trees, each read with the lab's own readers and compared with what its maker knows of it.

    python -m experiments.fuzz_layouts --trees 5000 --seed 0

Counts what is read rightly, read otherwise and said, refused in a sentence, read wrongly in silence (that must be none)
and what crashes; prints the seed and a description of each tree that is read wrongly, crashes, or is an ordinary one
and refused or warned of. `--only N` reads one tree again, `--keep DIR` leaves its files there.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from experiments.layout_fuzz.cases import Case
from experiments.layout_fuzz.oracle import CRASHED, OTHERWISE, REFUSED, RIGHT, WRONG, Outcome
from experiments.layout_fuzz.readers import make_case

MEMORY = Path("/dev/shm")  # many small files are made and removed there in no time
VERDICTS = (RIGHT, OTHERWISE, REFUSED, WRONG, CRASHED)


def outcomes(seed: int, numbers: range) -> Iterator[tuple[int, Case, Outcome]]:
    """Each tree with what the lab made of it."""
    for number in numbers:
        case, judge = make_case(seed, number)
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as work:
            yield number, case, judge(case, Path(work))


def remark(outcome: Outcome) -> str:
    """Why a person should look at a tree; "" where it is as it should be."""
    if outcome.verdict in (WRONG, CRASHED):
        return f"{outcome.verdict}: {outcome.told}"
    if outcome.ordinary:
        return f"an ordinary tree, {outcome.verdict}: {outcome.told}"
    return f"an ordinary tree, warned of: {outcome.warned}" if outcome.warned else ""


def table(counts: Counter[tuple[str, str]]) -> str:
    """Trees by kind and verdict."""
    kinds = sorted({kind for kind, _ in counts})
    rows = [[kind, *(str(counts[kind, verdict]) for verdict in VERDICTS)] for kind in kinds]
    rows.append(["all", *(str(sum(counts[kind, verdict] for kind in kinds)) for verdict in VERDICTS)])
    lines = [["kind", *VERDICTS], ["---", *("--:" for _ in VERDICTS)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trees", type=int, default=5000, help="how many trees are made (5000)")
    parser.add_argument("--seed", type=int, default=0, help="other seeds make other trees (0)")
    parser.add_argument("--only", type=int, help="the number of one tree")
    parser.add_argument("--keep", type=Path, help="a folder for that tree's files")
    args = parser.parse_args()
    started, counts, odd = time.perf_counter(), Counter[tuple[str, str]](), 0
    numbers = range(args.trees) if args.only is None else range(args.only, args.only + 1)
    for number, case, outcome in outcomes(args.seed, numbers):
        counts[case.kind, outcome.verdict] += 1
        odd += bool(remark(outcome))
        if (told := remark(outcome)) or args.only is not None:
            print(f"tree {number} of seed {args.seed}, {told or f'{outcome.verdict}: {outcome.told}'}", flush=True)
            print(f"{case.listing}\n", flush=True)
        if args.keep is not None:
            case.write(args.keep)
    print(f"{len(numbers):,} trees of seed {args.seed} in {time.perf_counter() - started:.0f} s; {odd} to look at\n")
    print(table(counts))
    return int(any(counts[kind, verdict] for kind, verdict in list(counts) if verdict in (WRONG, CRASHED)))


if __name__ == "__main__":
    raise SystemExit(main())
