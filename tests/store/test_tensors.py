"""State files: values, strides and keys come back as they went."""

from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from torch import nn

from edc_core.store.tensors import load_state, save_state


@pytest.fixture
def there_and_back(tmp_path):
    def convert(state):
        save_state(tmp_path / "state.safetensors", state)
        return load_state(tmp_path / "state.safetensors")

    return convert


def test_values_and_types_come_back(there_and_back):
    state = {
        "float": torch.tensor([[1.5, -0.0], [float("inf"), 1e-45]]),
        "double": torch.rand(3, dtype=torch.float64),
        "half": torch.rand(2, 2).bfloat16(),
        "bytes": torch.arange(6, dtype=torch.uint8).view(2, 3),
        "flags": torch.tensor([True, False]),
        "scalar": torch.tensor(7),
        "empty": torch.empty(0, 4),
    }
    back = there_and_back(state)
    assert list(back) == list(state)
    for name, tensor in state.items():
        assert back[name].dtype == tensor.dtype
        assert torch.equal(back[name], tensor)


def test_nested_dicts_lists_and_scalars_come_back_with_integer_keys(there_and_back):
    state = {"state": {0: {"step": torch.tensor(3.0)}, 12: []}, "groups": [{"lr": 0.1, "params": [0, 1]}], 5: "five"}
    state |= {"none": None, "flag": True, "pair": (1, [2.5])}
    back = there_and_back(state)
    assert back["state"][0]["step"].item() == 3
    assert back["state"][12] == []
    assert back["groups"] == [{"lr": 0.1, "params": [0, 1]}]
    assert (back[5], back["none"], back["flag"], back["pair"]) == ("five", None, True, [1, [2.5]])


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (16, 8, 1, 1)])
def test_channels_last_comes_back_in_its_strides(there_and_back, shape):
    tensor = torch.rand(shape).contiguous(memory_format=torch.channels_last)
    back = there_and_back([tensor])[0]
    assert torch.equal(back, tensor)
    assert back.stride() == tensor.stride()
    assert back.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("shape", [(8, 1, 3, 3), (1, 1, 4, 4), (1, 6, 5, 5)])
def test_channels_last_with_a_single_channel_or_image_comes_back_in_its_strides(there_and_back, shape):
    tensor = torch.empty(shape, memory_format=torch.channels_last).fill_(0.5)  # as a grey image's first filters
    back = there_and_back([tensor])[0]
    assert torch.equal(back, tensor)
    assert back.stride() == tensor.stride()


def test_any_order_of_dimensions_comes_back_in_its_strides(there_and_back):
    for order in ((0, 1, 2), (2, 0, 1), (1, 0, 2), (2, 1, 0)):
        tensor = torch.arange(24.0).view(2, 3, 4).permute(order)
        back = there_and_back(tensor)
        assert back.stride() == tensor.stride()
        assert torch.equal(back, tensor)


def test_tensors_that_share_memory_or_carry_gradients_are_saved_each_for_itself(there_and_back):
    whole = nn.Parameter(torch.arange(6.0))
    back = there_and_back([whole, whole[2:4], whole])
    assert [tensor.tolist() for tensor in back] == [[0, 1, 2, 3, 4, 5], [2, 3], [0, 1, 2, 3, 4, 5]]


def test_an_optimiser_goes_on_exactly_where_it_stopped(there_and_back):
    torch.manual_seed(0)
    first = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    second = nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last)
    one, two = (torch.optim.Adam(network.parameters(), 0.1) for network in (first, second))
    images = torch.rand(6, 3, 5, 5).split(2)

    def step(network: nn.Module, adam: torch.optim.Adam, batch: torch.Tensor) -> None:
        adam.zero_grad()
        network(batch).square().sum().backward()
        adam.step()

    for batch in images[:2]:
        step(first, one, batch)
    back = there_and_back({"network": first.state_dict(), "adam": one.state_dict()})
    second.load_state_dict(back["network"])
    two.load_state_dict(back["adam"])
    step(first, one, images[2])
    step(second, two, images[2])
    assert torch.equal(first.weight, second.weight)
    assert torch.equal(first.bias, second.bias)


def test_the_file_is_plain_safetensors_and_replaces_the_old_one_whole(tmp_path):
    path = tmp_path / "state.safetensors"
    save_state(path, {"x": torch.zeros(2)})
    save_state(path, {"x": torch.ones(2)})
    assert list(tmp_path.iterdir()) == [path]
    with safe_open(path, framework="pt") as file:
        assert [file.get_tensor(name).tolist() for name in file.keys()] == [[1, 1]]  # noqa: SIM118 (not a dict)


def test_what_json_cannot_say_is_refused(tmp_path):
    with pytest.raises(TypeError):
        save_state(tmp_path / "state.safetensors", {"code": print})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs a system that lists what is mapped")
def test_what_was_read_leaves_its_file_to_the_next_checkpoint(there_and_back, tmp_path):
    """Windows replaces no file that is mapped."""
    back = there_and_back({"images": torch.ones(4, 3, 8, 8)})
    assert str(tmp_path / "state.safetensors") not in Path("/proc/self/maps").read_text(encoding="utf-8")
    assert back["images"].sum() == 768
