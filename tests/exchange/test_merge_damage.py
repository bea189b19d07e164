"""Merging a damaged store, and stores that others work on."""

import json
import os
import pickle
import shutil
import signal
import sqlite3
import struct
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from edc_core.errors import StoreError
from edc_core.exchange.merge_stores import merge
from edc_core.store import StageResults, Store
from edc_core.store.files import read_json, write_json
from edc_core.store.migrations import MIGRATIONS
from edc_core.store.verify_stage_result import check
from tests.conftest import answer, edc
from tests.support.forked import Forked
from tests.support.small_stores import (
    MANIFEST,
    RESULT,
    content,
    left_over,
    result,
    rows,
)


def rewrite(path: Path, **values) -> None:
    write_json(path, read_json(path) | values)


def write_header(path: Path, header: bytes) -> None:
    path.write_bytes(struct.pack("<Q", len(header)) + header)


DAMAGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no record": ("synthesise", lambda folder: (folder / "stage.json").unlink()),
    "half a record": ("synthesise", lambda folder: (folder / "stage.json").write_text('{"stage": ')),
    "no object": ("synthesise", lambda folder: (folder / "stage.json").write_text("[1]")),
    "brackets without end": ("synthesise", lambda folder: (folder / "stage.json").write_text("[" * 100_000)),
    "a header of brackets": ("evaluate", lambda folder: write_header(folder / "student.safetensors", b"[" * 100_000)),
    "another key": ("relabel", lambda folder: rewrite(folder / "stage.json", key="0" * 24)),
    "other settings": ("synthesise", lambda folder: rewrite(folder / "stage.json", settings={"number": 9})),
    "other inputs": ("evaluate", lambda folder: rewrite(folder / "stage.json", inputs=[])),
    "another stage": ("score", lambda folder: rewrite(folder / "stage.json", stage="painting")),
    "other images": ("initialise", lambda folder: rewrite(folder / "stage.json", data="other")),
    "no images": ("synthesise", lambda folder: (folder / "images.safetensors").unlink()),
    "cut short": ("synthesise", lambda folder: os.truncate(folder / "images.safetensors", 100)),
    "an endless header": ("evaluate", lambda folder: (folder / "student.safetensors").write_bytes(b"\xff" * 64)),
    "half a picture": ("synthesise", lambda folder: os.truncate(folder / "snapshots" / "000000.png", 30)),
    "a pickle": ("evaluate", lambda folder: (folder / "student.pt").write_bytes(pickle.dumps({}))),
    "a link": ("score", lambda folder: (folder / "more.json").symlink_to("/etc/hostname")),
    "a linked folder": ("synthesise", lambda folder: (folder / "more").symlink_to("/etc")),
    "more than all": ("score", lambda folder: rewrite(folder / "score.json", raw={"top1": 161.0})),
    "words for seconds": ("synthesise", lambda folder: rewrite(folder / "stage.json", seconds="5")),
    "no time": ("relabel", lambda folder: rewrite(folder / "stage.json", finished=float("nan"))),
    "words for figures": ("score", lambda folder: rewrite(folder / "score.json", raw={"top1": "high"})),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_result_is_left_out_and_named_with_the_runs_that_rest_on_it(
    damage: str, theirs: Path, ours: Path
) -> None:
    stage, spoil = DAMAGES[damage]
    with closing(Store(theirs, ())) as store:
        key = next(node["key"] for node in store.run("g-run-1").plan if node["stage"] == stage)
    folder = theirs / "artefacts" / key
    spoil(folder)
    merged = merge(theirs, ours)
    assert merged.stage_results == 9
    assert StageResults(ours).find(key) is None
    assert not left_over(ours)
    said = merged.skipped
    assert said[0].startswith(f"the result '{folder}' is left out: ")
    assert all(len(sentence.splitlines()) == 1 and sentence.endswith(".") for sentence in said)
    needed = stage in ("synthesise", "relabel", "score")  # what a finished run is looked at by
    assert merged.runs == (1 if needed else 2)
    assert [sentence for sentence in said if f"its results of {stage} are not here" in sentence] == said[1:]
    assert len(said) == 1 + needed


def test_a_folder_that_is_no_result_is_named(theirs: Path, ours: Path) -> None:
    (theirs / "artefacts" / "..old").mkdir()
    (theirs / "artefacts" / ("A" * 24)).symlink_to("/etc")
    merged = merge(theirs, ours)
    assert merged.stage_results == 10
    assert len(merged.skipped) == 2
    assert sorted(path.name for path in (ours / "artefacts").iterdir()) == sorted(
        path.name for path in (theirs / "artefacts").iterdir() if len(path.name) == 24 and not path.is_symlink()
    )


def change_row(home: Path, column: str, value: object) -> None:
    with closing(sqlite3.connect(home / "store.sqlite")) as database:
        database.execute(f"UPDATE runs SET {column} = ? WHERE id = 'g-run-1'", (value,))
        database.commit()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "../../x"),
        ("plan", '[{"key": "../x", "stage": "score"}]'),
        ("manifest", "{}"),
        ("result", "{"),
        ("settings", "[" * 100_000),
        ("manifest", '{"dataset": {"digest": "d"}, "more": ' + "[" * 500 + "]" * 500 + "}"),
        ("seed", "x"),
        ("created", "x"),
        ("finished", 9e99),
        ("error", b"x"),
        ("settings", "{}"),
        ("result", json.dumps(RESULT | {"top1_ema": "62.5"})),
        ("manifest", json.dumps(MANIFEST | {"versions": 5})),
    ],
)
def test_a_row_that_no_page_could_read_is_left_out(theirs: Path, ours: Path, column: str, value: object) -> None:
    change_row(theirs, column, value)
    merged = merge(theirs, ours)
    assert (merged.stage_results, merged.runs, len(merged.skipped)) == (10, 1, 1)
    assert column == "id" or merged.skipped[0].endswith(": delete it there, run it again there and merge again.")
    with closing(Store(ours, ())) as store:
        assert [run.id for run in store.runs()] == ["g-run-2"]


def test_looks_that_a_row_claims_are_not_taken_over(theirs: Path, ours: Path) -> None:
    """Looks are counted in rows of their own; a sum of another kind once made every page end."""
    change_row(theirs, "manifest", json.dumps(MANIFEST | {"test_looks": 5}))
    assert merge(theirs, ours).runs == 2
    assert "test_looks" not in json.loads(rows(ours, "SELECT manifest FROM runs WHERE id = 'g-run-1'")[0][0])


def test_what_is_no_store_is_refused(tmp_path: Path, theirs: Path, ours: Path) -> None:
    for wrong, says in ((tmp_path / "nowhere", "is no store"), (ours, "this very store")):
        with pytest.raises(StoreError, match=says):
            merge(wrong, ours)
    with closing(sqlite3.connect(theirs / "store.sqlite")) as database:
        database.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreError, match="newer than this version"):
        merge(theirs, ours)
    for path in theirs.glob("store.sqlite*"):
        path.unlink()
    (theirs / "store.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(StoreError, match="cannot be read"):
        merge(theirs, ours)
    assert not (ours / "artefacts").exists()


def test_a_stage_that_is_being_computed_here_is_left_to_whoever_computes_it(theirs: Path, ours: Path) -> None:
    key = next((theirs / "artefacts").iterdir()).name
    (ours / "partial").mkdir(parents=True)
    with FileLock(ours / "partial" / f"{key}.lock"):
        merged = merge(theirs, ours)
    assert merged.stage_results == 9
    assert "it is being computed here just now" in merged.skipped[0]
    assert merge(theirs, ours).stage_results == 1


def test_one_merge_at_a_time(theirs: Path, ours: Path) -> None:
    (ours / "partial").mkdir(parents=True)
    with (
        FileLock(ours / "partial" / "merge.lock"),
        pytest.raises(StoreError, match="another import or merge"),
    ):
        merge(theirs, ours)
    assert merge(theirs, ours).stage_results == 10


def test_a_store_at_work_is_read_while_it_is_written(theirs: Path, ours: Path) -> None:
    with closing(Store(theirs, ())) as store:
        store.database.execute("BEGIN IMMEDIATE")  # a writer in the midst of its work
        store.database.execute("INSERT INTO looks VALUES ('k', 'd', 'r', 1)")
        assert merge(theirs, ours).plain()["looks"] == 0
        store.database.execute("COMMIT")
    assert merge(theirs, ours).looks == 1


def test_a_killed_merge_leaves_nothing_half_and_the_next_one_ends_it(theirs: Path, ours: Path, tmp_path: Path) -> None:
    for number in range(10, 130):
        result(theirs, "synthesise", number=number)
    process = Forked(["merge", str(theirs)], ours, tmp_path / "said")
    while process.poll() is None and not list((ours / "artefacts").glob("*")):
        time.sleep(0.002)
    process.send(signal.SIGKILL)
    process.wait(20)
    whole = list((ours / "artefacts").iterdir())
    for folder in whole:
        check(folder, folder.name)
    merged = merge(theirs, ours)
    assert (merged.stage_results + merged.there, merged.there) == (130, len(whole))
    assert content(ours) == content(theirs)
    assert not left_over(ours)


def test_the_command_answers_with_counts_and_names_what_it_left_out(theirs: Path, ours: Path) -> None:
    key = next((theirs / "artefacts").iterdir())
    shutil.rmtree(key / "snapshots", ignore_errors=True)
    (key / "stage.json").write_text("{")
    done = edc("merge", str(theirs), home=ours)
    said = answer(done)
    assert (said["stage_results"], said["home"], len(done.stdout.splitlines())) == (9, str(ours), 1)
    assert said["skipped"][0] in done.stderr
    wrong = edc("merge", str(theirs / "none"), home=ours, check=False)
    assert wrong.returncode == 1
    assert "is no store" in wrong.stderr
    assert len(wrong.stderr.strip().splitlines()) == 1
    assert json.loads(done.stdout)["runs"] in (1, 2)
