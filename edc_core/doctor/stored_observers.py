"""What the stores know: observers trained on a data set, and the class orders of other data sets."""

import json
from dataclasses import dataclass
from pathlib import Path

CACHES = "datasets"  # where decoded data sets lie, each with its description


@dataclass(frozen=True)
class StoredObserver:
    """A squeezed observer."""

    folder: Path
    network: str
    val_top1: float  # percent, on held-out training images
    seen: bool = False  # those images, by the training of ready-made weights


def observers_of(digest: str, places: tuple[Path, ...]) -> list[StoredObserver]:
    """Observers trained on the data set of that digest, the best first, one of each network."""
    found: dict[str, StoredObserver] = {}
    for place in places:
        for path in sorted((place / "artefacts").glob("*/observer.json")):
            record = _record(path)
            if record.get("digest") != digest:
                continue
            seen = record.get("settings", {}).get("pretrained", "none") != "none"
            witness = StoredObserver(path.parent, str(record["network"]), float(record["val_top1"]), seen)
            if witness.network not in found or found[witness.network].val_top1 < witness.val_top1:
                found[witness.network] = witness
    return sorted(found.values(), key=lambda witness: -witness.val_top1)


def known_orders(places: tuple[Path, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and classes of every data set that has been decoded, by digest."""
    found = {}
    for place in places:
        for path in sorted((place / CACHES).glob("*/info.json")):
            record = _record(path)
            found[record.get("digest")] = str(record.get("name")), tuple(record.get("classes") or ())
    return found


def _record(path: Path) -> dict:
    """A JSON object of the store; {} if the file is damaged, which its reader reports."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
