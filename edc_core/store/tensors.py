"""Nested state (optimisers, weights, counters) as one safetensors file, strides kept.

Adam's state copied into another memory layout changes the last bits of what follows, so a tensor is
saved in the order its elements lie in memory and restored into the same strides.
"""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from edc_core.store.files import damaged, write_bytes


def save_state(path: Path, state: Any) -> None:
    """Write nested dicts, lists, tensors and JSON scalars; dict keys may be strings or integers."""
    tensors: dict[str, Tensor] = {}
    tree = _encode(state, tensors)
    write_bytes(path, save(tensors, metadata={"tree": json.dumps(tree)}))


def load_state(path: Path) -> Any:
    """What `save_state` wrote, its tensors on the CPU; the file may be replaced meanwhile, on Windows, too."""
    with safe_open(path, framework="pt", device="cpu") as file:
        return _decode(json.loads(file.metadata()["tree"]), file)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """A finished result's tensors.

    Raises:
        StoreError: the file is missing or damaged.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise damaged(path, error) from None


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if isinstance(value, Tensor):
        name = str(len(tensors))
        # Of equal strides a dimension of size one comes last: it lies inside nothing.
        order = sorted(range(value.dim()), key=lambda dim: (-value.stride(dim), value.shape[dim] == 1, dim))
        tensors[name] = value.detach().permute(order).contiguous().clone()
        return {"tensor": name, "order": order}
    if isinstance(value, dict):
        return {"dict": [[key, _encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [_encode(item, tensors) for item in value]}
    return {"value": value}


def _decode(node: dict, file) -> Any:
    if "tensor" in node:
        order = node["order"]
        tensor = file.get_tensor(node["tensor"]).clone()  # what it gives is mapped from the file
        return tensor.permute([order.index(dim) for dim in range(len(order))])
    if "dict" in node:
        return {key: _decode(item, file) for key, item in node["dict"]}
    if "list" in node:
        return [_decode(item, file) for item in node["list"]]
    return node["value"]
