"""Named random generators: every draw says what it is for, and one seed fixes them all.

A generator depends on its names only, never on what was drawn before, so a resumed run needs no
generator state and two stages never share a stream.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def seed_from(*names: str | int) -> int:
    """A 63-bit seed that depends on every name, e.g. ("synthesise", 0, "crop", 17)."""
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def named_generator(*names: str | int) -> "torch.Generator":
    """A CPU generator of its own for `names`; drawn on the CPU so that devices agree."""
    import torch  # here, so that whoever only derives seeds never loads torch

    return torch.Generator().manual_seed(seed_from(*names))


@contextmanager
def seeded_global_rng(*names: str | int) -> Iterator[None]:
    """Seed the processor's global generator inside the block, for initialisers, and restore it after."""
    import torch

    with torch.random.fork_rng(devices=[]):  # with several GPUs torch would wake and warn of them all
        torch.default_generator.manual_seed(seed_from(*names))
        yield
