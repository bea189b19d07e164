"""Shards of a data set that are there twice; those that are missing are in its census."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from edc_core.data.readers.parquet_source import Shards
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding


def check_shards(name: str) -> Iterator[Finding]:
    """Which of a data set's parquet files hold the same bytes."""
    source = open_source(name)
    if not isinstance(source, Shards):
        return
    yield from _twice(source)


def _twice(source: Shards) -> Iterator[Finding]:
    by_size: dict[int, list[tuple[str, Path]]] = defaultdict(list)
    for split in ("train", "test"):
        for path in getattr(source, split):
            by_size[path.stat().st_size].append((split, path))
    twins: dict[str, list[tuple[str, Path]]] = defaultdict(list)
    for same in by_size.values():
        for split, path in same if len(same) > 1 else ():
            with path.open("rb") as file:
                twins[hashlib.file_digest(file, "sha256").hexdigest()].append((split, path))
    double = [group for group in twins.values() if len(group) > 1]
    if not double:
        return
    examples = tuple(" and ".join(str(path) for _, path in group) for group in double[:MAX_SHOWN])
    across = sum(len({split for split, _ in group}) > 1 for group in double)
    told = f"{len(double)} {'shard is' if len(double) == 1 else 'shards are'} there twice, byte by byte"
    where = f"; {across} for training and for testing" if across else ""
    yield Finding("files", "warning", f"{told}{where}.", "remove one copy, and download what it replaced.", examples)
