"""Nested state (optimisers, weights, counters) as one safetensors file, strides kept.

Adam's state copied into another memory layout changes the last bits of what follows, so a tensor is
saved in the order its elements lie in memory and restored into the same strides.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from edc_core.store.digests import damaged, verified
from edc_core.store.files import write_parts

BLANK = "0" * 64  # in the place of the digest, while it is reckoned
SEALED = re.compile(rb'"sha256":"([0-9a-f]{64})"')  # the quotes of a value's text are escaped: it cannot hold this


def save_state(path: Path, state: Any) -> None:
    """Write nested dicts, lists, tensors and JSON scalars; dict keys may be strings or integers.

    The file's own SHA-256 stands in it, so that no kill can part the two.
    """
    tensors: dict[str, Tensor] = {}
    tree = _encode(state, tensors)
    content = memoryview(save(tensors, metadata={"sha256": BLANK, "tree": json.dumps(tree)}))
    start, end = _place_of_digest(content)
    write_parts(path, (content[:start], hashlib.sha256(content).hexdigest().encode(), content[end:]))


def load_state(path: Path) -> Any:
    """What `save_state` wrote, its tensors on the CPU; the file may be replaced meanwhile, on Windows, too.

    Raises:
        ValueError: some of its bytes were changed since.
    """
    _check_digest(path)
    with safe_open(path, framework="pt", device="cpu") as file:
        return _decode(json.loads(file.metadata()["tree"]), file)


def read_tensors(path: Path) -> dict[str, Tensor]:
    """A finished result's tensors.

    Raises:
        StoreError: the file is missing or damaged.
    """
    try:
        return load_file(verified(path))
    except (SafetensorError, OSError) as error:
        raise damaged(path, error) from None


def _place_of_digest(content: bytes | memoryview) -> tuple[int, int]:
    """Where a state file's digest begins and ends; both 0 in one of an earlier version, which has none."""
    header = bytes(content[: 8 + int.from_bytes(content[:8], "little")])
    found = SEALED.search(header)
    return found.span(1) if found else (0, 0)


def _check_digest(path: Path) -> None:
    content = memoryview(path.read_bytes())
    start, end = _place_of_digest(content)
    if end == 0:
        return
    total = hashlib.sha256(content[:start])
    total.update(BLANK.encode())
    total.update(content[end:])
    if total.hexdigest() != bytes(content[start:end]).decode():
        raise ValueError(f"'{path.name}' is not what its own SHA-256 says")


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
