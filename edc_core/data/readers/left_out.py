"""What of a tree of images is not read: counted by reason, with an example of each."""

from collections.abc import Sequence

from edc_core.data.census import LeftOut, Tally
from edc_core.data.description import shown
from edc_core.data.readers.trees import Node

SPARE = "images of parts that are not read"
CHOSEN = "images of classes that were not chosen"
BESIDE = "images beside the folders that are read"
ELSEWHERE = "images in folders that are no class"


def left_out(
    root: Node, used: Sequence[Node], spare: Sequence[Node], apart: Sequence[Node], deep: bool = True
) -> tuple[LeftOut, ...]:
    """All that is not an image of the `used` folders (and below, if `deep`).

    `spare` are parts of the set that are not read, `apart` classes that were not chosen: both are meant to be left out.
    """
    tally = Tally()
    roles = {node.path: SPARE for node in spare} | {node.path: CHOSEN for node in apart}
    read = {node.path for node in used}
    _count(root, root, roles, read, deep, "", tally)
    return tally.left_out


def _count(root: Node, node: Node, roles: dict[str, str], read: set[str], deep: bool, role: str, tally: Tally) -> None:
    place = node.path[len(root.path) :].lstrip("/")
    role = "read" if node.path in read else roles.get(node.path, role if deep or role != "read" else "")
    if node.images and role != "read":
        meant = role in (SPARE, CHOSEN)
        holds_read = any(path.startswith(f"{node.path}/") for path in read)
        reason = role if meant else BESIDE if holds_read else ELSEWHERE
        tally.leave_out(reason, _joined(place, node.example), images=not meant, count=node.images)
    for group in node.others.left_out:
        tally.leave_out(group.reason, _joined(place, group.example), group.images, group.count)
    for name in node.parquet:
        tally.leave_out("parquet files beside the images", _joined(place, name))
    for child in node.folders.values():
        _count(root, child, roles, read, deep, role, tally)


def repeated(root: Node, used: Sequence[Node]) -> list[str]:
    """Said of links that lead to what is read already: within a class it counts once, in two classes for both."""
    told, owners = [], dict[str, Node]()
    for node in used:
        seen: set[str] = set()
        for inner in node.walk():
            if inner.real in seen:
                told.append(f"{below(root, inner)} leads to a folder that its class has already, and is read once")
            seen.add(inner.real)
        if (other := owners.setdefault(node.real, node)) is not node:
            told.append(f"{below(root, node)} and {below(root, other)} are one folder, and it is read for both")
    return [*told[:3], *([f"{len(told) - 3} more folders are reached twice"] if len(told) > 3 else [])]


def below(root: Node, node: Node) -> str:
    """A folder as a sentence names it: its path below the set's own folder."""
    return shown(node.path[len(root.path) :].strip("/")) + "/"


def _joined(place: str, name: str) -> str:
    return shown(f"{place}/{name}" if place else name)
