"""What the doctor says: a finding, how much it matters, and its cure."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from edc_core.data import Description

MAX_SHOWN = 5  # examples that a finding names
Severity = Literal["fatal", "warning", "note"]  # no run is possible; its figures may mislead; to know


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` is empty where nothing is to be done."""

    check: str  # files, reading, classes, balance, duplicates, normalisation, labels, observers
    severity: Severity
    message: str
    cure: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """All findings about a data set, the gravest first; `about` is None where it cannot be described."""

    dataset: str
    about: Description | None
    findings: tuple[Finding, ...]

    @property
    def fatal(self) -> bool:
        return any(finding.severity == "fatal" for finding in self.findings)

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        count = {kind: sum(found.severity == kind for found in self.findings) for kind in ORDER}
        about = self.about
        shape = {} if about is None else {"name": about.name, "digest": about.digest, "classes": list(about.classes)}
        if about is not None:
            shape |= {"size": about.size, "channels": about.channels}
            shape |= {"train_counts": list(about.train_counts), "test_count": about.test_count}
            shape["census"] = about.census.plain()
        return {"dataset": self.dataset, **shape, **count, "findings": [asdict(found) for found in self.findings]}


ORDER = ("fatal", "warning", "note")


def listed_names(names: list[str], shown: int = MAX_SHOWN) -> str:
    """A few names, and how many more there are."""
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(f"'{name}'" for name in names[:shown]) + more
