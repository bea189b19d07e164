"""Put every network through a training step and a matching step, for grey and colour, at every image size.

    python -m experiments.networks_table [--networks resnet50,swin-t] [--precision float32] [--sizes 28,32,64,224]

Batches of two on one thread; seconds include the first call's preparations. A refusal is printed as
its sentence. Prints Markdown; the exit status is 1 where a combination fails without a sentence.
"""

import argparse
import resource
import sys
import time

import torch

from edc_core.errors import SettingsError
from edc_core.networks.catalogue import FAMILIES
from edc_core.torch_utils.setup import configure_torch
from experiments.network_trials import tried

MORE = ("mobilenetv2", "shufflenetv2-1.0", "resnet101")  # beside each family's example
NETWORKS = (*(family.example for family in FAMILIES.values()), *MORE)


def row(name: str, channels: int, size: int, precision: str) -> tuple[str, bool]:
    """A line of the table, and whether the combination did what it should."""
    try:
        found = tried(name, channels, size, precision)
    except SettingsError as error:
        return f"| {name} | {channels} | {size} | | | | | | {error} |", True
    except Exception as error:  # what is looked for here
        return f"| {name} | {channels} | {size} | | | | | | FAILED: {type(error).__name__}: {error} |", False
    seconds = " | ".join(f"{found.seconds[part]:.2f}" for part in ("build", "train", "match"))
    matched = f"{found.norms} + {found.convolutions}"
    return f"| {name} | {channels} | {size} | {found.parameters:,} | {matched} | {seconds} | ok |", True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--sizes", default="28,32,64,224")
    parser.add_argument("--precision", default="float32", choices=("float32", "bfloat16"))
    asked = parser.parse_args()
    configure_torch()
    torch.set_num_threads(1)
    started, fine = time.monotonic(), True
    print("| network | channels | px | parameters | matched BN + conv | build s | train s | match s | |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in asked.networks.split(","):
        for size in map(int, asked.sizes.split(",")):
            for channels in (1, 3):
                line, right = row(name, channels, size, asked.precision)
                fine &= right
                print(line, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{time.monotonic() - started:.0f} s in all, peak memory {peak:.1f} GB")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
