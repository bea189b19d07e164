"""Steps of a student timed in a process of their own: how its threads wait is decided before torch loads.

python -m edc_core.performance.bench.spin_wait NETWORK IMAGES CHANNELS SIZE PRECISION
"""

import os
import subprocess
import sys

from edc_core.environment import set_before_torch
from edc_core.errors import EDCError

ROUNDS, STEPS = 3, 10
# GNU's OpenMP, which torch brings on Linux: how often a thread that waits looks again before it sleeps.
SLEEPS, SPINS = {"GOMP_SPINCOUNT": "0"}, {"GOMP_SPINCOUNT": "infinity"}


def waiting(network: str, images: int, channels: int, size: int, precision: str) -> dict[str, float]:
    """Seconds of a student's step where waiting threads sleep at once, where they spin on, and as EDC Lab has it."""
    asked = [network, *(str(number) for number in (images, channels, size)), precision]
    found = {"sleep": [], "spin": [], "brief": []}
    for _ in range(ROUNDS):
        for name, environment in (("sleep", SLEEPS), ("spin", SPINS), ("brief", {})):
            found[name].append(seconds_in_a_process(asked, environment))
    return {name: min(seconds) for name, seconds in found.items()}


def seconds_in_a_process(asked: list[str], environment: dict[str, str]) -> float:
    """Seconds of the step that was asked for, with these variables in place of the lab's own.

    Raises:
        EDCError: it failed; its own words are on stderr.
    """
    command = [sys.executable, "-m", __spec__.name, *asked]
    inherited = {name: value for name, value in os.environ.items() if name not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    done = subprocess.run(command, env=inherited | environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise EDCError(f"a step of {asked[0]} failed (exit status {done.returncode}): its own words stand above.")
    return float(done.stdout)


def _main(network: str, images: str, channels: str, size: str, precision: str) -> None:
    from edc_core.networks.runtime import resolve_runtime
    from edc_core.performance.measure_costs import Clock
    from edc_core.performance.timed_steps import STEPS as PROBED
    from edc_core.performance.timed_steps import random_images
    from edc_core.torch_utils.setup import configure_torch

    configure_torch()
    runtime = resolve_runtime({network: precision})
    with runtime.use_threads():
        step = PROBED["train"](network, random_images(int(images), int(channels), int(size), runtime), runtime)
        sys.stdout.write(f"{Clock(least=STEPS, most=0.0)(step)}\n")


if __name__ == "__main__":
    set_before_torch()
    _main(*sys.argv[1:])
