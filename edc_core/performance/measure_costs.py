"""What networks cost on this machine, by the clock: the reference table, and a short measurement against it."""

import io
import itertools
import math
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

import numpy as np
import psutil
import torch
from PIL import Image
from torch import Tensor

from edc_core.config import ViewsConfig
from edc_core.data.sources import locate, open_shards
from edc_core.networks.catalogue import probes
from edc_core.networks.runtime import Runtime, resolve_runtime
from edc_core.performance.costs import (
    HEADROOM,
    PROBE_BATCHES,
    PROBE_KINDS,
    PROBE_SHAPE,
    STEP_KINDS,
    Costs,
    shape_name,
    table,
)
from edc_core.performance.timed_steps import STEPS, new_network, normalisation, random_images
from edc_core.torch_utils.device import synchronize
from edc_core.torch_utils.setup import configure_torch
from edc_core.training.views import ViewPlan

MOMENTS_BATCHES = (50,)  # what statistics work in on a processor
SLOW = 0.4  # seconds a step at a batch of 100, from which larger batches are not tried
Measured = dict[str, dict[str, float]]  # kind -> batch -> seconds


@dataclass(frozen=True)
class Clock:
    """The least of several takes. `busy` counts processor time, so that neighbours on the machine do not count."""

    least: int = 3
    most: float = 0.25  # seconds
    busy: bool = False

    def __call__(self, work: Callable[[], object]) -> float:
        now = time.process_time if self.busy else time.perf_counter
        work()
        takes: list[float] = []
        while len(takes) < self.least or (sum(takes) < self.most and len(takes) < 20):
            start = now()
            work()
            takes.append(now() - start)
        return min(takes)


def reference(networks: tuple[str, ...], shapes: tuple[tuple[int, int], ...], batches: tuple[int, ...]) -> Iterator:
    """Every network's costs at every (channels, size), a (network, shape, costs) at a time."""
    clock = Clock(busy=torch.get_num_threads() == 1)
    for channels, size in shapes:
        for network in networks:
            costs = measure(network, channels, size, STEP_KINDS, batches, clock)
            yield network, shape_name(channels, size), costs | {"bytes": kept_bytes(network, channels, size)}
        yield "views", shape_name(channels, size), views(channels, size, batches, clock)


def measure(
    network: str, channels: int, size: int, kinds: tuple[str, ...], batches: tuple[int, ...], clock: Clock
) -> Measured:
    """Seconds of a step by kind and batch size; batches that would take long are left out."""
    runtime = resolve_runtime({network: "auto"})
    found: Measured = {}
    for kind in kinds:
        found[kind] = {}
        for batch in MOMENTS_BATCHES if kind == "moments" else batches:
            if found[kind].get("100", 0) > SLOW:
                break
            step = STEPS[kind](network, random_images(batch, channels, size, runtime), runtime)
            found[kind][str(batch)] = round(_finished(clock, step, runtime), 6)
    return found


def views(channels: int, size: int, batches: tuple[int, ...], clock: Clock) -> Measured:
    """Seconds of rendering a batch of views, plain ("crop") and with two operations of RandAugment ("randaugment")."""
    found: Measured = {"crop": {}, "randaugment": {}}
    runtime = resolve_runtime({})
    normalise = normalisation(channels, runtime.device)
    for kind, operations in (("crop", 0), ("randaugment", 2)):
        for batch in batches:
            pixels = torch.randint(0, 256, (batch, channels, size, size), dtype=torch.uint8, device=runtime.device)
            plan = ViewPlan(ViewsConfig(batch_size=batch, randaugment_ops=operations), batch, size)

            def render(plan=plan, pixels=pixels) -> None:
                next(plan.epoch(0)).render(pixels, normalise)

            found[kind][str(batch)] = round(_finished(clock, render, runtime), 6)
    return found


def kept_bytes(
    network: str,
    channels: int,
    size: int,
    batch: int = 10,
    kinds: Collection[str] = ("observe", "train"),
    policy: str = "auto",
) -> dict[str, int]:
    """Bytes an image that a step keeps for its gradient, and a network's own, by kind."""
    runtime = resolve_runtime({network: policy})
    found = {"weights": sum(p.numel() * p.element_size() for p in new_network(network, channels, size).parameters())}
    for kind in {"observe", "train"}.intersection(kinds):
        step = STEPS[kind](network, random_images(batch, channels, size, runtime), runtime)
        seen: dict[int, int] = {}

        def keep(tensor: Tensor, seen=seen) -> Tensor:
            storage = tensor.untyped_storage()
            seen[storage.data_ptr()] = storage.nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            step()
        found[kind] = sum(seen.values()) // batch
    return found


def _finished(clock: Clock, step: Callable[[], object], runtime: Runtime) -> float:
    """Time a step to its end, also where the device works behind the caller's back."""
    return clock(lambda: (step(), synchronize(runtime.device)))


@dataclass(frozen=True)
class Machine:
    """What the short measurement found."""

    slowness: dict[str, dict[str, float]]  # family (or "views") -> kind -> factor on the table
    decode: float  # seconds an embedded image
    base_mb: float  # of a process that has loaded torch and computed, beside what its steps held
    threads: int


def this_machine(threads: int) -> Machine:
    """A few networks' steps here against the table's, in about three seconds; `threads` 0: all cores."""
    configure_torch()
    torch.set_num_threads(threads or torch.get_num_threads())
    (channels, size), clock = PROBE_SHAPE, Clock(least=1, most=0.04)
    slowness: dict[str, dict[str, float]] = {}
    measure("convnet-d2-w32", channels, size, PROBE_KINDS, (25,), Clock(most=0.1))  # the first steps are slow ones
    for network in dict.fromkeys(probes().values()):
        here = measure(network, channels, size, PROBE_KINDS, PROBE_BATCHES, clock)
        ratios = {kind: _ratio(here[kind], table()[network][shape_name(channels, size)][kind]) for kind in here}
        for family in (family for family, probe in probes().items() if probe == network):
            slowness[family] = ratios | {"moments": ratios["forward"]}
    here = views(channels, size, PROBE_BATCHES, clock)
    there = table()["views"][shape_name(channels, size)]
    slowness["views"] = {"randaugment": _ratio(here["randaugment"], there["randaugment"])}
    return Machine(slowness, _decode_seconds(), round(_base_mb()), torch.get_num_threads())


def _base_mb() -> float:
    """This process's peak without what the hungriest of its steps held."""
    costs, batch = Costs(*PROBE_SHAPE), max(PROBE_BATCHES)
    hungriest = max(batch * costs.kept("observe", network) for network in probes().values())
    return psutil.Process().memory_info().rss / 2**20 - HEADROOM * hungriest / 2**20


def _ratio(here: dict[str, float], there: dict[str, float]) -> float:
    """How many times longer steps take here: the geometric mean over batch sizes."""
    logs = [math.log(here[batch] / there[batch]) for batch in here if batch in there]
    return round(math.exp(sum(logs) / len(logs)), 4)


def _decode_seconds(count: int = 200) -> float:
    """Seconds to decode an embedded image: the least of a few hundreds, for the first are slow."""
    rows = open_shards(locate("fashion-mnist-mini")).rows("train")

    def take() -> float:
        started = time.perf_counter()
        for encoded, _, _ in itertools.islice(rows, count):
            with Image.open(io.BytesIO(encoded)) as image:
                np.asarray(image.convert("L"))
        return time.perf_counter() - started

    return round(min(take() for _ in range(5)) / count, 7)
