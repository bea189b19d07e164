"""CUDA graph capture and replay, for small batches.

Eight observers launch about 1,000 kernels for a batch of 25 images; launching them takes the processor longer than
computing them takes the GPU.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

WARM = 3  # calls before capture, in which libraries choose their kernels


@dataclass
class CapturedGraph:
    """The captured CUDA graph of one input shape, with its input and output buffers."""

    graph: torch.cuda.CUDAGraph
    input: Tensor
    output: Tensor


@lru_cache(8)
def _warm_up_stream(device: torch.device) -> torch.cuda.Stream:
    """The stream on which functions warm up: one per GPU, because libraries keep a workspace for every stream."""
    return torch.cuda.Stream(device)


@dataclass
class GraphedCallable:
    """A function of one tensor that runs as a CUDA graph, one per input shape; on other devices as it is.

    It computes no gradients, and its networks must not change. On a GPU the returned tensor is overwritten by the next
    call with that shape.
    """

    function: Callable[[Tensor], Tensor]
    captured: dict[torch.Size, CapturedGraph] = field(default_factory=dict)

    def __call__(self, given: Tensor) -> Tensor:
        if given.device.type != "cuda":
            return self.function(given)
        captured = self.captured.get(given.shape)
        if captured is None:
            captured = self.captured[given.shape] = self._capture(given)
        captured.input.copy_(given)
        captured.graph.replay()
        return captured.output

    def _capture(self, given: Tensor) -> CapturedGraph:
        buffer = given.clone()
        stream = _warm_up_stream(given.device)
        stream.wait_stream(torch.cuda.current_stream(given.device))
        with torch.cuda.stream(stream):
            for _ in range(WARM):
                self.function(buffer)
        torch.cuda.current_stream(given.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(given.device), torch.cuda.graph(graph):
            output = self.function(buffer)
        return CapturedGraph(graph, buffer, output)
