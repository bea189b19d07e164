"""The parquet files of a tree: which parts of which configuration they are, as the Hugging Face Hub lays them out.

`train-00000-of-00002.parquet`, `data/train-*`, `plain_text/train-*` and `default/train/0000.parquet` are read alike: a
part is named by the file or by its folder, a configuration by the folder above.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from edc_core.data.address import NO_SPLIT
from edc_core.data.census import LeftOut, Tally
from edc_core.data.description import shown
from edc_core.data.readers.split_names import Kind, split_kind
from edc_core.data.readers.trees import Node
from edc_core.errors import DataError, SettingsError

NUMBERS = re.compile(r"([-_.]?\d+)?([-_.]of[-_.]\d+)?([-_.][0-9a-f]{8,})?$")
FIRST = ("", "data", "default", "plain_text")  # configurations that are read before others


@dataclass
class Configuration:
    """One of several sets in a repository: the files of each part, by the part's name."""

    name: str
    parts: dict[str, list[Path]] = field(default_factory=dict)

    def of_kind(self, kind: Kind) -> list[str]:
        """Names of the parts of a kind: those that begin with its word, else all."""
        found = [name for name in self.parts if _kind(name) == kind]
        return [name for name in found if name.lower().startswith(kind)] or found

    def files(self, names: list[str]) -> tuple[Path, ...]:
        return tuple(sorted(path for name in names for path in self.parts[name]))


def _kind(name: str) -> Kind | None:
    kinds: tuple[Kind, ...] = ("train", "test", "val")
    return split_kind(name) or next((kind for kind in kinds if name.lower().startswith(kind)), None)


def configurations(root: Node) -> list[Configuration]:
    """Every configuration that has training files, the one that is read first."""
    found: dict[str, Configuration] = {}
    for node in root.walk():
        place = node.path[len(root.path) :].strip("/")
        for file in node.parquet:
            part = NUMBERS.sub("", file[: -len(".parquet")])
            name = place
            if _kind(part) is None and split_kind(node.name) is not None and node is not root:
                part, name = node.name, place.rpartition("/")[0]
            if _kind(part) is not None:
                found.setdefault(name, Configuration(name)).parts.setdefault(part, []).append(Path(node.path, file))
    whole = [one for one in found.values() if one.of_kind("train")]
    return sorted(whole, key=lambda one: (FIRST.index(one.name) if one.name in FIRST else len(FIRST), one.name))


def choose_configuration(root: Node, found: list[Configuration], wanted: str | None) -> tuple[Configuration, list[str]]:
    """The configuration that is read, and what is said of the others.

    Raises:
        SettingsError: none is called so.
    """
    names = ", ".join(f"'{shown(one.name)}'" if one.name else "the folder itself" for one in found[:20])
    if wanted is not None:
        for one in found:
            if wanted in (one.name, one.name.rpartition("/")[2]):
                return one, []
        raise SettingsError(f"config is '{wanted[:100]}', but {root.path} has {names}: name one of these.")
    if len(found) == 1:
        return found[0], []
    others = f"of {len(found)} configurations ({names}) '{shown(found[0].name) or '.'}' is read"
    return found[0], [f"{others} ('?config={found[1].name}' takes another)"]


def chosen_parts(root: Node, one: Configuration, split: str | None) -> tuple[list[str], list[list[str]]]:
    """The training parts, and the test parts that may be read, the best first.

    Raises:
        DataError: there is no test part.
        SettingsError: `split` names no part.
    """
    train = one.of_kind("train")
    tests = [names for kind in ("test", "val") if (names := one.of_kind(kind))]  # type: ignore[arg-type]
    if split is None:
        if not tests:
            raise DataError(
                f"{Path(root.path, one.name)} holds no test*.parquet or val*.parquet",
                "add one, students are scored on it",
            )
        return train, tests
    names = [name.strip() for name in split.split(",")]
    if split == NO_SPLIT or len(names) > 2 or any(name not in one.parts for name in names):
        have = ", ".join(map(shown, sorted(one.parts)))
        raise SettingsError(
            f"split is '{split[:100]}', but {root.path} has {have}: name the test part, or two with a comma"
            " (training,test)."
        )
    if names[-1] in (train if len(names) == 1 else names[:1]):
        raise SettingsError(f"split is '{split[:100]}', and a test part is needed beside it: name two with a comma.")
    return (names[:1] if len(names) == 2 else train), [names[-1:]]


def beside_parquet(root: Node, used: tuple[Path, ...], spare: Iterator[Path]) -> tuple[LeftOut, ...]:
    """What lies in the tree and is not read."""
    tally, read, others = Tally(), {str(path) for path in used}, {str(path) for path in spare}
    for node in root.walk():
        place = node.path[len(root.path) :].lstrip("/")

        def below(name: str, place: str = place) -> str:
            return shown(f"{place}/{name}" if place else name)

        if node.images:
            tally.leave_out("image files beside the parquet files", below(node.example), True, node.images)
        for name in node.parquet:
            if (path := f"{node.path}/{name}") not in read:
                known = "parquet files of other parts or configurations"
                tally.leave_out(known if path in others else "parquet files of no known part", below(name))
        for group in node.others.left_out:
            tally.leave_out(group.reason, below(group.example), group.images, group.count)
    return tally.left_out
