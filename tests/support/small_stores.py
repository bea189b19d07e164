"""Small stores made by hand, with results as stages leave them, so that nothing has to be computed."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import save

from edc_core.stage_graph import stable_hash
from edc_core.store import Store
from edc_core.store.files import write_bytes, write_json

IMAGES = {"images": np.zeros((4, 1, 2, 2), np.uint8), "labels": np.arange(4) // 2}


def result(home: Path, stage: str, name: str = "", number: int = 0, inputs: tuple[str, ...] = ()) -> str:
    """A finished result as a stage leaves it; gives its key."""
    settings = {"split": "val", "weights": "ema"} if stage == "score" else {"number": number}
    if stage == "evaluate":
        settings |= {"students": ["tiny"], "seeds": 1, "seed": 0}
    parts = {"initialise": [2], "squeeze": [name]}.get(stage, [])  # initialise: two images of each class
    keyed = {"score": "val", "evaluate": ["tiny", number, {"number": number}]}.get(stage, settings)
    key = stable_hash(stage, 1, "data", keyed, list(inputs), parts)
    folder = home / "artefacts" / key
    folder.mkdir(parents=True)
    write_json(
        folder / "stage.json",
        {"stage": stage, "name": name, "key": key, "settings": settings, "inputs": list(inputs), "data": "data"}
        | {"code_version": 1, "seconds": 1.0, "versions": {}, "finished": 2.0},
    )
    if stage in ("initialise", "synthesise"):
        pixels = IMAGES["images"].astype(np.float32) if stage == "initialise" else IMAGES["images"]
        write_bytes(folder / "images.safetensors", save(IMAGES | {"images": pixels}))
        (folder / "snapshots").mkdir()
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(folder / "snapshots" / "000000.png")
    if stage == "relabel":
        write_bytes(
            folder / "labels.safetensors", save({"labels": IMAGES["labels"], "logits": np.zeros((4, 2), np.float32)})
        )
        write_json(folder / "labels.json", {})
    if stage == "evaluate":
        write_bytes(
            folder / "student.safetensors",
            save({f"{kind}.weight": np.zeros((2, 3), np.float32) for kind in ("raw", "ema")}),
        )
        write_json(folder / "student.json", {"network": "tiny", "seed": number})
    if stage == "score":
        write_json(folder / "score.json", {"split": "val", "raw": {"top1": 61.5}, "ema": {"top1": 62.5}})
    return key


def finished(home: Path, number: int = 0, state: str = "finished") -> dict[str, str]:
    """A run with all its results; stage -> key."""
    keys = {"initialise": result(home, "initialise", number=number)}
    for stage in ("synthesise", "relabel", "evaluate", "score"):
        name = f"tiny/{number}" if stage in ("evaluate", "score") else ""
        keys[stage] = result(home, stage, name, number, (list(keys.values())[-1],))
    register(home, f"g-run-{number}", keys, state)
    return keys


JUDGED = {"students": ["tiny"], "seeds": 1, "seed": 0}
SETTINGS = {"preset": "G", "protocol": "edc", "dataset": "x", "ipc": 2, "evaluate": JUDGED}
ABOUT = {"name": "x", "digest": "d", "classes": ["a", "b"], "size": 2, "channels": 1}
MANIFEST = {"versions": {"python": "3.11"}, "dataset": ABOUT | {"train_counts": [2, 2], "test_count": 4}}
STUDENT = {"student": "tiny", "seed": 0, "top1": 61.5, "top1_ema": 62.5, "top5": 100.0, "top5_ema": 100.0}
RESULT = {"top1": 61.5, "top1_ema": 62.5, "headline": "top1_ema", "split": "val", "students": [STUDENT]}


def register(home: Path, run: str, keys: dict[str, str], state: str, title: str = "") -> None:
    plan = [{"stage": stage, "name": "", "key": key} for stage, key in keys.items()]
    with closing(Store(home, ())) as store:
        store.claim_or_resume(run, SETTINGS, plan, MANIFEST)
        if state != "running":
            store.finish(run, state, RESULT if state == "finished" else None)
        store.database.execute("UPDATE runs SET title = ?, owner = 'somebody' WHERE id = ?", (title, run))


def content(home: Path) -> dict[str, bytes]:
    """Everything under a store's results, by path."""
    place = home / "artefacts"
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def rows(home: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(home / "store.sqlite")) as database:
        return sorted(database.execute(query).fetchall())


def left_over(home: Path) -> list[Path]:
    return [path for path in (home / "partial").iterdir() if path.suffix != ".lock"]
