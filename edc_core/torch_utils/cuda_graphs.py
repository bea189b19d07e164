"""CUDA graph capture and replay, for small batches.

Eight observers launch about 1,000 kernels for a batch of 25 images; launching them takes the processor longer than
computing them takes the GPU.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import torch
from torch import Tensor

WARM = 3  # calls before operations are recorded: libraries choose their kernels meanwhile


@dataclass
class CapturedGraph:
    """One shape's operations, where they read and where they leave what they find."""

    graph: torch.cuda.CUDAGraph
    given: Tensor
    found: Tensor


@lru_cache(8)
def _aside(device: torch.device) -> torch.cuda.Stream:
    """Where functions warm up: one for each GPU, because libraries keep a workspace for each that they met."""
    return torch.cuda.Stream(device)


@dataclass
class GraphedCallable:
    """A function of one tensor, without gradients, whose networks stay as they are.

    On a GPU what it gives is overwritten by its next call with that shape.
    """

    function: Callable[[Tensor], Tensor]
    recordings: dict[torch.Size, CapturedGraph] = field(default_factory=dict)

    def __call__(self, given: Tensor) -> Tensor:
        if given.device.type != "cuda":
            return self.function(given)
        recording = self.recordings.get(given.shape)
        if recording is None:
            recording = self.recordings[given.shape] = self._record(given)
        recording.given.copy_(given)
        recording.graph.replay()
        return recording.found

    def _record(self, given: Tensor) -> CapturedGraph:
        place = given.clone()
        stream = _aside(given.device)
        stream.wait_stream(torch.cuda.current_stream(given.device))
        with torch.cuda.stream(stream):
            for _ in range(WARM):
                self.function(place)
        torch.cuda.current_stream(given.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.device(given.device), torch.cuda.graph(graph):
            found = self.function(place)
        return CapturedGraph(graph, place, found)
