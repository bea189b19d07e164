"""Folder trees: parts, wrappers, nested folders, links, empty and stray files around class folders."""

import numpy as np

from experiments.layout_fuzz import names
from experiments.layout_fuzz.cases import Case, Truth
from experiments.layout_fuzz.names import pick

EACH = 2  # images a class and part; of class folders alone 5
Filled = dict[int, str]
LIKE_PARTS = ("train", "valid", "test", "dev", "evaluate", "training shoes")  # in a pool of class names


def fill(case: Case, place: str, classes: list[str], each: int, apart: bool = False) -> Filled:
    """Class folders with images; gives the class of each."""
    found: Filled = {}
    depth = pick(case.rng, ["", "", "", "", "2024/05", "a", "images"])
    if depth:
        case.remarks.append(f"images within classes in {depth}/")
    for name in classes:
        folder = f"{place}/{names.stored(case.rng, name, apart)}".lstrip("/")
        for turn in range(each):
            found[case.put(f"{folder}/{depth}" if depth and (turn or case.chance(0.5)) else folder)] = name
    return found


def wrapped(case: Case) -> str:
    """A path of no or a few folders above the set."""
    count = int(case.rng.choice([0, 0, 0, 1, 1, 2, 3]))
    return "/".join(pick(case.rng, names.WRAPPERS) for _ in range(count))


def classes_of(case: Case, few: int = 2) -> list[str]:
    pool = pick(case.rng, list(names.POOLS))
    found = names.class_names(case.rng, pool, int(case.rng.integers(few, 5)))
    case.remarks.append(f"{pool}: {', '.join(found)[:60]}")
    return found


def parts(rng: np.random.Generator) -> Case:
    """A training part and one or two more, by words that every library knows."""
    case = Case("parts", rng)
    classes, above, apart = classes_of(case), wrapped(case), case.chance(0.2)
    train = pick(rng, names.TRAIN)
    kinds = pick(rng, ["test", "val", "both", "none"])
    where = {"train": train}
    if kinds in ("test", "both"):
        where["test"] = pick(rng, names.TEST)
    if kinds in ("val", "both"):
        where["val"] = pick(rng, names.VAL)
    case.remarks.append(f"parts {where}")
    inner = {part: _inner(case, name) for part, name in where.items()}
    filled = {
        part: fill(case, "/".join(filter(None, (above, name, inner[part]))), classes, EACH + (part == "train"), apart)
        for part, name in where.items()
    }
    _expect(case, filled, where)
    if all(name in LIKE_PARTS for name in classes):
        case.refusable = "classes and parts are called alike"
    around(case, [above, *(f"{above}/{name}".strip("/") for name in where.values())])
    return case


def _inner(case: Case, part: str) -> str:
    """A folder that a part has all its class folders in, sometimes."""
    return pick(case.rng, ["", "", "", "", part, "images"])


def _expect(case: Case, filled: dict[str, Filled], where: dict[str, str]) -> None:
    if "test" in filled:
        case.truths = [Truth(filled["train"], filled["test"])]
        if "val" in filled:
            case.unread += len(filled["val"])
            if case.chance(0.2):
                case.options = f"?split={where['val']}"
                case.truths = [Truth(filled["train"], filled["val"])]
                case.unread += len(filled["test"]) - len(filled["val"])
    elif "val" in filled:
        case.truths = [Truth(filled["train"], filled["val"])]
    else:
        case.truths = [Truth(filled["train"])]


def bare(rng: np.random.Generator) -> Case:
    """Class folders alone."""
    case = Case("class folders", rng)
    classes, above = classes_of(case), wrapped(case)
    case.truths = [Truth(fill(case, above, classes, 5, case.chance(0.2)))]
    like = [name for name in classes if name in LIKE_PARTS]
    if like:  # of two readings, where parts without labels look the same
        case.refusable = "classes are called like parts" if len(like) * 2 > len(classes) - 1 or "train" in like else ""
    around(case, [above])
    return case


def within(rng: np.random.Generator) -> Case:
    """Parts within each class."""
    case = Case("parts within classes", rng)
    classes, above = classes_of(case), wrapped(case)
    train, test = pick(rng, names.TRAIN), pick(rng, names.TEST + names.VAL)
    found: tuple[Filled, Filled] = ({}, {})
    for name in classes:
        for part, place in zip(found, (train, test), strict=True):
            for _ in range(EACH):
                part[case.put("/".join(filter(None, (above, name, place))))] = name
    case.truths = [Truth(*found)]
    case.remarks.append(f"{train}, {test}")
    if "parts" in case.remarks[0] or "shares" in case.remarks[0]:
        case.refusable = "classes and what they hold are called like parts"
    around(case, [above])
    return case


def unlabelled_test(rng: np.random.Generator) -> Case:
    """A test part without class folders: every fifth training image, or the validation part, takes its place."""
    case = Case("unlabelled test", rng)
    classes, above = classes_of(case), wrapped(case)
    train, test, val = pick(rng, names.TRAIN), pick(rng, names.TEST), pick(rng, names.VAL)
    base = f"{above}/".lstrip("/")
    filled = fill(case, f"{base}{train}", classes, 5)
    held = fill(case, f"{base}{val}", classes, EACH) if case.chance(0.5) else None
    for _ in range(3):
        case.put(f"{base}{test}" + pick(rng, ["", "/unknown"]))
    case.truths = [Truth(filled, held)]
    case.unread = 3
    case.remarks.append(f"{train}, {test} without classes, {val if held else 'no validation part'}")
    return case


def annotated(rng: np.random.Generator) -> Case:
    """Tiny-ImageNet's layout."""
    case = Case("annotations", rng)
    classes, above = classes_of(case), wrapped(case)
    base = f"{above}/".lstrip("/")
    train: Filled = {}
    for name in classes:
        for _ in range(EACH):
            train[case.put(f"{base}train/{name}/images")] = name
    test, lines = {}, []
    for number in range(3 * len(classes)):
        name = classes[number % len(classes)]
        image = case.put(f"{base}val/images", f"val_{number}")
        test[image] = name
        lines.append(f"val_{number}{case.images[image].ending}\t{name}\t0\t0\t1\t1")
    case.files[f"{base}val/val_annotations.txt"] = "\n".join(lines).encode()
    if case.chance(0.5):
        for _ in range(3):
            case.put(f"{base}test/images")
        case.unread = 3
    case.truths = [Truth(train, test)]
    return case


def shares(rng: np.random.Generator) -> Case:
    """Numbered shares of one set: read together."""
    case = Case("shares", rng)
    classes, above = classes_of(case), wrapped(case)
    word = pick(rng, ["fold{}", "part_{}", "Session {}", "cv-{}", "batch{}", "subset{}"])
    base = f"{above}/".lstrip("/")
    found: Filled = {}
    for number in range(1, int(rng.integers(3, 5))):
        found |= fill(case, base + word.format(number), classes, EACH)
    case.remarks.append(word)
    if any(name in LIKE_PARTS for name in classes):
        case.otherwise = "each class folder holds its own parts"
    case.truths = [Truth(found, said="shares of one set")]
    case.refusable = "shares may be parts or classes"
    return case


def unknown_parts(rng: np.random.Generator) -> Case:
    """Two parts by words that nobody knows: never two classes without a word."""
    case = Case("unknown parts", rng)
    classes, above = classes_of(case, 3), wrapped(case)
    base = f"{above}/".lstrip("/")
    known = case.chance(0.5)
    first, second = rng.choice(names.UNKNOWN, 2, replace=False).tolist()
    first = pick(rng, names.TRAIN) if known else first
    train, test = fill(case, base + first, classes, 5), fill(case, base + second, classes, EACH)
    case.remarks.append(f"{first}, {second}")
    if any(name in LIKE_PARTS for name in classes):
        case.otherwise = "each class folder holds its own parts"
    together = Truth(train | test, said="hold the same folders and are read together")
    case.truths = [Truth(train, test, "is for testing") if known else together]
    case.refusable = "parts of unknown names"
    return case


def deep_classes(rng: np.random.Generator) -> Case:
    """Classes of classes: the outer ones count, or the inner ones as the address says."""
    case = Case("classes of classes", rng)
    above = wrapped(case)
    base = f"{above}/".lstrip("/")
    outer: Filled = {}
    inner: Filled = {}
    pools = rng.permutation(names.PLAIN).tolist()
    for place, name in enumerate(("animals", "things", "plants")):
        for child in pools[3 * place : 3 * place + 2]:
            for _ in range(5):
                number = case.put(f"{base}{name}/{child}")
                outer[number], inner[number] = name, child
    case.truths = [Truth(outer, said="?classes=deepest")]
    if case.chance(0.5):
        case.options, case.truths = "?classes=deepest", [Truth(inner)]
    return case


def linked(rng: np.random.Generator) -> Case:
    """Class folders or parts that are links to folders elsewhere in the tree, hidden from the reading."""
    case = Case("links", rng)
    classes = classes_of(case)
    whole = case.chance(0.5)
    train: Filled = {}
    test: Filled = {}
    for part, found in (("train", train), ("test", test)):
        for name in classes:
            for _ in range(EACH):
                place = f".pool/{part}/{name}"
                found[case.put(place)] = name
            if not whole:
                case.links[f"set/{part}/{name}"] = place
        if whole:
            case.links[f"set/{part}"] = f".pool/{part}"
    case.truths = [Truth(train, test)]
    case.uncounted = True
    if all(name in LIKE_PARTS for name in classes):
        case.refusable = "classes and parts are called alike"
    if case.chance(0.15):
        case.links[f"set/loop/{pick(rng, names.PLAIN)}"] = "set"
        case.refusable = "a loop of links"
    return case


def around(case: Case, places: list[str]) -> None:
    """Files that lie beside images everywhere."""
    for place in places:
        base = f"{place}/".lstrip("/")
        if case.chance(0.3):
            case.files[base + pick(case.rng, list(names.STRAY))] = b"name,label\n1,2\n"
        if case.chance(0.1):
            case.files[f"{base}{pick(case.rng, list(names.SYSTEM))}/x.png"] = b"no image"
        if case.chance(0.1):
            case.files[f"{base}._0.png"] = b"\0\5\x16\7"
        if case.chance(0.07):
            case.folders.append(f"{base}{pick(case.rng, ['empty', 'new folder', 'other'])}")
            case.remarks.append("an empty folder")
        if case.chance(0.07):
            case.put(place, "stray")
            case.unread += 1
            case.remarks.append(f"a stray image in {place or '.'}")
        if case.chance(0.05) and f"{base}drawing.svg" not in case.files:
            case.files[f"{base}drawing.svg"] = b"<svg></svg>"
            case.unread += 1
            case.remarks.append("an SVG")
