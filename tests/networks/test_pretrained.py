"""torchvision's ImageNet-1k weights: for whom, from where, and that they answer as torchvision's own network does."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision import models

from edc_core.config import SqueezeConfig
from edc_core.data import describe, open_dataset
from edc_core.design_space.compose import configure, get_profile, parse_changes
from edc_core.errors import EDCError, SettingsError
from edc_core.events import no_op
from edc_core.networks.builders import build
from edc_core.networks.catalogue import family_of
from edc_core.networks.imagenet import PRETRAINED, check_pretrained
from edc_core.networks.pretrained import MEAN, STD, accept, cached_file, load_ready, url_of
from edc_core.pipeline.execute import compute
from edc_core.pipeline.prepare import prepare
from edc_core.stage_graph import build_stage_graph
from edc_core.store import Recorder, Store
from edc_core.store.files import read_json
from edc_core.store.tensors import read_tensors
from tests.support.parquet_files import encoded, write
from tests.support.store_rows import begin

NUMBERS = [f"n{number:08d}" for number in range(1000)]
NAMED = list(models.get_model_weights("resnet18").IMAGENET1K_V1.meta["categories"])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """torchvision's cache, empty, and no network to fill it from."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    return tmp_path / "hub" / "checkpoints"


def published(name: str) -> nn.Module:
    """torchvision's network with weights of its own, left in the cache as a download would."""
    torch.manual_seed(1)
    network = models.get_model(PRETRAINED[name]).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    cached_file(name).parent.mkdir(parents=True, exist_ok=True)
    state = network.state_dict()
    if name == "densenet121":  # whose published file has one more dot in its names
        state = {key.replace(".norm1.", ".norm.1.").replace(".conv2.", ".conv.2."): state[key] for key in state}
        assert state.keys() != network.state_dict().keys()
    torch.save(state, cached_file(name))
    return network


def answers(name: str, mean: tuple[float, ...], std: tuple[float, ...]) -> tuple[Tensor, Tensor]:
    """Logits of torchvision's network and of ours, of the same pixels, each normalised in its own way."""
    theirs, ours = published(name), build(name, 3, 72, 1000)
    load_ready(ours, name, mean, std)
    pixels = torch.rand(2, 3, 72, 72)
    with torch.no_grad():
        return tuple(
            network.eval()((pixels - torch.tensor(m).view(3, 1, 1)) / torch.tensor(s).view(3, 1, 1))
            for network, m, s in ((theirs, MEAN, STD), (ours, mean, std))
        )


@pytest.mark.parametrize("name", ["resnet18", "mobilenetv2", "shufflenetv2-0.5", "densenet121"])
def test_ours_answers_as_torchvisions_whatever_the_data_sets_deviation(name: str) -> None:
    theirs, ours = answers(name, MEAN, (0.28, 0.27, 0.29))
    torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-3)
    assert not torch.equal(theirs[0], theirs[1])


@pytest.mark.parametrize("bias", [True, False])
def test_another_mean_is_taken_into_the_first_layer(bias: bool) -> None:
    """Exactly, but for padded borders."""
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3, bias=bias), nn.BatchNorm2d(4)).eval()
    pixels, mean, std = torch.rand(2, 3, 8, 8), (0.3, 0.5, 0.6), (0.2, 0.3, 0.25)
    normalised = [
        (pixels - torch.tensor(m).view(3, 1, 1)) / torch.tensor(s).view(3, 1, 1) for m, s in ((MEAN, STD), (mean, std))
    ]
    with torch.no_grad():
        before = network(normalised[0])
        accept(network, mean, std)
        torch.testing.assert_close(network(normalised[1]), before, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(network(normalised[0]), before, atol=1e-2)


def test_every_ready_network_is_built_as_torchvision_builds_it() -> None:
    for name, theirs in PRETRAINED.items():
        with torch.device("meta"):
            ours, published_one = build(name, 3, 224, 1000), models.get_model(theirs)
        shapes = [[value.shape for value in network.state_dict().values()] for network in (ours, published_one)]
        assert shapes[0] == shapes[1], name


def test_without_a_network_the_sentence_says_what_to_put_where(cache: Path) -> None:
    with pytest.raises(EDCError) as error:
        load_ready(build("shufflenetv2-0.5", 3, 72, 1000), "shufflenetv2-0.5", MEAN, STD)
    sentence = str(error.value)
    assert "weights of 'shufflenetv2-0.5' are not in" in sentence
    assert str(cache) in sentence
    assert "https://download.pytorch.org/models/shufflenetv2_x0.5-f707e7126e.pth" in sentence
    assert not list(cache.glob("*.pth"))


class Hostile:
    """What only unpickling would run."""

    def __reduce__(self):
        return (print, ("unpickled",))


@pytest.mark.parametrize("what", [b"not weights", {"fc.weight": torch.zeros(3)}, [1, 2], Hostile()])
def test_a_damaged_or_foreign_file_is_refused_by_name(what: object, capsys: pytest.CaptureFixture) -> None:
    path = cached_file("shufflenetv2-0.5")
    path.parent.mkdir(parents=True)
    if isinstance(what, bytes):
        path.write_bytes(what)
    else:
        torch.save(what, path)
    with pytest.raises(EDCError, match="does not hold torchvision's weights of 'shufflenetv2-0.5'.* delete it"):
        load_ready(build("shufflenetv2-0.5", 3, 72, 1000), "shufflenetv2-0.5", MEAN, STD)
    assert "unpickled" not in capsys.readouterr().out


def test_imagenets_classes_in_its_order_are_accepted() -> None:
    for names in (NAMED, [name.upper().replace(" ", "_") for name in NAMED]):
        assert check_pretrained("resnet18", 3, 224, names) is None  # nothing is raised


@pytest.mark.parametrize(
    ("name", "channels", "size", "classes", "sentence"),
    [
        ("convnet-d3-w32", 3, 224, NAMED, "no such weights of 'convnet-d3-w32': choose among resnet18, "),
        ("resnet18", 3, 224, NAMED[:10], "the data set has 10 classes in place of ImageNet's 1000: "),
        ("resnet18", 3, 224, NAMED[::-1], "from 'toilet tissue' to 'tench' are not ImageNet's in its order"),
        ("resnet18", 3, 224, NUMBERS, "from 'n00000000' to 'n00000999' are not ImageNet's in its order"),
        ("resnet18", 1, 224, NAMED, "colour images above 64 px, and these are grey images: "),
        ("resnet18", 3, 64, NAMED, "colour images above 64 px, and these are images of 64 px: "),
    ],
)
def test_what_does_not_fit_is_said_in_a_sentence(name, channels, size, classes, sentence) -> None:
    with pytest.raises(SettingsError, match=f"squeeze.pretrained is 'imagenet-1k', but .*{sentence}"):
        check_pretrained(name, channels, size, classes)


def configured(*pairs: str, preset: str = "G", table: str = "tiny"):
    return configure(preset, "fashion-mnist-mini", get_profile(table), 2, 0, changes=parse_changes(pairs))


def test_a_run_on_other_data_is_refused_before_it_starts() -> None:
    config = configured("squeeze.pretrained=imagenet-1k", "synthesise.observers=resnet18", "relabel.observers=resnet18")
    with pytest.raises(SettingsError, match="10 classes in place of ImageNet's 1000"):
        prepare(config, describe("fashion-mnist-mini"))


def test_the_setting_enters_no_key_until_it_is_used_and_then_training_enters_none() -> None:
    assert "pretrained" not in SqueezeConfig().cache_key_fields()
    assert {"epochs", "lr", "seed"} <= set(SqueezeConfig().cache_key_fields())
    assert set(SqueezeConfig(pretrained="imagenet-1k").cache_key_fields()) == {"pretrained", "precision"}


def squeezed(*pairs: str) -> list[str]:
    plan = build_stage_graph(configured("squeeze.pretrained=imagenet-1k", *pairs), "0" * 32)
    return [node.key for node in plan if node.stage == "squeeze"]


def test_ready_observers_are_found_whatever_training_would_have_been() -> None:
    assert squeezed("squeeze.epochs=3") == squeezed("squeeze.epochs=9") != squeezed("squeeze.precision=float32")


def test_the_papers_committees_are_chosen_by_name() -> None:
    config = configured("synthesise.observers=@imagenet-1k", "relabel.observers=@imagenet-1k")
    assert set(config.synthesise.observers) - set(config.relabel.observers) == {"efficientnet-b0"}
    assert set(config.synthesise.observers) <= set(PRETRAINED)
    for name in ("cifar-10", "cifar-100", "tiny-imagenet", "imagenet-10"):
        assert len(configured(f"synthesise.observers=@{name},convnet-d2-w8").synthesise.observers) in (5, 9)
    papers = configured(table="cifar-10").synthesise
    assert configured("synthesise.observers=@cifar-10", table="cifar-10").synthesise == papers
    assert configured("synthesise.observers=@single").synthesise.observers == ("wrn-10-1",)
    assert all(family_of(name) for name in config.synthesise.observers)


def test_an_unknown_committee_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="committee '@imagenet-2k' is unknown: did you mean '@imagenet-1k'"):
        configured("synthesise.observers=@imagenet-2k")


def test_squeeze_takes_ready_weights_in_place_of_training(tmp_path: Path) -> None:
    """The stage itself, on small pictures of 1,000 classes with ImageNet's names."""
    theirs, folder = published("shufflenetv2-0.5"), tmp_path / "pictures"
    colours = np.random.default_rng(0).integers(0, 256, (2000, 1, 1, 3), np.uint8)
    images = [encoded(np.broadcast_to(colour, (68, 68, 3)).copy()) for colour in colours]
    write(folder, "train", images, [*range(1000)] * 2, NAMED)
    write(folder, "test", images[:10], [*range(10)], NAMED)
    names = "squeeze.pretrained=imagenet-1k", "relabel.observers=shufflenetv2-0.5", "data.train_per_class=1"
    changes = parse_changes([*names, "synthesise.iterations=0"])
    prepared = prepare(configure("G", str(folder), get_profile("tiny"), 1, 0, changes=changes))
    node = next(node for node in prepared.nodes if node.stage == "squeeze")
    home = tmp_path / "home"
    with closing(Store(home, ())) as store:
        begin(store, "r")
        dataset = open_dataset(str(folder), prepared.config.data, home, prepared.description)
        compute(prepared, (node,), dataset, store, Recorder(store, "r", prepared.description.digest), no_op)
        left = store.stage_results.find(node.key)
    about, tensors = read_json(left / "observer.json"), read_tensors(left / "observer.safetensors")
    assert about["settings"]["url"] == url_of("shufflenetv2-0.5")
    assert "--set squeeze.pretrained=imagenet-1k" in about["command"]
    torch.testing.assert_close(tensors["fc.weight"], theirs.fc.weight.detach(), rtol=0, atol=0)
