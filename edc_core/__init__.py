"""EDC Lab's engine: dataset condensation after "Elucidating the Design Space of Dataset Condensation"."""

import os

__version__ = "0.1.0"

# How long an idle OpenMP thread spins before it sleeps; read once, when torch is first loaded. Measured
# on two cores with batches of 25: 10,000 turns cost at most a tenth over endless spinning on an idle
# machine, where sleeping at once costs 1.2 to 3 times; beside another busy process endless spinning
# costs 2 to 20 times.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")
