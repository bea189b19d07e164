"""EDC Lab's engine: dataset condensation after "Elucidating the Design Space of Dataset Condensation"."""

__version__ = "0.1.0"
