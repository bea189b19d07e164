"""How a data set's files were read: choices among several readings, and files that were left out."""

from edc_core.data import Description
from edc_core.doctor.finding import Finding
from edc_core.wording.grammar import capitalise


def check_census(about: Description) -> tuple[Finding, ...]:
    """Each remark of the census: doubts and images that were left out are warnings, all else is to know."""
    found = [Finding("reading", "warning", _sentence(doubt)) for doubt in about.census.doubts]
    found += [Finding("reading", "note", _sentence(reading)) for reading in about.census.readings]
    for group in about.census.left_out:
        found.append(Finding("reading", "warning" if group.images else "note", _sentence(group.sentence)))
    return tuple(found)


def _sentence(remark: str) -> str:
    return f"{capitalise(remark)}."
