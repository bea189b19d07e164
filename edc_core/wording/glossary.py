"""Glossary: the lab's terms in one sentence each, shown wherever a term stands on a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A term, its sentence, and the forms in which a text may hold it, as a regular expression (JavaScript's too)."""

    name: str
    sentence: str
    forms: str


TERMS = (
    Term(
        "observer", "A network trained on the real images; condensed images are made to look real to it.", r"observers?"
    ),
    Term(
        "squeeze",
        "The first stage: it trains the observers on the real images and keeps the statistics of their layers.",
        r"squeez(?:e|es|ed|ing)",
    ),
    Term("IPC", "Images per class: how many condensed images each class has.", r"IPC"),
    Term("soft label", "It says how much an image looks like each class, as observers see it.", r"soft labels?"),
    Term("hard label", "It names an image's class and says nothing more.", r"hard labels?"),
    Term("committee", "Several observers whose predictions are averaged into one label.", r"committees?"),
    Term("student", "A fresh network that is trained on the condensed images only, and then scored.", r"students?"),
    Term(
        "held-out", "Held-out images are training images that nothing was trained on, kept for scoring.", r"held[- ]out"
    ),
    Term("top-1", "The share of images whose class the network names first, in percent.", r"top-1"),
    Term("EMA", "Exponential moving average: a running mean of a network's weights while it is trained.", r"EMA"),
    Term("profile", "A profile sets how long a run takes: its iterations, epochs and networks.", r"profiles?"),
    Term("seed", "The number that starts every random draw: another seed gives another random outcome.", r"seeds?"),
    Term(
        "matrix",
        "A set of runs that differ in their design choices, each repeated with several seeds.",
        r"(?<!confusion )(?:matrix|matrices)",
    ),
    Term(
        "confound",
        "Something else that changes together with a choice and could explain its effect.",
        r"confound(?:s|ers?)?",
    ),
    Term(
        "filter norm",
        "The length of a network's filter: directions are scaled by it, so that networks can be compared.",
        r"filter norms?",
    ),
    Term("nats", "The unit of cross-entropy with natural logarithms: 1 nat is about 1.44 bits.", r"nats?"),
)
GLOSSARY = {term.name: term.sentence for term in TERMS}
