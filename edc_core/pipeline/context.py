"""Context of a stage: its settings, upstream results, working folder and event handler."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import save
from torch import Tensor, nn

from edc_core.config import RunConfig
from edc_core.data import Dataset
from edc_core.environment import checkpoint_seconds
from edc_core.errors import StoreError
from edc_core.events import CheckpointReached, Event, EventHandler, Progress
from edc_core.networks.builders import build
from edc_core.networks.runtime import Runtime, resolve_runtime
from edc_core.rng import seeded_global_rng
from edc_core.stage_graph import StageNode
from edc_core.store.digests import damaged
from edc_core.store.files import read_json, write_bytes, write_json
from edc_core.store.stage_results import CHECKPOINT, StageResults, Work
from edc_core.store.tensors import load_state, read_tensors, save_state
from edc_core.torch_utils.device import is_usable, resume_device
from edc_core.torch_utils.frozen_batchnorm import fold_batchnorm
from edc_core.training.committee import Committee, voting_weights
from edc_core.training.views import Normalisation

ELAPSED = "seconds so far"  # in a checkpoint
SCORED_AT_ONCE = 100  # images; more overflow the processor's cache and are slower


def load_weights(network: nn.Module, weights: dict[str, Tensor], path: Path, name: str) -> None:
    """Load weights, read from the file `path`, into a network.

    Raises:
        StoreError: they are another network's.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError:
        raise damaged(path, f"it holds other weights than a {name}'s") from None


@dataclass
class StageContext:
    """Context in which one stage computes: upstream results in, its own result and checkpoints out."""

    node: StageNode
    nodes: tuple[StageNode, ...]
    config: RunConfig
    dataset: Dataset
    stage_results: StageResults
    work: Work
    watch: EventHandler
    started: float = field(default_factory=time.monotonic)
    earlier: float = 0.0  # seconds that went into the checkpoint which this one goes on from
    saved_at: float = field(default_factory=time.monotonic)
    checkpoint_every: float = field(default_factory=checkpoint_seconds)
    remark: str = ""  # said with the stage's progress where it has nothing else to say

    def observe(self, event: Event) -> None:
        self.watch(event)

    def progress(self, done: int, total: int, unit: str, note: str = "") -> None:
        self.watch(Progress(done, total, unit, note or self.remark))

    def seconds(self) -> float:
        """Seconds of work so far: of this process, and of earlier ones up to their last checkpoint."""
        return round(self.earlier + time.monotonic() - self.started, 2)

    # What it stands on --------------------------------------------------------------------------

    def upstream_dir(self, stage: str, name: str = "") -> Path:
        """Folder of an upstream stage's result.

        Raises:
            StoreError: it has gone from the store.
        """
        for node in self.nodes:
            if node.stage == stage and node.name == name and node.key in self.node.inputs:
                if folder := self.stage_results.find(node.key):
                    return folder
                raise StoreError(f"the result of {stage} {name} ({node.key}) has gone from the store: run again.")
        raise KeyError(f"{self.node.stage} does not stand on {stage} {name}")

    def condensed(self, stage: str = "synthesise") -> tuple[Tensor, Tensor]:
        """Images (N, C, H, W) of an upstream stage, and their classes (N,) int64."""
        tensors = read_tensors(self.upstream_dir(stage) / "images.safetensors")
        return tensors["images"], tensors["labels"]

    def observer(self, name: str, runtime: Runtime) -> nn.Module:
        """A squeezed network, frozen, in eval mode, on the device."""
        network = self.new_network(name, "observer")
        path = self.upstream_dir("squeeze", name) / "observer.safetensors"
        load_weights(network, read_tensors(path), path, name)
        return runtime.prepare_network(network.eval().requires_grad_(False), name)

    def committee(self, runtime: Runtime) -> Committee:
        """Committee of observers with their voting weights; without members if labels are hard."""
        relabel = self.config.relabel
        names = relabel.observers if relabel.labels == "soft" else ()
        weights = None
        if names and relabel.voting == "accuracy":
            records = {name: read_json(self.upstream_dir("squeeze", name) / "observer.json") for name in names}
            weights = voting_weights({name: record["val_top1"] for name, record in records.items()})
        return Committee({name: fold_batchnorm(self.observer(name, runtime)) for name in names}, runtime, weights)

    def new_network(self, name: str, *draw: str | int) -> nn.Module:
        """A newly initialised network for this data set, seeded by the given names."""
        about = self.dataset.description
        with seeded_global_rng("initialise network", name, *draw):
            return build(name, about.channels, about.size, len(about.classes))

    def normalisation(self, device: str) -> Normalisation:
        return Normalisation.of(*self.dataset.normalisation, device=device)

    # What it leaves -----------------------------------------------------------------------------

    def runtime(self, policies: dict[str, str], role: str = "", scaled: bool = False) -> Runtime:
        """Runtime: decided from each network's precision policy once, recorded, and kept on resuming.

        `scaled`: the networks are trained with `Runtime.scaler`.
        """
        path = self.work.path / f"runtime{f'-{role}' if role else ''}.json"
        if self._checkpoint.exists() and path.exists():
            try:
                record = read_json(path)
                if record["torch"] == torch.__version__ and is_usable(record["device"]):
                    return Runtime(resume_device(record["device"]), record["threads"], record["precisions"])
            except (StoreError, KeyError):
                pass  # damaged: as if it were not there
        self._checkpoint.unlink(missing_ok=True)  # made by another torch or device: its last bits would differ
        runtime = resolve_runtime(policies, scaled)
        write_json(path, runtime.record())
        return runtime

    def save_tensors(self, name: str, tensors: dict[str, Tensor]) -> None:
        whole = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
        write_bytes(self.work.path / f"{name}.safetensors", save(whole))

    def save_json(self, name: str, value: object) -> None:
        write_json(self.work.path / f"{name}.json", value)

    # Checkpoints --------------------------------------------------------------------------------

    @property
    def _checkpoint(self) -> Path:
        return self.work.path / f"{CHECKPOINT}.safetensors"

    def resume_state(self) -> dict | None:
        """The last checkpoint, its tensors on the CPU, or None at a fresh start."""
        if not self._checkpoint.exists():
            return None
        try:
            state = load_state(self._checkpoint)
            self.earlier = state.pop(ELAPSED, 0.0)
            return state
        except (SafetensorError, ValueError, KeyError, TypeError, OSError):
            self._checkpoint.unlink(missing_ok=True)
            self.remark = "its checkpoint was damaged, so it started again"
            return None

    def checkpoint_due(self) -> bool:
        return time.monotonic() - self.saved_at >= self.checkpoint_every

    def save_checkpoint(self, state: dict) -> None:
        self.observe(CheckpointReached())
        save_state(self._checkpoint, state | {ELAPSED: self.seconds()})
        self.saved_at = time.monotonic()
