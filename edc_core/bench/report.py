"""What a bench found, as JSON and as a table."""

from dataclasses import asdict, dataclass
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

    def plain(self) -> dict[str, Any]:
        """JSON of it."""
        parts = [asdict(part) | {"ratio": round(part.ratio, 2)} for part in self.parts]
        return {"about": self.about, "gigaflops": {name: round(s / 1e9, 1) for name, s in self.speeds.items()}} | {
            "parts": parts,
            "peak_mib": self.memory,
        }

    def markdown(self) -> str:
        """Tables for the documentation."""
        lines = [
            "| part | seconds | bound | ratio | goal | published code |",
            "|---|---|---|---|---|---|",
        ]
        for part in self.parts:
            goal = "" if part.goal is None else f"under {part.goal:g}"
            lines.append(
                f"| {part.name}, {part.unit} | {part.seconds:.3f} | {part.bound:.3f} | {part.ratio:.1f} | {goal} |"
                f" {part.reference} |"
            )
        shown = ", ".join(f"{speed / 1e9:,.0f} GFLOP/s in {name}" for name, speed in self.speeds.items())
        memory = ", ".join(f"{stage} {most:,}" for stage, most in self.memory.items())
        return "\n".join([*lines, "", f"Matrix products: {shown}. Peak memory in MiB: {memory}."])
