"""Neighbours: the real training images nearest to each condensed one, in pixels and in features.

Is the set memorising? A condensed image is near to a real one or far from it only by a measure: how far that
real image is from the next real one, and how near real images that were held out come by the same measure
(after Meehan, Chaudhuri and Dasgupta 2020, "A non-parametric test to detect data-copying in generative models").
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from edc_core.data import Part
from edc_core.networks.builders import features_of
from edc_core.pipeline.context import StageContext
from edc_core.pipeline.stages.nearest import Nearest, fingerprints
from edc_core.torch_utils.device import to_device

KEPT = 5  # neighbours of each image
HELD_OUT = 1000  # held-out real images that are measured alike
CHUNK_BYTES = 2**22  # pixels looked at together
KEPT_BYTES = 2**26  # vectors kept from the first pass for the second, however large the data set

See = Callable[[np.ndarray], Tensor]  # (B, C, H, W) uint8 -> (B, F)


def neighbours(context: StageContext) -> None:
    """Leaves `neighbours.safetensors` and `neighbours.json`.

    For each space ("pixel", and "feature" where labels are a committee's), Euclidean, in pixels of [0, 1] or
    between penultimate features of the committee's first network:
    `<space>.rows`, `.labels` and `.distances` (N, 5): rows of the training part, their classes and how far, nearest
    first; an image's own start (any training image that equals it to the bit) is left out.
    `<space>.ratio` (N,): the nearest's distance over that one's distance to its own nearest other real image, the
    image's start again left out: a start that stays as it is counts as one more held-out image.
    `<space>.held` (M,): the same of held-out real images.
    `<space>.start` (N,): the distance to the own start. `<space>.nearest` (N, C, H, W) uint8: the nearest itself.
    """
    observers = context.config.relabel.observers if context.config.relabel.labels == "soft" else ()
    runtime = context.runtime(dict.fromkeys(observers[:1], context.config.relabel.precision))
    normalise = context.normalisation(runtime.device)
    with runtime.use_threads(), torch.inference_mode():
        starts = normalise.pixels(context.condensed("initialise")[0].to(runtime.device)).cpu().numpy()
        spaces: dict[str, See] = {"pixel": lambda pixels: to_device(pixels, runtime.device).flatten(1).float() / 255}
        if observers:
            network = context.observer(observers[0], runtime)

            def features(pixels: np.ndarray) -> Tensor:
                with runtime.autocast(observers[0]):
                    return features_of(network, normalise(to_device(pixels, runtime.device)))[1].float()

            spaces["feature"] = features
        search = Search(context, spaces, context.dataset.part("train"))
        tensors, left_out = search.run(context.condensed()[0].numpy(), starts)
    context.save_tensors("neighbours", tensors)
    held_out = len(tensors["pixel.held"])
    record = {"network": observers[0] if observers else None, "held_out": held_out, "starts_left_out": left_out}
    context.save_json("neighbours", record)


@dataclass
class Search:
    """Two passes over the training part: the nearest of each query, then the nearest of those."""

    context: StageContext
    spaces: dict[str, See]
    part: Part
    seen: int = 0
    room: int = KEPT_BYTES
    kept: dict[tuple[str, int], Tensor] = field(default_factory=dict)

    def run(self, pixels: np.ndarray, starts: np.ndarray) -> tuple[dict[str, Tensor], int]:
        """The stage's tensors, and how many condensed images had a start among the training images."""
        held = self.context.dataset.part("val").first(HELD_OUT)
        queries = np.concatenate([pixels, held.take(np.arange(len(held)))])
        marks, found = torch.from_numpy(fingerprints(starts)), torch.zeros(len(pixels), dtype=torch.bool)

        def own_start(chunk: np.ndarray, _: Tensor) -> Tensor:
            same = marks[:, None] == torch.from_numpy(fingerprints(chunk))
            found.logical_or_(same.any(1))
            return torch.cat([same, torch.zeros(len(held), len(chunk), dtype=torch.bool)])

        firsts = self._pass({name: self._all(see, queries) for name, see in self.spaces.items()}, KEPT, own_start)
        nearest = {name: self.part.take(first.rows[:, 0].cpu().numpy()) for name, first in firsts.items()}

        def itself_or_start(space: str) -> Callable[[np.ndarray, Tensor], Tensor]:
            own = firsts[space].rows[:, :1].cpu()
            return lambda chunk, rows: (own == rows) | own_start(chunk, rows)

        total = {}
        for name, see in self.spaces.items():
            second = self._pass({name: self._all(see, nearest[name])}, 1, itself_or_start(name))[name]
            total |= self._tensors(name, firsts[name], second, len(pixels))
            total[f"{name}.nearest"] = torch.from_numpy(nearest[name][: len(pixels)])
            apart = self._all(see, pixels) - self._all(see, starts)
            total[f"{name}.start"] = apart.norm(dim=1)
        return total, int(found.sum())

    def _tensors(self, name: str, first: Nearest, second: Nearest, count: int) -> dict[str, Tensor]:
        ratio = first.distances[:, 0] / second.distances[:, 0].clamp_min(1e-9)
        rows = first.rows[:count].cpu()
        return {
            f"{name}.rows": rows,
            f"{name}.labels": torch.from_numpy(self.part.labels[rows.numpy()]),
            f"{name}.distances": first.distances[:count].float(),
            f"{name}.ratio": ratio[:count].float(),
            f"{name}.held": ratio[count:].float(),
        }

    def _pass(
        self, queries: dict[str, Tensor], count: int, left_out: Callable[[np.ndarray, Tensor], Tensor]
    ) -> dict[str, Nearest]:
        """The `count` nearest training images of each query, in each space, the data set read once."""
        searches = {name: Nearest(vectors, min(count, len(self.part))) for name, vectors in queries.items()}
        size = self._chunk(self.part.take(np.arange(1)))
        for start in range(0, len(self.part), size):
            rows = np.arange(start, min(start + size, len(self.part)))
            chunk, numbers = self.part.take(rows), torch.from_numpy(rows)
            skipped = left_out(chunk, numbers)
            for name, search in searches.items():
                search.update(self._vectors(name, start, chunk), numbers, skipped)
            self.seen += len(rows)
            total = (1 + len(self.spaces)) * len(self.part)
            self.context.progress(self.seen, total, "image", "comparing with real images")
        return searches

    def _vectors(self, name: str, start: int, chunk: np.ndarray) -> Tensor:
        """A chunk as a space sees it; of a small data set the second pass finds the first one's."""
        if (name, start) in self.kept:
            return self.kept[name, start]
        vectors = self.spaces[name](chunk)
        if (size := vectors.numel() * vectors.element_size()) <= self.room:
            self.kept[name, start], self.room = vectors, self.room - size
        return vectors

    def _all(self, see: See, pixels: np.ndarray) -> Tensor:
        size = self._chunk(pixels)
        return torch.cat([see(pixels[start : start + size]) for start in range(0, len(pixels), size)])

    @staticmethod
    def _chunk(pixels: np.ndarray) -> int:
        return max(1, min(500, CHUNK_BYTES // pixels[0].size))
