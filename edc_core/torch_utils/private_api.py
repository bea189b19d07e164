"""Private API of torch that the project uses: all of it is here, and says when it can go.

`tests/torch_utils/test_private_api.py` fails first where a version of torch changes one of these.
"""

from contextlib import AbstractContextManager

import torch
from torch import Tensor, nn
from torch.fx.experimental.optimization import fuse
from torch.fx.proxy import TraceError

# Base class of a context that sees every operation. Remove when torch.utils exports it.
from torch.utils._python_dispatch import TorchDispatchMode as TorchDispatchMode


def standard_gamma(concentration: Tensor, generator: torch.Generator) -> Tensor:
    """Gamma(concentration, 1) samples, of the shape of `concentration`, from a generator.

    Remove when torch.distributions.Gamma or Beta takes a generator.
    """
    return torch._standard_gamma(concentration, generator=generator)


def fuse_conv_batchnorm(network: nn.Module) -> nn.Module | None:
    """A copy of an eval-mode network with each BatchNorm2d folded into the convolution before it.

    None where torch.fx cannot trace the network. Remove when torch.fx folds BatchNorm outside `experimental`.
    """
    try:
        return fuse(network)
    except TraceError:
        return None


def cpu_has_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 matrices in hardware (AMX, or AVX-512's bfloat16); False where torch
    no longer tells.

    Remove when torch.cpu has a public test for it.
    """
    probes = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)


def without_compile_caches() -> AbstractContextManager[object]:
    """Context in which torch.compile finds nothing that an earlier process compiled.

    Remove when torch.compiler has a switch for its caches.
    """
    from torch._inductor import config  # takes seconds to load

    return config.patch(force_disable_caches=True)


def compile_error() -> type[Exception]:
    """Base class of the errors of torch.compile's tracer. Remove when torch.compiler exports it."""
    from torch._dynamo.exc import TorchDynamoException  # takes seconds to load

    return TorchDynamoException
