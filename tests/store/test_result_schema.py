"""What a stage leaves is told from what only looks like it, by headers, class numbers and pictures."""

import json
import shutil
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from edc_core.data.external_sets.given import save_given
from edc_core.errors import StoreError
from edc_core.exchange.merge_stores import merge
from edc_core.store import BUNDLED, StageResults, Store
from edc_core.store.files import read_json
from edc_core.store.result_owners import expected_by_key
from edc_core.store.result_schema import Expected, check_shapes
from edc_core.store.safetensors_headers import arrays_of
from edc_core.store.verify_stage_result import check
from tests.support.small_stores import IMAGES, MANIFEST, SETTINGS, finished, left_over, rows

Arrays = dict[str, np.ndarray]
FASHION = Expected("a-run", 10, 1, 28, 10)


def test_every_result_that_comes_with_the_project_is_sound() -> None:
    """All kinds of presets and stages: none is refused that a stage wrote."""
    with closing(Store()) as store:
        runs = [run for run in store.runs() if run.bundled]
    text = ("settings", "plan", "manifest", "progress", "result")
    expected = expected_by_key([vars(run) | {name: json.dumps(getattr(run, name)) for name in text} for run in runs])
    stages, by_run = set(), 0
    for folder in sorted((BUNDLED / "artefacts").iterdir()):
        check(folder, folder.name, expected.get(folder.name, [FASHION]))
        stages.add(read_json(folder / "stage.json")["stage"])
        by_run += folder.name in expected
    assert stages == {"squeeze", "statistics", "initialise", "synthesise", "relabel", "evaluate", "score"} | {
        "neighbours",
        "landscape",
    }
    assert by_run > 40


def of_stage(stage: str, file: str) -> Path:
    """A bundled result of that stage which has such a file."""
    for path in sorted((BUNDLED / "artefacts").glob(f"*/{file}.safetensors")):
        if read_json(path.parent / "stage.json")["stage"] == stage:
            return path
    raise KeyError(stage)


SPOILT: dict[str, tuple[str, str, Callable[[Arrays], Arrays], str]] = {
    "a neighbour of no class": (
        "neighbours",
        "neighbours",
        lambda a: a | {"pixel.labels": a["pixel.labels"] + 90},
        "'pixel.labels' in 'neighbours.safetensors' holds 99, which is none of 0 to 9",
    ),
    "a space without distances": (
        "neighbours",
        "neighbours",
        lambda a: {name: array for name, array in a.items() if name != "feature.distances"},
        "'neighbours.safetensors' has no 'feature.distances'",
    ),
    "neighbours of other pixels": (
        "neighbours",
        "neighbours",
        lambda a: a | {"pixel.nearest": a["pixel.nearest"][..., :9]},
        "is U8 of the shape 100 x 1 x 28 x 9, which should be U8 of 100 images x 1 channels x 28 pixels x 28 pixels",
    ),
    "a surface of other places": (
        "landscape",
        "surface",
        lambda a: a | {"x": a["x"][:-1]},
        "in 'surface.safetensors' is F64 of the shape 21 x 21",
    ),
    "a student without averages": (
        "evaluate",
        "student",
        lambda a: {name: array for name, array in a.items() if name.startswith("raw.")},
        "'student.safetensors' holds other arrays than a network's raw and averaged weights",
    ),
    "a student of other classes": (
        "evaluate",
        "student",
        lambda a: {name: array[:7] if array.shape[:1] == (10,) else array for name, array in a.items()},
        "no layer in 'student.safetensors' tells the 10 classes of the data set apart",
    ),
    "weights of no epoch": (
        "evaluate",
        "path",
        lambda a: {f"x{name}": array for name, array in a.items()},
        "in 'path.safetensors' is of no epoch",
    ),
    "a start in bytes": (
        "initialise",
        "images",
        lambda a: a | {"images": a["images"].astype(np.uint8)},
        "'images' in 'images.safetensors' is U8 .* which should be F32",
    ),
}


@pytest.mark.parametrize("case", SPOILT)
def test_arrays_that_no_stage_leaves_are_named(case: str, tmp_path: Path) -> None:
    stage, file, make, says = SPOILT[case]
    path = of_stage(stage, file)
    folder = Path(shutil.copytree(path.parent, tmp_path / path.parent.name))
    made = {name: np.ascontiguousarray(array) for name, array in make(load(path.read_bytes())).items()}
    (folder / path.name).write_bytes(save(made))
    with pytest.raises(StoreError, match=says):
        check(folder, folder.name, [FASHION])


def test_groups_and_labels_stored_ahead_are_looked_at_too(tmp_path: Path) -> None:
    """Difficulty's groups of each observer, and a shard an epoch, as their stages leave them."""
    moments = {name: np.zeros((20, 5), np.float32) for name in ("mean", "within", "between")}
    groups, two = {"group": np.arange(40) % 20, "rank": np.zeros(40, np.float32)}, Expected("a-run", 10, 1, 28, 2)
    (tmp_path / "groups.safetensors").write_bytes(save(groups))
    (tmp_path / "one.safetensors").write_bytes(save(moments | {"count": np.ones(20, np.int64)}))
    check_shapes(tmp_path, "difficulty", two)
    with pytest.raises(StoreError, match="'group' in 'groups.safetensors' holds 19, which is none of 0 to 9"):
        check_shapes(tmp_path, "difficulty", Expected("a-run", 10, 1, 28, 1))
    labels = {"labels": np.arange(20) % 10, "logits": np.zeros((20, 10), np.float32)}
    (place := tmp_path / "relabel" / "soft").mkdir(parents=True)
    (place.parent / "labels.safetensors").write_bytes(save(labels))
    for epoch, views in enumerate((20, 7)):
        shard = {"rows": np.arange(views, dtype=np.int32), "values": np.zeros((views, 3), np.float16)}
        shard |= {"classes": np.full((views, 3), 2 + 8 * epoch, np.int16), "others": np.zeros(views, np.float16)}
        (place / f"epoch-{epoch:06d}.safetensors").write_bytes(save(shard))
    with pytest.raises(StoreError, match="'classes' in 'epoch-000001.safetensors' holds 10, which is none of 0 to 9"):
        check_shapes(place.parent, "relabel", two)
    (place / "epoch-000001.safetensors").unlink()
    check_shapes(place.parent, "relabel", two)


@pytest.mark.parametrize("shape", [[2**40], [2**62, 4], [-1], [1.5], [True]])
def test_a_shape_that_its_bytes_are_not_is_refused_from_the_header(shape: list, tmp_path: Path) -> None:
    header = json.dumps({"x": {"dtype": "U8", "shape": shape, "data_offsets": [0, 4]}}).encode()
    (tmp_path / "x.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + bytes(4))
    with pytest.raises((StoreError, ValueError), match="says that its 'x'|no place and shape"):
        arrays_of(tmp_path / "x.safetensors")


# Another store ----------------------------------------------------------------------------------------


def spoil(home: Path, key: str, **arrays: np.ndarray) -> None:
    path = home / "artefacts" / key / "images.safetensors"
    path.write_bytes(save(IMAGES | arrays))


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"images": np.zeros((4, 1, 1, 1), np.uint8)}, "4 x 1 x 1 x 1, which should be U8 of 4|2 pixels x 2 pixels"),
        ({"images": np.zeros((4, 1, 2, 2), np.float64)}, "is F64 of the shape 4 x 1 x 2 x 2, which should be U8"),
        ({"labels": np.array([0, 0, 1, 99])}, "'labels' in 'images.safetensors' holds 99, which is none of 0 to 1"),
    ],
)
def test_merge_leaves_out_what_does_not_fit_the_run_and_says_what_to_do(arrays, says, tmp_path: Path) -> None:
    keys = finished(theirs := tmp_path / "theirs", 1)
    spoil(theirs, keys["synthesise"], **arrays)
    merged = merge(theirs, ours := tmp_path / "ours")
    assert (merged.stage_results, merged.runs) == (4, 0)
    assert StageResults(ours).find(keys["synthesise"]) is None
    assert not left_over(ours)
    with pytest.raises(StoreError, match=says):
        raise StoreError(merged.skipped[0])
    assert merged.skipped[0].endswith(": delete it there, run it again there and merge again.")


def test_a_run_whose_row_does_not_fit_the_results_here_is_left_out(tmp_path: Path) -> None:
    finished(tmp_path / "ours", 1)
    finished(tmp_path / "theirs", 1)
    about = MANIFEST["dataset"] | {"classes": ["a"], "train_counts": [4]}
    with closing(Store(tmp_path / "ours", ())) as store:
        store.database.execute("DELETE FROM runs")
    with closing(Store(tmp_path / "theirs", ())) as store:
        store.database.execute("UPDATE runs SET manifest = ?", (json.dumps(MANIFEST | {"dataset": about}),))
    merged = merge(tmp_path / "theirs", tmp_path / "ours")
    assert (merged.there, merged.runs) == (5, 0)
    assert "which is none of 0 to 0" in merged.skipped[0]


def test_an_imported_set_of_another_stores_run_fits_its_data_set(tmp_path: Path) -> None:
    keys = finished(theirs := tmp_path / "theirs", 1)
    digest = save_given(theirs, np.zeros((4, 1, 3, 3), np.uint8), IMAGES["labels"])
    start = {"initialise": {"kind": "given", "images": digest}}
    with closing(Store(theirs, ())) as store:
        store.database.execute("UPDATE runs SET settings = ?", (json.dumps(SETTINGS | start),))
    merged = merge(theirs, tmp_path / "ours")
    assert merged.sets == 0
    assert (
        f"the imported set '{theirs / 'given' / digest}.safetensors' is left out: its images are of (1, 3, 3)"
        in (merged.skipped[0])
    )
    assert not list((tmp_path / "ours" / "given").glob("*"))
    assert len(keys) == 5
    assert len(rows(theirs, "SELECT id FROM runs")) == 1
