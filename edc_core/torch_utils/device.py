"""Where and how a network runs: device, threads, precision and memory format.

`auto` precision is the table below, filled by measurement on a two-core CPU with AMX (images of 28
and 32 px, batches of 25 and 100, forward and backward), never by a stopwatch inside a run:

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

import ctypes
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from edc_core.environment import wanted_device, wanted_threads
from edc_core.errors import SettingsError
from edc_core.networks.catalogue import FAMILIES, family_of

FAST_IN_BFLOAT16 = {
    "cpu": {"resnet18", "wrn", "bottleneck", "vgg", "densenet", "swin"},
    "cuda": set(FAMILIES),
}

HEAP_BYTES = 2**27  # tensors up to this size come from the heap
KEPT_BYTES = 2**29  # of freed memory that is not given back to the system


def keep_freed_memory() -> None:
    """Let glibc reuse large freed tensors: mapping fresh pages for each cost six times a convolution's own time."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(-3, HEAP_BYTES)  # M_MMAP_THRESHOLD
            mallopt(-1, KEPT_BYTES)  # M_TRIM_THRESHOLD


keep_freed_memory()


def compute_the_same_again() -> None:
    """On NVIDIA's GPUs: convolutions that give the same bits again, and a float32 that is float32."""
    torch.backends.cudnn.deterministic = True
    with warnings.catch_warnings():  # torch 2.9 speaks of names that earlier versions do not have
        warnings.simplefilter("ignore", UserWarning)
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False


compute_the_same_again()


def best_device() -> str:
    """`EDC_DEVICE` where set, else cuda, mps or cpu, in this order."""
    wanted = wanted_device()
    if wanted is not None:
        if not is_usable(wanted):
            raise SettingsError(f"EDC_DEVICE is '{wanted}', but this machine has none: choose cpu, or leave it unset.")
        return wanted
    return next(device for device in ("cuda", "mps", "cpu") if is_usable(device))


def title_of_device() -> str:
    """What computes, as a person names it: "NVIDIA H200", "AMD EPYC"; "CPU" where the system does not say."""
    device = best_device()
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    if device == "mps":
        return "Apple GPU"
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        if names and names[0] not in ("", "unknown"):
            return names[0]
    return "CPU"


def usable_gpus() -> int:
    """How many NVIDIA GPUs torch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def to_go_on_with(device: str) -> str:
    """Where to go on with what began on a device: this process's own GPU where it is of the same kind."""
    own = best_device()
    gpus = own.startswith("cuda") and device.startswith("cuda")
    return own if gpus and torch.cuda.get_device_name(own) == torch.cuda.get_device_name(device) else device


def is_usable(device: str) -> bool:
    """Whether this process can compute there."""
    kind, _, number = device.partition(":")
    if kind == "cuda":
        return torch.cuda.is_available() and int(number or 0) < torch.cuda.device_count()
    return kind == "cpu" or (kind == "mps" and torch.backends.mps.is_available())


def has_fast_bfloat16(device: str) -> bool:
    """Whether the device multiplies bfloat16 matrices in hardware."""
    if device.startswith("cuda"):
        with torch.cuda.device(device):
            return torch.cuda.is_bf16_supported(including_emulation=False)
    if device == "cpu":
        # These probes are private in torch; where they are gone, float32 is the safe answer.
        probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
        return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)
    return False


def chosen_precision(policy: str, network: str, kind: str, bfloat16: bool, scaled: bool = False) -> str:
    """What a policy means for a network: "bfloat16", "float16" or "float32".

    `kind` of device: cpu, cuda or mps. `bfloat16`: it has it in hardware. `scaled`: the network is trained with a
    gradient scaler (`Runtime.scaler`), without which float16's small gradients would vanish.
    """
    if policy != "auto":
        return policy
    if family_of(network)[0] not in FAST_IN_BFLOAT16.get(kind, set()):
        return "float32"
    if bfloat16:
        return "bfloat16"
    return "float16" if kind == "cuda" and scaled else "float32"


def resolve_precision(policy: str, network: str, device: str, scaled: bool = False) -> str:
    """`chosen_precision` on a device of this machine, "cuda:1" for example."""
    fast = policy == "auto" and has_fast_bfloat16(device)
    return chosen_precision(policy, network, device.partition(":")[0], fast, scaled)


def settle(device: str) -> None:
    """Wait until the device has done what it was given."""
    if not device.startswith("cpu"):
        torch.accelerator.synchronize(device)


def forget_peak(device: str) -> None:
    """Begin to note a GPU's memory anew."""
    if device.startswith("cuda") and torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats(device)


def peak_bytes(device: str) -> int:
    """The most memory that tensors took on a GPU since `forget_peak`; 0 on other devices, which do not say."""
    return torch.cuda.max_memory_allocated(device) if device.startswith("cuda") else 0


def to_device(pixels: np.ndarray, device: str) -> Tensor:
    """NumPy pixels (B, C, H, W) uint8 to a tensor on the device; a GPU fetches them while the processor goes on."""
    tensor = torch.from_numpy(pixels)
    return tensor.pin_memory().to(device, non_blocking=True) if device.startswith("cuda") else tensor.to(device)


def exact(tensor: Tensor) -> Tensor:
    """The numbers in float64, where they are; on the CPU from an Apple GPU, which has no float64."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()


@dataclass(frozen=True)
class Runtime:
    """How this process computes; written down before a stage's first step, obeyed by its resume."""

    device: str
    threads: int
    precisions: dict[str, str]  # resolved, by network

    def record(self) -> dict:
        return asdict(self) | {"torch": torch.__version__}

    @contextmanager
    def threads_set(self) -> Iterator[None]:
        """Compute with this runtime's number of threads inside the block."""
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
        """How images lie in memory: channels last in a narrow precision, but for ConvNets on a CPU (see above)."""
        slow = self.device == "cpu" and network.startswith("convnet-")
        return torch.contiguous_format if slow or self.precisions[network] == "float32" else torch.channels_last

    def scaler(self, network: str) -> torch.amp.GradScaler:
        """Scales the loss of a network that is trained in float16; of any other, it leaves everything as it is."""
        return torch.amp.GradScaler(self.device.partition(":")[0], enabled=self.precisions[network] == "float16")

    def place(self, network: nn.Module, name: str) -> nn.Module:
        """The network on this device, laid out for its precision."""
        return network.to(self.device, memory_format=self.memory_format(name))


def resolve_runtime(policies: dict[str, str], scaled: bool = False) -> Runtime:
    """Decide device, threads (`EDC_THREADS` or all cores) and each network's precision (see `chosen_precision`)."""
    device = best_device()
    threads = wanted_threads() or torch.get_num_threads()
    precisions = {name: resolve_precision(policy, name, device, scaled) for name, policy in policies.items()}
    return Runtime(device, threads, precisions)
