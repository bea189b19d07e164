"""Options that several experiments share."""

import argparse


def matrix_parser(description: str, seeds: int) -> argparse.ArgumentParser:
    """A parser with --seeds, --profile, --ipc and --dataset; the first `seeds` seeds are the default."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(seeds)))
    parser.add_argument("--profile", "--settings", dest="settings", default="lab-quick")
    parser.add_argument("--ipc", type=int, default=10)
    parser.add_argument("--dataset", default="fashion-mnist-mini")
    return parser
