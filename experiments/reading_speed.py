"""How long this lab takes to describe and decode data sets, beside another checkout of it, in turns.

    git worktree add --detach ../before f70949d
    python -m experiments.reading_speed ../before --dataset DIR

Without `--dataset` a folder of 10,000 PNGs is made. Seconds are those of the processor, so that a busy machine matters
less; the median of each checkout's turns is shown, and their ratio.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parents[1]
READ = """
import resource, sys, tempfile
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from edc_core.config import DataConfig
from edc_core.data import describe, open_dataset
def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
before = used()
describe(sys.argv[2])
with tempfile.TemporaryDirectory() as home:
    open_dataset(sys.argv[2], DataConfig(), Path(home))
print(used() - before)
"""


def make_images(root: Path, count: int = 10_000) -> None:
    """Colour PNGs of 32 x 32 pixels in ten classes, every fifth ten of them for testing."""
    draw = np.random.default_rng(0)
    for number in range(count):
        folder = root / ("train" if (number // 10) % 5 else "test") / f"class{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        blocks = np.kron(draw.integers(0, 255, (8, 8, 3)), np.ones((4, 4, 1)))
        pixels = np.clip(blocks + draw.normal(0, 8, (32, 32, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")


def seconds(checkout: Path, dataset: str) -> float:
    command = [sys.executable, "-c", READ, str(checkout), dataset]
    with tempfile.TemporaryDirectory() as place:
        return float(subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.split()[-1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="another checkout")
    parser.add_argument("--dataset", help="a folder (a folder of 10,000 PNGs)")
    parser.add_argument("--turns", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        dataset = str(Path(args.dataset or work).resolve())
        if args.dataset is None:
            make_images(Path(work))
        turns = [(seconds(args.before.resolve(), dataset), seconds(HERE, dataset)) for _ in range(args.turns)]
    before, now = (statistics.median(times) for times in zip(*turns, strict=True))
    print(f"before {before:.2f} s, now {now:.2f} s, ratio {now / before:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
