"""What names of shards promise: `train-00000-of-00002` has a second one."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

NUMBERED = re.compile(r"(?P<stem>.*?)[-_.]?(?P<number>\d+)[-_]of[-_](?P<total>\d+)(?P<rest>.*)", re.IGNORECASE)
SHOWN, MAX_SHARDS = 5, 10**5


def missing_shards(files: Sequence[Path]) -> tuple[str, ...]:
    """A sentence for each group of shards of which some are not there."""
    groups: dict[tuple[Path, str, int], set[int]] = defaultdict(set)
    for path in files:
        if match := NUMBERED.fullmatch(path.name):
            groups[path.parent, match["stem"], int(match["total"])].add(int(match["number"]))
    said = []
    for (_, stem, total), numbers in groups.items():
        first = 1 if total in numbers else 0  # counted from 1 by some
        if lost := sorted(set(range(first, first + min(total, MAX_SHARDS))) - numbers):
            some = ", ".join(f"{number:05d}" for number in lost[:SHOWN])
            more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            said.append(
                f"{len(lost)} of {total} shards of '{stem}' are missing ({some}{more}): download the rest, as classes"
                " may be uneven without them"
            )
    return tuple(said)
