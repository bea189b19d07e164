"""Trees of tiny images for tests of layouts."""

from pathlib import Path

from tests.support.photos import picture

Tree = dict[str, int]  # images in each folder


def made(root: Path, tree: Tree) -> str:
    """Folders of so many tiny images; a name with a dot is a file of text."""
    for number, (place, count) in enumerate(sorted(tree.items())):
        if "." in place.rpartition("/")[2]:
            (root / place).parent.mkdir(parents=True, exist_ok=True)
            (root / place).write_text("text")
            continue
        (root / place).mkdir(parents=True, exist_ok=True)
        for index in range(count):
            picture(root / place / f"{index}.png", (8, 8), seed=100 * number + index)
    return str(root)


def of(*classes: str, count: int = 3) -> Tree:
    return dict.fromkeys(classes, count)


def under(place: str, tree: Tree) -> Tree:
    return {f"{place}/{name}": count for name, count in tree.items()}


PAIR = of("cat", "dog")
