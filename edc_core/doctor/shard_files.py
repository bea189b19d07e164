"""Shards by their names and content: one that is missing of `-00000-of-00002`, and one that is there twice."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from edc_core.data.readers.parquet_source import Shards
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding, listed_names

NUMBERED = re.compile(r"(?P<stem>.*?)[-_.]?(?P<number>\d+)[-_]of[-_](?P<total>\d+)(?P<rest>.*)", re.IGNORECASE)


def check_shards(name: str) -> Iterator[Finding]:
    """What the names of a data set's parquet files promise, and which of them hold the same bytes."""
    source = open_source(name)
    if not isinstance(source, Shards):
        return
    files = [*source.train, *source.test]
    yield from _missing(files)
    yield from _twice(source)


def _missing(files: list[Path]) -> Iterator[Finding]:
    groups: dict[tuple[Path, str, int], set[int]] = defaultdict(set)
    for path in files:
        if match := NUMBERED.fullmatch(path.name):
            groups[path.parent, match["stem"], int(match["total"])].add(int(match["number"]))
    for (folder, stem, total), numbers in groups.items():
        first = 1 if total in numbers else 0  # counted from 1 by some
        lost = sorted(set(range(first, first + min(total, 10**5))) - numbers)
        if lost:
            shown = listed_names([f"{number:05d}" for number in lost])
            message = f"{len(lost)} of {total} shards of '{stem}' are missing in {folder}: {shown}."
            yield Finding("files", "warning", message, "download the rest: classes may be uneven without them.")


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
