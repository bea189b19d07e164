"""Random data trees, each read with the lab's own readers and compared with what its maker knows of it.

    python -m experiments.fuzz_layouts --trees 5000 --seed 0

Counts what is read rightly, refused in a sentence, read wrongly in silence (that must be none) and what crashes.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from experiments.layout_fuzz.cases import Case
from experiments.layout_fuzz.oracle import CRASHED, REFUSED, RIGHT, WRONG, Outcome, judge_folder
from experiments.layout_fuzz.trees import MAKERS

MEMORY = Path("/dev/shm")  # many small files are made and removed there in no time


def make_case(seed: int, number: int) -> Case:
    rng = np.random.default_rng([seed, number])
    weights = np.array([weight for _, weight in MAKERS])
    return MAKERS[int(rng.choice(len(MAKERS), p=weights / weights.sum()))][0](rng)


def judged(case: Case, work: Path) -> Outcome:
    root = work / "tree"
    root.mkdir()
    case.write(root)
    return judge_folder(case, root / "set" if case.kind == "links" else root)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trees", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one tree")
    parser.add_argument("--verbose", action="store_true")
    args = parser.parse_args()
    started, verdicts, wrong = time.time(), Counter(), 0
    refused: Counter[str] = Counter()
    for number in range(args.trees) if args.only is None else [args.only]:
        case = make_case(args.seed, number)
        with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as work:
            outcome = judged(case, Path(work))
            told = outcome.told.replace(work, "")
        verdicts[case.kind, outcome.verdict] += 1
        if outcome.verdict in (WRONG, CRASHED) or args.verbose:
            wrong += 1
            print(f"tree {number} of seed {args.seed}, {outcome.verdict}: {told}\n{case.listing}\n", flush=True)
        elif outcome.verdict == REFUSED and outcome.ordinary:
            refused[case.kind] += 1
            print(f"tree {number} of seed {args.seed}, an ordinary tree refused: {told}\n{case.listing}\n", flush=True)
        if outcome.warned:
            print(f"tree {number} of seed {args.seed}, warned of: {outcome.warned}\n{case.listing}\n", flush=True)
    for kind in sorted({kind for kind, _ in verdicts}):
        print(f"{kind:24}", {v: verdicts[kind, v] for v in (RIGHT, REFUSED, WRONG, CRASHED)}, refused[kind])
    print(f"{time.time() - started:.0f} s")
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
