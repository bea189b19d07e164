"""What a bench found, as JSON and as a table."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Timed:
    """One part: seconds a unit here, the operations that it needs, and the least that the processor allows."""

    name: str
    unit: str
    seconds: float
    operations: float
    bound: float  # seconds, at the measured speed of matrix products
    goal: float | None = None  # seconds, where the project has set one
    reference: str = ""  # what the published code takes

    @property
    def ratio(self) -> float:
        """How many times the bound it takes."""
        return self.seconds / self.bound


@dataclass(frozen=True)
class Report:
    """All of it, with what it was measured on."""

    about: dict[str, Any]
    speeds: dict[str, float]  # operations a second by type of number
    parts: tuple[Timed, ...]
    memory: dict[str, int]  # MiB at most, by stage
    gpu_memory: dict[str, int] = field(default_factory=dict)  # MiB of tensors on a GPU, likewise; zeros without one

    def plain(self) -> dict[str, Any]:
        """JSON of it."""
        parts = [asdict(part) | {"ratio": round(part.ratio, 2)} for part in self.parts]
        return {"about": self.about, "gigaflops": {name: round(s / 1e9, 1) for name, s in self.speeds.items()}} | {
            "parts": parts,
            "peak_mib": self.memory,
            "peak_gpu_mib": self.gpu_memory,
        }

    def markdown(self) -> str:
        """Tables for the documentation."""
        compared = self.about["device"] == "cpu"  # with the published code, which was timed on two processor cores
        lines = [
            "| part | seconds | bound | ratio | goal |" + " published code on two cores |" * compared,
            "|---|---|---|---|---|" + "---|" * compared,
        ]
        for part in self.parts:
            goal = "" if part.goal is None else f"under {part.goal:g}"
            times = f"{_short(part.seconds)} | {_short(part.bound)} | {part.ratio:.1f}"
            lines.append(f"| {part.name}, {part.unit} | {times} | {goal} |" + f" {part.reference} |" * compared)
        shown = ", ".join(f"{speed / 1e9:,.0f} GFLOP/s in {name}" for name, speed in self.speeds.items())
        kinds = {"memory": self.memory, "memory of the GPU": self.gpu_memory if any(self.gpu_memory.values()) else {}}
        peaks = "".join(
            f" Peak {kind} in MiB: {', '.join(f'{stage} {most:,}' for stage, most in peak.items())}."
            for kind, peak in kinds.items()
            if peak
        )
        return "\n".join([*lines, "", f"Matrix products: {shown}.{peaks}"])


def _short(seconds: float) -> str:
    """Three digits, whether a GPU took microseconds or a small processor took an hour."""
    return f"{seconds:,.0f}" if seconds >= 100 else f"{seconds:.3g}"
