"""torch's global settings for this process. Nothing is set on import; call `configure_torch` before computing."""

import ctypes
import sys
import warnings
from contextlib import suppress

import torch

HEAP_BYTES = 2**27  # tensors up to this size come from the heap
KEPT_BYTES = 2**29  # of freed memory that is not given back to the system


def configure_torch() -> None:
    """Make GPUs deterministic and allocation cheap; calling it again changes nothing.

    See `environment.set_before_torch` for the settings that torch reads while it loads.
    """
    tune_malloc()
    enable_deterministic_cuda()


def tune_malloc() -> None:
    """Let glibc reuse large freed tensors: mapping fresh pages for each cost six times a convolution's own time."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(-3, HEAP_BYTES)  # M_MMAP_THRESHOLD
            mallopt(-1, KEPT_BYTES)  # M_TRIM_THRESHOLD


def enable_deterministic_cuda() -> None:
    """Deterministic cuDNN kernels, and no TF32."""
    torch.backends.cudnn.deterministic = True
    with warnings.catch_warnings():  # torch 2.9 speaks of names that earlier versions do not have
        warnings.simplefilter("ignore", UserWarning)
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
