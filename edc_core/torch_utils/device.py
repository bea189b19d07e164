"""Devices: which one computes, what it can do, and moving pixels there."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edc_core.environment import wanted_device
from edc_core.errors import SettingsError
from edc_core.torch_utils.private_api import cpu_has_bfloat16


def best_device() -> str:
    """`EDC_DEVICE` where set, else cuda, mps or cpu, in this order."""
    wanted = wanted_device()
    if wanted is not None:
        if not is_usable(wanted):
            raise SettingsError(f"EDC_DEVICE is '{wanted}', but this machine has none: choose cpu, or leave it unset.")
        return wanted
    return next(device for device in ("cuda", "mps", "cpu") if is_usable(device))


def device_display_name() -> str:
    """Name of the device for people: "NVIDIA H200", "AMD EPYC"; "CPU" if the system does not say."""
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
    """Number of NVIDIA GPUs that torch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def resume_device(device: str) -> str:
    """Device on which to resume work that began on `device`: this process's own GPU if it is of the same model."""
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
    return device == "cpu" and cpu_has_bfloat16()


def synchronize(device: str) -> None:
    """Wait until the device has finished all queued work."""
    if not device.startswith("cpu"):
        torch.accelerator.synchronize(device)


def reset_peak_memory(device: str) -> None:
    """Reset the peak memory of a GPU, which `peak_memory_bytes` returns."""
    if device.startswith("cuda") and torch.cuda.is_initialized():
        torch.cuda.reset_peak_memory_stats(device)


def peak_memory_bytes(device: str) -> int:
    """Peak memory of tensors on a GPU since `reset_peak_memory`, in bytes; 0 on other devices."""
    return torch.cuda.max_memory_allocated(device) if device.startswith("cuda") else 0


def memory_held(device: str) -> tuple[int, int] | None:
    """Bytes that this process holds on a GPU, and the GPU's size; None on a CPU and before the first use.

    The allocator's own books, so that any thread may ask while another computes.
    """
    if device.startswith("cuda") and torch.cuda.is_initialized():
        return torch.cuda.memory_reserved(device), torch.cuda.get_device_properties(device).total_memory
    if device == "mps":
        return torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
    return None


def to_device(pixels: np.ndarray, device: str) -> Tensor:
    """Copy NumPy pixels (B, C, H, W) uint8 to a tensor on the device, to a GPU asynchronously."""
    tensor = torch.from_numpy(pixels)
    return tensor.pin_memory().to(device, non_blocking=True) if device.startswith("cuda") else tensor.to(device)


def to_float64(tensor: Tensor) -> Tensor:
    """The tensor as float64 on its device; on the CPU if that is an Apple GPU, which has no float64."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()
