"""Nearest real images: streamed, yet the very ones that comparing everything with everything finds."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from edc_core.config import validate_config
from edc_core.data import open_dataset
from edc_core.networks.builders import build, features_of
from edc_core.pipeline.execute import execute
from edc_core.pipeline.prepare import prepare
from edc_core.pipeline.stages.nearest import Nearest, fingerprints
from edc_core.pipeline.stages.neighbours import HELD_OUT
from edc_core.stage_graph import EXTRA_STAGES, RESULT_STAGES
from edc_core.store import StageResults, Store
from edc_core.store.files import read_json
from tests.conftest import answer, edc


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_streamed_neighbours_are_those_of_brute_force(batch: int) -> None:
    generator = torch.Generator().manual_seed(0)
    queries, everyone = torch.randn(20, 6, generator=generator), torch.randn(100, 6, generator=generator)
    left_out = torch.rand(20, 100, generator=generator) < 0.2
    search = Nearest(queries, 5)
    for rows in torch.arange(100).split(batch):
        search.update(everyone[rows], rows, left_out[:, rows])
    whole = torch.cdist(queries.double(), everyone.double())
    whole[left_out] = torch.inf
    distances, rows = whole.topk(5, largest=False)
    assert torch.equal(search.rows, rows)
    torch.testing.assert_close(search.distances, distances)


def test_memory_does_not_grow_with_what_streams_by() -> None:
    search = Nearest(torch.zeros(3, 2), 4)
    for start in range(0, 4000, 100):
        search.update(torch.full((100, 2), float(start)), torch.arange(start, start + 100))
        assert search.distances.shape == search.rows.shape == (3, 4)


def test_an_image_is_known_again_and_only_itself() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 3, 8, 8), np.uint8)
    near = pixels.copy()
    near[:, 0, 0, 0] ^= 1
    assert (fingerprints(pixels) == fingerprints(pixels.copy())).all()
    assert not np.isin(fingerprints(near), fingerprints(pixels)).any()


@pytest.fixture(scope="module")
def measured(tiny_run: dict, shared_home: Path):
    """A tiny run with its neighbours: what was prepared, the data, its own images and starts, what was found."""
    with closing(Store(shared_home)) as store:
        config = validate_config(store.run(tiny_run["run"]).settings)
    prepared = prepare(config)
    result = execute(prepared, shared_home, targets=RESULT_STAGES + EXTRA_STAGES)
    assert result["run"] == tiny_run["run"]
    assert {stage["stage"] for stage in result["stages"] if not stage["cached"]} <= {"neighbours"}
    keys = {(node.stage, node.name): node.key for node in prepared.nodes}
    folder = {stage: StageResults(shared_home).find(key) for stage, key in keys.items()}
    dataset = open_dataset(config.dataset, config.data, shared_home, prepared.description)
    return prepared, dataset, folder


def found_in(measured) -> dict[str, torch.Tensor]:
    return load_file(measured[2]["neighbours", ""] / "neighbours.safetensors")


def brute(vectors: torch.Tensor, held: torch.Tensor, real: torch.Tensor, starts: list[int]):
    """Rows, distances and ratios of the condensed, and the ratios of the held-out, each written out."""
    to_real = torch.cdist(torch.cat([vectors, held]).double(), real.double())
    absent = torch.zeros_like(to_real, dtype=torch.bool)
    absent[torch.arange(len(starts)), starts] = True
    distances, rows = to_real.masked_fill(absent, torch.inf).topk(5, largest=False)
    apart = torch.cdist(real[rows[:, 0]].double(), real.double()).masked_fill(absent, torch.inf)
    apart[torch.arange(len(rows)), rows[:, 0]] = torch.inf
    ratio = distances[:, 0] / apart.min(1).values
    count = len(vectors)
    return rows[:count], distances[:count], ratio[:count], ratio[count:]


def starting_rows(measured) -> list[int]:
    """The rows of the training part that the starting images are."""
    prepared, dataset, folder = measured
    part, (mean, std) = dataset.part("train"), dataset.normalisation
    starts = load_file(folder["initialise", ""] / "images.safetensors")["images"]
    pixels = ((starts * std[0] + mean[0]) * 255).round().to(torch.uint8).numpy()
    everyone = part.take(np.arange(len(part)))
    rows = [np.flatnonzero((everyone == image).all((1, 2, 3))).tolist() for image in pixels]
    assert all(len(row) == 1 for row in rows)
    return [row[0] for row in rows]


def test_pixels_neighbours_are_those_of_brute_force_without_the_own_start(measured) -> None:
    prepared, dataset, folder = measured
    tensors, part = found_in(measured), dataset.part("train")
    images = load_file(folder["synthesise", ""] / "images.safetensors")["images"]
    held = dataset.part("val").first(HELD_OUT)
    see = lambda pixels: torch.as_tensor(np.asarray(pixels)).flatten(1).float() / 255  # noqa: E731
    real = see(part.take(np.arange(len(part))))
    starts = starting_rows(measured)
    rows, distances, ratio, held_ratio = brute(see(images), see(held.take(np.arange(len(held)))), real, starts)
    assert torch.equal(tensors["pixel.rows"], rows)
    torch.testing.assert_close(tensors["pixel.distances"], distances.float())
    torch.testing.assert_close(tensors["pixel.ratio"], ratio.float())
    torch.testing.assert_close(tensors["pixel.held"], held_ratio.float())
    torch.testing.assert_close(tensors["pixel.start"], (see(images) - real[starts]).norm(dim=1))
    assert torch.equal(tensors["pixel.labels"], torch.from_numpy(part.labels)[rows])
    assert (tensors["pixel.nearest"].numpy() == part.take(rows[:, 0].numpy())).all()


def test_features_neighbours_are_those_of_brute_force(measured) -> None:
    prepared, dataset, folder = measured
    tensors, part = found_in(measured), dataset.part("train")
    record = read_json(folder["neighbours", ""] / "neighbours.json")
    name = prepared.config.relabel.observers[0]
    assert record["network"] == name
    assert record["starts_left_out"] == len(tensors["feature.ratio"])
    network = build(name, 1, 28, 10)
    network.load_state_dict(load_file(folder["squeeze", name] / "observer.safetensors"))
    (mean, std), network = dataset.normalisation, network.eval()

    def see(pixels) -> torch.Tensor:
        with torch.inference_mode():
            return features_of(network, (torch.as_tensor(np.asarray(pixels)) / 255 - mean[0]) / std[0])[1]

    images = load_file(folder["synthesise", ""] / "images.safetensors")["images"]
    held = dataset.part("val").first(50)
    real = see(part.take(np.arange(len(part))))
    _, distances, ratio, held_ratio = brute(see(images), see(held.take(np.arange(50))), real, starting_rows(measured))
    torch.testing.assert_close(tensors["feature.distances"], distances.float(), rtol=2e-2, atol=1e-3)
    torch.testing.assert_close(tensors["feature.ratio"].median(), ratio.float().median(), rtol=2e-2, atol=1e-2)
    torch.testing.assert_close(tensors["feature.held"][:50].median(), held_ratio.float().median(), rtol=2e-2, atol=1e-2)


def test_untouched_real_images_come_as_near_as_held_out_ones(shared_home: Path, tiny_run: dict) -> None:
    """The measure is fair: a start that stays as it is is one more held-out image."""
    arguments = ["--preset", "random", "--profile", "tiny", "--ipc", "9", "--protocol", "hard", "--split", "val"]
    done = answer(edc("run", *arguments, home=shared_home))
    with closing(Store(shared_home)) as store:
        prepared = prepare(validate_config(store.run(done["run"]).settings))
    execute(prepared, shared_home, targets=RESULT_STAGES + EXTRA_STAGES)
    key = next(node.key for node in prepared.nodes if node.stage == "neighbours")
    tensors = load_file(shared_home / "artefacts" / key / "neighbours.safetensors")
    assert not any(name.startswith("feature") for name in tensors)  # hard labels: no observer
    assert tensors["pixel.start"].max() == 0
    assert tensors["pixel.distances"].min() > 0
    shares = [float((tensors[name] < 1).float().mean()) for name in ("pixel.ratio", "pixel.held")]
    assert abs(shares[0] - shares[1]) < 0.15
