"""Runtime of a network: device, threads, precision and memory format.

`auto` precision is each family's (`catalogue.py`), by the table below: measured on a two-core CPU with AMX (images of
28 and 32 px, batches of 25 and 100, forward and backward), never by a stopwatch inside a run:

    family        bfloat16 channels-last against float32, time ratio
    resnet18      0.3 to 0.6
    wrn           0.2 to 0.6
    convnet       6 (GroupNorm has no fast channels-last bfloat16 kernel)
    mobilenetv2   0.7 to 1.6 (depthwise convolutions; the spread is the machine's)
    shufflenetv2  0.8 to 1.7
    bottleneck    0.3 to 0.5 (from here on: one thread, 32 and 64 px, batch 25, weights' step included)
    vgg           0.4 to 0.6
    densenet      0.4 to 0.5
    swin          0.4
    alexnet       0.7
    deit          0.7
    convnext      0.7 to 1.2
    efficientnet  0.8 to 7

On two cores with AVX-512's bfloat16 (32 px, batch 64, one thread) the same networks gain: resnet18 and wrn 0.5,
mobilenetv2 0.8, shufflenetv2 1.3, convnet 2 to 5. Where they are asked to compute in bfloat16 on a CPU, ConvNets keep
torch's usual layout: 0.8 at width 128 (1.4 with one layer), 1.2 at width 32.

What takes more than 0.6 of float32's time with it, at times or always, stays in float32. A GPU computes every family in
bfloat16; those from `bottleneck` on were not measured there. One without bfloat16 trains in float16,
its gradients scaled, and does all else in float32.
float32 with channels-last is not in the table: it was no faster than plain float32, and with eight
channels oneDNN in torch 2.15 was seen to corrupt memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass

import torch
from torch import nn

from edc_core.environment import wanted_threads
from edc_core.networks.catalogue import FAMILIES, family_of
from edc_core.torch_utils.device import best_device, has_fast_bfloat16


def chosen_precision(policy: str, network: str, kind: str, bfloat16: bool, scaled: bool = False) -> str:
    """Precision of a network under a policy: "bfloat16", "float16" or "float32".

    `kind`: of device, cpu, cuda or mps. `bfloat16`: the device has it in hardware. `scaled`: the network trains with a
    gradient scaler (`Runtime.scaler`), without which float16's small gradients would vanish.
    """
    if policy != "auto":
        return policy
    if not (kind == "cuda" or (kind == "cpu" and FAMILIES[family_of(network)[0]].fast_in_bfloat16)):
        return "float32"
    if bfloat16:
        return "bfloat16"
    return "float16" if kind == "cuda" and scaled else "float32"


def resolve_precision(policy: str, network: str, device: str, scaled: bool = False) -> str:
    """`chosen_precision` on a device of this machine, "cuda:1" for example."""
    fast = policy == "auto" and has_fast_bfloat16(device)
    return chosen_precision(policy, network, device.partition(":")[0], fast, scaled)


@dataclass(frozen=True)
class Runtime:
    """Runtime of a stage (device, threads, precisions), recorded before its first step and kept on resuming."""

    device: str
    threads: int
    precisions: dict[str, str]  # resolved, by network

    def record(self) -> dict:
        return asdict(self) | {"torch": torch.__version__}

    @contextmanager
    def use_threads(self) -> Iterator[None]:
        """Use this runtime's number of threads inside the block."""
        before = torch.get_num_threads()
        torch.set_num_threads(self.threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)

    def autocast(self, network: str):
        """The mixed-precision context of one network."""
        if (precision := self.precisions[network]) == "float32":
            return nullcontext()
        return torch.autocast(self.device.partition(":")[0], getattr(torch, precision))

    def memory_format(self, network: str) -> torch.memory_format:
        """Memory format of images: channels last in a narrow precision, but for ConvNets on a CPU (see above)."""
        slow = self.device == "cpu" and not FAMILIES[family_of(network)[0]].channels_last
        return torch.contiguous_format if slow or self.precisions[network] == "float32" else torch.channels_last

    def scaler(self, network: str) -> torch.amp.GradScaler:
        """Gradient scaler of a network: active if it is trained in float16, else without effect."""
        return torch.amp.GradScaler(self.device.partition(":")[0], enabled=self.precisions[network] == "float16")

    def prepare_network(self, network: nn.Module, name: str) -> nn.Module:
        """Move a network to this device, in the memory format of its precision."""
        return network.to(self.device, memory_format=self.memory_format(name))


def resolve_runtime(policies: dict[str, str], scaled: bool = False) -> Runtime:
    """Decide device, threads (`EDC_THREADS` or all cores) and each network's precision (see `chosen_precision`)."""
    device = best_device()
    threads = wanted_threads() or torch.get_num_threads()
    precisions = {name: resolve_precision(policy, name, device, scaled) for name, policy in policies.items()}
    return Runtime(device, threads, precisions)
