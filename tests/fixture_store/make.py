"""A store, a bundle and an export of one version of EDC Lab, for every later version to open.

    git worktree add /tmp/f70949d f70949d
    python tests/fixture_store/make.py /tmp/f70949d

It stands here for the record: what it wrote is kept as it is, so it refuses to write over it. A second
fixture, of a later version, gets a folder of its own.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).resolve().parent
FILES = ("store.tar.xz", "bundle.zip", "export.zip", "expected.json")
GONE = Path("/tmp/edc-lab-fixture")  # a folder of pictures that no other machine has
JUDGED = ["--profile", "tiny", "--set", "relabel.observers=convnet-d3-w8", "--student", "convnet-d3-w8"]
SMALL = [*JUDGED, "--set", "synthesise.observers=convnet-d3-w8"]
INTERRUPTED = ["run", *SMALL, "--ipc", "1", "--seed", "5", "--set", "views.epochs=400", "--split", "val"]
MATRIX = ["ablate", *SMALL, "--kind", "ladder", "--presets", "A,G", "--ipc", "2", "--seeds", "2"]
CODE, NICKNAME = "oak-fixture", "ada"
PAUSE = 90  # seconds, as if the lid were shut: a stage that goes on from its checkpoint has them on its account


def main(tree: Path) -> None:
    if taken := [name for name in FILES if (HERE / name).exists()]:
        sys.exit(f"{HERE} holds {', '.join(taken)}, which stay as they are: make another fixture in another folder.")
    sys.path.insert(0, str(tree))
    os.environ["EDC_WORKER_IDLE_SECONDS"] = "1"
    with tempfile.TemporaryDirectory(prefix="edc-fixture-") as scratch:
        place = Path(scratch)
        home = place / "home"
        expected = {"version": version_of(tree)} | filled(tree, home, place)
        (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
        folded(home / "store.sqlite")
        shutil.rmtree(home / "datasets")  # decoded pixels of the embedded data set, found again by any version
        shutil.rmtree(home / "logs")  # they name the folder that it was made in
        with tarfile.open(HERE / "store.tar.xz", "w:xz") as archive:
            archive.add(home, ".")
        pack(place / "export", HERE / "export.zip")
        shutil.copy(place / "bundle.zip", HERE / "bundle.zip")
    shutil.rmtree(GONE)


def filled(tree: Path, home: Path, place: Path) -> dict:
    """Fill the store; gives what it says of itself."""

    def edc(*words: str) -> str:
        surroundings = os.environ | {"EDC_HOME": str(home)}
        done = subprocess.run(
            [sys.executable, "-m", "edc_core", *words], cwd=tree, env=surroundings, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(f"{' '.join(words)}: {done.stderr[-2000:]}")
        return done.stdout

    def answer(*words: str) -> dict:
        return json.loads(edc(*words).strip().splitlines()[-1])

    from edc_core.bundle import zip_of
    from edc_core.store import Store

    runs = {
        "edc": answer("run", *SMALL, "--ipc", "2", "--seeds", "2", "--split", "val"),
        "random": answer("run", *SMALL, "--ipc", "2", "--seed", "1", "--preset", "random", "--protocol", "hard"),
        "later": answer("run", *SMALL, "--ipc", "1", "--seed", "2", "--preset", "EDC+", "--split", "val"),
    }
    runs["stored labels"] = answer("relabel", runs["edc"]["run"], "--stored")
    interrupted = killed([sys.executable, "-m", "edc_core", *INTERRUPTED], tree, home)
    matrix = answer(*MATRIX, "--out", str(place / "matrix.json"))
    asked = ask_for_a_matrix(home, edc)
    with closing(Store(home)) as store:
        (place / "bundle.zip").write_bytes(zip_of(store, store.run(runs["random"]["run"])))
    exported = answer("export", runs["edc"]["run"], str(place / "export"), "--observers")
    surface = answer("landscape", runs["edc"]["run"], "--grid", "5", "--images", "100", "--split", "val")
    given = answer("evaluate", "--images", str(place / "bundle.zip"), *JUDGED, "--no-controls", "--split", "val")
    listed, person = other_rows(home)
    return {
        "runs": runs,
        "interrupted": interrupted,
        "matrix": {"words": MATRIX, "answer": matrix, "record": json.loads((place / "matrix.json").read_text())},
        "asked": asked,
        "bundle": runs["random"]["run"],
        "export": exported | {"folder": ""},
        "landscape": surface["landscapes"][0] | {"folder": ""},
        "given": given,
        "listed": listed,
        "person": person,
        "rows": [json.loads(line) for line in edc("runs", "--json").splitlines()],
    }


def killed(command: list[str], tree: Path, home: Path) -> dict:
    """Kill a run with -9 when its student has learned for a good while; gives what its checkpoint is worth."""
    surroundings = os.environ | {"EDC_HOME": str(home), "EDC_CHECKPOINT_SECONDS": "0.3", "EDC_THREADS": "1"}
    process = subprocess.Popen(command, cwd=tree, env=surroundings, stderr=subprocess.DEVNULL)
    while True:
        time.sleep(0.2)
        with closing(sqlite3.connect(home / "store.sqlite")) as database:
            rows = database.execute("SELECT id, progress FROM runs WHERE pid = ?", (process.pid,)).fetchall()
        progress = json.loads(rows[0][1] or "{}") if rows else {}
        if progress.get("stage") == "evaluate" and progress.get("done", 0) >= 0.6 * progress["total"]:
            break
        assert process.poll() is None, "it ended before it was killed"
    process.send_signal(signal.SIGSTOP)
    time.sleep(PAUSE)
    process.send_signal(signal.SIGCONT)
    while (seconds := checkpointed(home)) < PAUSE:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {"run": rows[0][0], "words": INTERRUPTED, "progress": progress, "seconds": seconds}


def checkpointed(home: Path) -> float:
    """Seconds that went into the one checkpoint of the store."""
    from edc_core.store.tensors import load_state

    (checkpoint,) = (home / "partial").rglob("checkpoint.safetensors")
    return load_state(checkpoint)["seconds so far"]


def folded(database: Path) -> None:
    """One file in place of three, once every worker that the queue started has ended."""
    while database.with_name("store.sqlite-wal").exists():
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        time.sleep(0.5)


def ask_for_a_matrix(home: Path, edc) -> dict:
    """A matrix asked for as the page's builder does, and worked off by the queue's worker."""
    from edc_core.ablation import parse_design
    from edc_core.jobs import Person
    from edc_core.jobs.matrices import submit_matrix
    from edc_core.store import Store

    changes = {"synthesise.observers": ["convnet-d3-w8"], "relabel.observers": ["convnet-d3-w8"]}
    values = {"kind": "leave-one-out", "choices": ["ema-evaluation"], "settings": "tiny", "ipcs": [1], "seeds": 1}
    design = parse_design(values | {"students": ["convnet-d3-w8"], "changes": changes, "first_seed": 7})
    with closing(Store(home)) as store:
        name = submit_matrix(store, design, Person(), "Does averaging help?")
        while store.database.row("SELECT 1 FROM ablation_work WHERE state = 'running'"):
            edc("worker", "--idle", "1")
    return {"id": name, "title": "Does averaging help?", "design": design.model_dump(mode="json")}


def other_rows(home: Path) -> tuple[str, dict]:
    """A folder on the list of data sets that is gone since, and somebody of a class."""
    from PIL import Image

    from edc_core.jobs import Classroom, Person, datasets, people
    from edc_core.store import Store

    for number, (split, name) in enumerate((split, name) for split in ("train", "test") for name in ("cat", "dog")):
        for index in range(4):
            path = GONE / "animals" / split / name / f"{index}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (32, 32), (60 * number, 50 * index, 99)).save(path)
    with closing(Store(home)) as store:
        listed = datasets.add(store, str(GONE / "animals"), Person(teacher=True))
        people.enter(store, Classroom(CODE, None), CODE, NICKNAME)
    return listed, {"code": CODE, "nickname": NICKNAME}


def version_of(tree: Path) -> str:
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=tree, capture_output=True, text=True, check=True).stdout[:7]


def pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
