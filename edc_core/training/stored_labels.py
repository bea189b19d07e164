"""Soft labels stored ahead (FKD, Shen and Xing 2022): half-precision logits of every view, a shard an epoch.

A shard holds the views of one epoch in the order of `views.ViewPlan`, so memory never holds more than one.
"""

from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor

from edc_core.errors import StoreError
from edc_core.store.files import write_bytes
from edc_core.store.tensors import read_tensors

MAX_FLOAT16 = torch.finfo(torch.float16).max


def shard_path(folder: Path, epoch: int) -> Path:
    """Path of an epoch's labels in the result of relabel; `epoch` from 0."""
    return folder / "soft" / f"epoch-{epoch:06d}.safetensors"


def pack(logits: Tensor, top_k: int | None = None) -> dict[str, Tensor]:
    """Pack logits (V, C) float32 for storage: all, or each view's `top_k` largest and the mean of the others.

    The mean leaves the least squared error, which EDC's loss is; FKD spreads the others' probability evenly, which
    for small logits is the same.
    """
    logits = logits.clamp(-MAX_FLOAT16, MAX_FLOAT16)
    if top_k is None:
        return {"logits": logits.half()}
    values, classes = logits.topk(top_k, dim=1)
    others = (logits.sum(1) - values.sum(1)) / (logits.shape[1] - top_k)
    kind = torch.int16 if logits.shape[1] <= torch.iinfo(torch.int16).max else torch.int32
    return {"values": values.half(), "classes": classes.to(kind), "others": others.half()}


def unpack(tensors: dict[str, Tensor], classes: int) -> Tensor:
    """Unpack stored labels to logits (V, C) float32."""
    if "logits" in tensors:
        return tensors["logits"].float()
    spread = tensors["others"].float()[:, None].repeat(1, classes)
    return spread.scatter(1, tensors["classes"].long(), tensors["values"].float())


def label_bytes(tensors: dict[str, Tensor]) -> int:
    """Size of the labels in bytes, without names and rows."""
    return sum(value.numel() * value.element_size() for name, value in tensors.items() if name != "rows")


def save_shard(folder: Path, epoch: int, rows: Tensor, logits: Tensor, top_k: int | None = None) -> int:
    """Write one epoch's labels; rows (V,) are the images that the views show. Returns the labels' size in bytes."""
    tensors = pack(logits, top_k)
    path = shard_path(folder, epoch)
    path.parent.mkdir(exist_ok=True)
    write_bytes(path, save({"rows": rows.to(torch.int32), **tensors}))
    return label_bytes(tensors)


@dataclass
class StoredLabels:
    """A relabel result's labels, read an epoch at a time."""

    folder: Path
    classes: int
    epoch: int = -1
    rows: Tensor = field(default_factory=lambda: torch.empty(0))
    logits: Tensor = field(default_factory=lambda: torch.empty(0))

    def __call__(self, epoch: int, start: int, rows: Tensor) -> Tensor:
        """Labels of the views `start` and following of an epoch, (len(rows), C) float32 on the CPU.

        Raises:
            StoreError: the shard is missing or damaged, or of other views.
        """
        if epoch != self.epoch:
            tensors = read_tensors(shard_path(self.folder, epoch))
            self.rows, self.logits, self.epoch = tensors["rows"], unpack(tensors, self.classes), epoch
        place = slice(start, start + len(rows))
        if not torch.equal(self.rows[place].long(), rows.long()):
            raise StoreError(
                f"the labels in '{shard_path(self.folder, epoch)}' are of other views: delete the folder"
                f" '{self.folder}' and run again."
            )
        return self.logits[place]
