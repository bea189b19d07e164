"""Named random generators: each is seeded by the names of its purpose.

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
    """A CPU generator seeded by `names`; on the CPU so that all devices draw the same."""
    import torch  # here, so that deriving seeds loads no torch

    return torch.Generator().manual_seed(seed_from(*names))


@contextmanager
def seeded_global_rng(*names: str | int) -> Iterator[None]:
    """Seed torch's global CPU generator inside the block, for weight initialisers, and restore it after."""
    import torch

    with torch.random.fork_rng(devices=[]):  # with several GPUs torch would wake and warn of them all
        torch.default_generator.manual_seed(seed_from(*names))
        yield
