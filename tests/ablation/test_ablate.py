"""Matrices at work: shared stages, shards, stored answers, and the command `ablate`."""

import json
from pathlib import Path

import pytest

from edc_core.ablation import ScoreLookup, build_matrix, parse_design
from edc_core.ablation.design import Design, cells_of
from edc_core.ablation.execution import execute_matrix, matrix_record
from edc_core.ablation.matrix import Job, Matrix, pending_nodes, profile_of
from edc_core.ablation.results import by_cell, rows_of
from edc_core.cli.options import app
from edc_core.data import describe
from edc_core.errors import SettingsError
from edc_core.exchange.merge_stores import merge
from edc_core.store import StageResults
from edc_core.store.files import read_json, write_json
from tests.conftest import edc

DATA = "fashion-mnist-mini"
DIGEST = describe(DATA).digest
SMALL = ("flatness", "ema-evaluation")


def design(kind: str, **values) -> Design:
    return parse_design({"kind": kind, "settings": "lab", "seeds": 1} | values)


# Matrices, shards, what is left to do ---------------------------------------------------------------


def images_of(job: Job) -> str:
    return next(node.key for node in job.prepared.nodes if node.stage == "synthesise")


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    """Synthesis and evaluation choices, two seeds, on the tiny settings."""
    return build_matrix(design("factorial", choices=[*SMALL, "small-batch"], settings="tiny", ipcs=[1, 2], seeds=2))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 100])
def test_shards_divide_the_jobs_and_keep_shared_images_together(matrix: Matrix, count: int) -> None:
    shards = [matrix.shard(number, count).jobs for number in range(1, count + 1)]
    assert sorted(job.prepared.run for shard in shards for job in shard) == sorted(j.prepared.run for j in matrix.jobs)
    places: dict[str, set[int]] = {}
    for number, shard in enumerate(shards):
        for job in shard:
            places.setdefault(images_of(job), set()).add(number)
    assert all(len(numbers) == 1 for numbers in places.values())
    assert {len(shard) for shard in shards[:2]} == {len(shards[0])}  # of equal weight as far as they go


def test_jobs_come_seed_by_seed_with_shared_images_close(matrix: Matrix) -> None:
    order = [(job.seed, images_of(job)) for job in matrix.jobs]
    assert [seed for seed, _ in order] == sorted(seed for seed, _ in order)
    changes = sum(before != after for before, after in zip(order, order[1:], strict=False))
    assert changes == len(set(order)) - 1


def test_what_is_to_do_holds_each_shared_stage_once(matrix: Matrix) -> None:
    everything = pending_nodes(matrix.jobs, lambda key: False, lambda key: False)
    stages = [node.stage for node in everything]
    assert len({node.key for node in everything}) == len(everything)
    # 2 IPC x 2 seeds x flatness; batch size makes another student, the choice of weights none
    assert (stages.count("synthesise"), stages.count("evaluate"), stages.count("score")) == (8, 16, 16)
    assert stages.count("squeeze") == 2
    assert "neighbours" not in stages


def test_what_is_answered_or_found_is_not_to_do(matrix: Matrix) -> None:
    one = matrix.jobs[0]
    half = pending_nodes(matrix.jobs, lambda key: key in one.score_keys, lambda key: key == images_of(one))
    assert {images_of(one), *one.score_keys}.isdisjoint(node.key for node in half)
    assert not pending_nodes(matrix.jobs, lambda key: True, lambda key: False)
    resting = pending_nodes([one], lambda key: False, lambda key: key == images_of(one))
    assert {node.stage for node in resting} == {"squeeze", "relabel", "evaluate", "score"}  # labels need observers


def test_too_many_runs_are_refused() -> None:
    with pytest.raises(SettingsError, match="more than 20000 runs"):
        build_matrix(design("factorial", seeds=100))


# Answers --------------------------------------------------------------------------------------------


def test_a_stored_record_answers_by_key_and_stage_results_come_first(matrix: Matrix, tmp_path: Path) -> None:
    keys = [key for job in matrix.jobs for key in job.score_keys]
    record = {"format": 1, "name": "small", "scores": {keys[0]: ["val", 61.0, 62.5]}}
    write_json(tmp_path / "small.json", record)
    lookup = ScoreLookup(StageResults(tmp_path), (tmp_path,))
    assert lookup.score(keys[0]) == {"split": "val", "raw": 61.0, "ema": 62.5, "stored": "small"}
    other = next(key for key in keys if key != keys[0])
    assert lookup.score(other) is None
    (tmp_path / "artefacts" / keys[0]).mkdir(parents=True)
    write_json(
        tmp_path / "artefacts" / keys[0] / "score.json", {"split": "val", "raw": {"top1": 1.0}, "ema": {"top1": 2.0}}
    )
    assert lookup.score(keys[0]) == {"split": "val", "raw": 1.0, "ema": 2.0, "stored": None}


def test_rows_tell_the_weights_that_a_cell_scores_in_the_designs_order(matrix: Matrix, tmp_path: Path) -> None:
    scores = {key: ["val", 60.0, 70.0] for job in matrix.jobs for key in job.score_keys}
    write_json(tmp_path / "all.json", {"format": 1, "name": "all", "scores": scores})
    rows = rows_of(matrix, ScoreLookup(StageResults(tmp_path), (tmp_path,)))
    assert len(rows) == len(matrix.jobs)
    assert {("ema-evaluation" in row.on, row.top1) for row in rows} == {(True, 70.0), (False, 60.0)}
    told = [cell.name for cell in cells_of(matrix.design, profile_of(matrix.design, describe(DATA)))]
    assert [row.cell for row in rows if (row.ipc, row.seed) == (1, 0)] == told
    of_one = [row for row in rows if row.ipc == 1]
    assert by_cell(of_one, on=True)[frozenset()] == {0: 60.0, 1: 60.0}
    assert list(by_cell(of_one)) == told


# The command ----------------------------------------------------------------------------------------


def ablate(*arguments: str, home: Path) -> int | None:
    """`python -m edc_core ablate` in this process; gives its exit status where it is not 0."""
    return app(["ablate", *arguments, "--home", str(home)], standalone_mode=False)


SQUARE = ("--kind", "factorial", "--choices", ",".join(SMALL), "--profile", "tiny", "--seeds", "1", "--ipc", "1")
SQUARE += ("--set", "synthesise.iterations=3", "--set", "views.epochs=2")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, decoded) -> Path:
    """A 2 x 2 of one seed, computed in one store."""
    home = decoded(tmp_path_factory.mktemp("whole"))
    assert not ablate(*SQUARE, "--out", str(home / "square.json"), home=home)
    return home


def test_two_shards_in_two_stores_merged_equal_the_whole(whole: Path, tmp_path: Path, decoded) -> None:
    for number in (1, 2):
        assert not ablate(*SQUARE, "--shard", f"{number}/2", home=decoded(tmp_path / f"store{number}"))
    merged = tmp_path / "merged"
    for number in (1, 2):
        assert not merge(tmp_path / f"store{number}", merged).skipped
    assert stage_results(merged) == stage_results(whole)
    assert stage_results(tmp_path / "store1") != stage_results(whole) != stage_results(tmp_path / "store2")
    ablate(*SQUARE, "--out", str(tmp_path / "square.json"), home=merged)  # every answer is there: nothing is computed
    assert stage_results(merged) == stage_results(whole)
    records = [read_json(home / "square.json") for home in (tmp_path, whole)]
    assert len(records[0]["scores"]) == 2  # the choice of weights costs no training
    for name in ("design", "datasets", "scores", "code_versions"):
        assert records[0][name] == records[1][name]


def stage_results(home: Path) -> dict[str, bytes]:
    """Every result by key: its tensors and figures, bit for bit."""
    return {
        f"{path.parent.name}/{path.name}": path.read_bytes()
        for name in ("*.safetensors", "score.json", "student.json", "labels.json")
        for path in (home / "artefacts").glob(f"*/{name}")
    }


def test_a_second_run_computes_nothing(whole: Path) -> None:
    values = {"choices": SMALL, "settings": "tiny", "ipcs": [1]}
    again = build_matrix(design("factorial", **values, changes={"synthesise.iterations": 3, "views.epochs": 2}))
    lookup = ScoreLookup(StageResults(whole), ())
    assert all(lookup.score(key) for job in again.jobs for key in job.score_keys)
    before = {path: path.stat().st_mtime_ns for path in (whole / "artefacts").rglob("*")}
    heard = []
    assert execute_matrix(again, whole, told=lambda *said: heard.append(said)) == {}
    assert heard == []
    assert {path: path.stat().st_mtime_ns for path in (whole / "artefacts").rglob("*")} == before


def test_the_record_of_a_matrix_is_what_answers_read(whole: Path, tmp_path: Path) -> None:
    record = read_json(whole / "square.json")
    assert record["design"]["kind"] == "factorial"
    assert record["datasets"][DATA]["digest"] == DIGEST
    assert record["seconds"]["evaluate"]["stages"] == 2
    laid_out = build_matrix(parse_design(record["design"]))
    write_json(tmp_path / "square.json", record)
    rows = rows_of(laid_out, ScoreLookup(StageResults(tmp_path / "none"), (tmp_path,)))
    assert [row.stored for row in rows] == ["square"] * 4
    own = rows_of(laid_out, ScoreLookup(StageResults(whole), ()))
    assert [row.top1 for row in rows] == pytest.approx([row.top1 for row in own], abs=1e-4)
    assert matrix_record(laid_out, "square", whole)["scores"] == record["scores"]
    # Made again beside the stored one, in this store or in an empty one: no second is lost or counted twice.
    for place in (whole, tmp_path / "none"):
        again = matrix_record(laid_out, "square", place, places=(tmp_path,))
        assert again["scores"] == record["scores"]
        assert again["seconds"]["evaluate"] == record["seconds"]["evaluate"]


def test_a_failing_cell_is_named_and_does_not_stop_the_others(whole: Path, tmp_path: Path, decoded, capsys) -> None:
    merge(whole, decoded(tmp_path))
    flat = [
        job
        for job in build_matrix(parse_design(read_json(whole / "square.json")["design"])).jobs
        if "flatness" in job.cell.on
    ]
    (tmp_path / "artefacts" / images_of(flat[0]) / "images.safetensors").write_bytes(b"half")
    for node in flat[0].prepared.nodes:
        if node.stage in ("evaluate", "score"):
            StageResults(tmp_path).remove(node.key)
    assert ablate(*SQUARE, home=tmp_path) == 1
    printed = capsys.readouterr()
    said = json.loads(printed.out.splitlines()[-1])
    assert said["runs"] == 4
    assert set(said["failed"]) == {job.prepared.run for job in flat}
    assert all("is missing or damaged" in sentence for sentence in said["failed"].values())
    assert "4/4" in printed.err


WRONG = [
    (("--kind", "ladders"), "--kind is 'ladders'"),
    (("--presets", "A,H"), "preset 'H' is unknown"),
    (("--presets", ","), "presets is empty: choose at least one."),
    (("--presets", "A,A"), "name each one once"),
    (("--kind", "factorial", "--choices", "flat"), "did you mean 'flatness'?"),
    (("--kind", "fractional", "--choices", "flatness,backbones"), "choose 3 to 8 choices"),
    (("--choices", "flatness"), "--choices is 'flatness', but --kind ladder reads none"),
    (("--kind", "factorial", "--presets", "A"), "--presets is 'A', but --kind factorial"),
    (("--kind", "waterfall", "--protocol", "hard"), "only a ladder is judged by one"),
    (("--seeds", "0"), "seeds is 0"),
    (("--seeds", "few"), "'few' is not a whole number"),
    (("--first-seed", "-1"), "first_seed is -1"),
    (("--ipc", "1;10"), "--ipc is '1;10'"),
    (("--ipc", "10,10"), "name each one once"),
    (("--ipc", "901"), "choose at most 900"),
    (("--split", "train"), "split is 'train'"),
    (("--profile", "huge"), "profile 'huge' is unknown"),
    (("--protocol", "soft"), "protocol 'soft' is unknown"),
    (("--student", "resnet19"), "network 'resnet19' is unknown"),
    (("--dataset", "nowhere"), "dataset 'nowhere' is unknown"),
    (("--shard", "3/2"), "--shard is '3/2'"),
    (("--shard", "one"), "--shard is 'one'"),
    (("--set", "synthesise.alfa=1"), "did you mean 'synthesise.alpha'?"),
    (("--set", "evaluate.seeds=2"), "use its seeds and split"),
    (("--set", "synthesise.seed=2"), "use its seeds and split"),
    (("--kind", "factorial", "--set", "views.batch_size=50"), "views.batch_size is set for every cell"),
    (("--out", "figures.csv"), "ends in .json"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[" ".join(entry[0]) for entry in WRONG])
def test_a_wrong_design_is_one_sentence_and_starts_nothing(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError) as met:
        ablate(*arguments, home=tmp_path / "home")
    assert says in str(met.value)
    assert len(str(met.value).splitlines()) == 1
    assert not (tmp_path / "home").exists()


def test_a_wrong_design_ends_the_command_with_status_two(tmp_path: Path) -> None:
    done = edc("ablate", "--kind", "factorial", "--choices", "flat", home=tmp_path / "home", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: choice 'flat' is unknown")
    assert len(done.stderr.strip().splitlines()) == 1
