"""Scores of finished matrices, published without their stage results, by the score's key.

A bundled matrix keeps its figures and what they rest on, not its thousands of images and students. Keys
hold everything that decides a result, so an answer is found by whoever asks for the same run.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from edc_core.environment import ASSETS
from edc_core.errors import StoreError
from edc_core.store import StageResults
from edc_core.store.files import read_json

PUBLISHED = ASSETS / "ablations"
FORMAT = 1


class ScoreLookup:
    """Scores by key: from the store's stage results first, then from stored matrices."""

    def __init__(self, stage_results: StageResults, places: Sequence[Path] = (PUBLISHED,)) -> None:
        self.stage_results, self.places = stage_results, tuple(places)

    def score(self, key: str) -> dict[str, Any] | None:
        """{"split", "raw": top-1 in percent, "ema": ..., "stored": the matrix that it comes from, or None}."""
        if folder := self.stage_results.find(key):
            scores = read_json(folder / "score.json")
            return {
                "split": scores["split"],
                "raw": scores["raw"]["top1"],
                "ema": scores["ema"]["top1"],
                "stored": None,
            }
        for place in self.places:
            for record in published_matrices(place):
                if found := record["scores"].get(key):
                    split, raw, ema = found
                    return {"split": split, "raw": raw, "ema": ema, "stored": record["name"]}
        return None


def published_matrices(place: Path = PUBLISHED) -> tuple[dict[str, Any], ...]:
    """The matrices kept in a folder, by name.

    Raises:
        StoreError: a file is damaged or of another format.
    """
    files = tuple(sorted(place.glob("*.json"))) if place.is_dir() else ()
    return tuple(_read(path, path.stat().st_mtime_ns) for path in files)


@lru_cache(32)
def _read(path: Path, changed: int) -> dict[str, Any]:
    record = read_json(path)
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise StoreError(f"'{path}' is no stored matrix of format {FORMAT}: make it again with 'ablate --out'.")
    return record
