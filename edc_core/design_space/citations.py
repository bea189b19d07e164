"""Citations of the paper, of the methods, of the embedded data set and of the lab, as BibTeX and CITATION.cff.

The only place where they are written down. What the authors' own repositories say stands here, and no more: a method
without an entry (herding, an extension) is not cited.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from edc_core import __version__

PAPER = "https://arxiv.org/abs/2404.13733"
CODE = "https://github.com/shaoshitong/EDC"
NEURIPS = "Advances in Neural Information Processing Systems"
CVPR = "Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition"


@dataclass(frozen=True)
class Citation:
    """A work to cite: its BibTeX key, its kind of entry, its fields in order."""

    key: str
    kind: str
    title: str
    authors: tuple[str, ...]  # "Family, Given"
    year: int
    rest: Mapping[str, str] = field(default_factory=dict)

    def bibtex(self) -> str:
        """The entry, a field a line, with a line break at its end."""
        fields = {"title": self.title, "author": " and ".join(self.authors), "year": str(self.year), **self.rest}
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@{self.kind}{{{self.key},\n{lines}}}\n"


def _arxiv(number: str) -> dict[str, str]:
    return {"eprint": number, "archivePrefix": "arXiv"}


EDC = Citation(
    "shao2024elucidating",
    "inproceedings",
    "Elucidating the Design Space of Dataset Condensation",
    ("Shao, Shitong", "Zhou, Zikai", "Chen, Huanran", "Shen, Zhiqiang"),
    2024,
    {"booktitle": NEURIPS, "volume": "37", **_arxiv("2404.13733")},
)
LAB = Citation(
    "edclab2026",
    "software",
    "{EDC Lab}",
    ("{the EDC Lab authors}",),
    2026,
    {"version": __version__, "license": "MIT"},
)
SRE2L = Citation(
    "yin2023squeeze",
    "inproceedings",
    "Squeeze, Recover and Relabel: Dataset Condensation at {ImageNet} Scale From A New Perspective",
    ("Yin, Zeyuan", "Xing, Eric", "Shen, Zhiqiang"),
    2023,
    {"booktitle": NEURIPS, **_arxiv("2306.13092")},
)
CDA = Citation(
    "yin2023dataset",
    "article",
    "Dataset Distillation in Large Data Era",
    ("Yin, Zeyuan", "Shen, Zhiqiang"),
    2023,
    {"journal": "arXiv preprint arXiv:2311.18838"},
)
G_VBSM = Citation(
    "shao2024generalized",
    "inproceedings",
    "Generalized Large-Scale Data Condensation via Various Backbone and Statistical Matching",
    ("Shao, Shitong", "Yin, Zeyuan", "Zhang, Xindong", "Shen, Zhiqiang"),
    2024,
    {"booktitle": CVPR},
)
RDED = Citation(
    "sun2024diversity",
    "inproceedings",
    "On the Diversity and Realism of Distilled Dataset: An Efficient Dataset Distillation Paradigm",
    ("Sun, Peng", "Shi, Bei", "Yu, Daiwei", "Lin, Tao"),
    2024,
    {"booktitle": CVPR, **_arxiv("2312.03526")},
)
FADRM = Citation(
    "cui2025fadrm",
    "article",
    "{FADRM}: Fast and Accurate Data Residual Matching for Dataset Distillation",
    ("Cui, Jiacheng", "Bi, Xinyue", "Luo, Yaxin", "Zhao, Xiaohan", "Liu, Jiacheng", "Shen, Zhiqiang"),
    2025,
    {"journal": "arXiv preprint arXiv:2506.24125"},
)
FASHION_MNIST = Citation(
    "xiao2017fashion",
    "article",
    "{Fashion-MNIST}: a Novel Image Dataset for Benchmarking Machine Learning Algorithms",
    ("Xiao, Han", "Rasul, Kashif", "Vollgraf, Roland"),
    2017,
    {"journal": "arXiv preprint arXiv:1708.07747"},
)
METHODS = {"SRe2L": (SRE2L,), "CDA": (SRE2L, CDA), "G-VBSM": (G_VBSM,), "RDED": (RDED,)}  # else EDC
PROTOCOLS = {"edc": EDC, "hard": EDC, "plain": EDC, "sre2l": SRE2L, "rded": RDED}  # labels and training
DATASETS = {"fashion-mnist": FASHION_MNIST, "fashion-mnist-mini": FASHION_MNIST}


def methods_of(settings: Mapping[str, Any]) -> list[Citation]:
    """What a run's settings, as rows store them, rest on: a method, a protocol, a data set."""
    found = [
        *METHODS.get(str(settings.get("preset")), (EDC,)),
        PROTOCOLS.get(str(settings.get("protocol"))),
        FADRM if (settings.get("synthesise") or {}).get("residual") else None,
        DATASETS.get(str(settings.get("dataset"))),
    ]
    return list({one.key: one for one in found if one}.values())


def bibtex(runs: Iterable[Mapping[str, Any]] = ()) -> str:
    """BibTeX of what runs of these settings rest on and of the lab; of EDC and the lab where there are none."""
    found = {one.key: one for settings in runs for one in methods_of(settings)} or {EDC.key: EDC}
    return "\n".join(one.bibtex() for one in (*found.values(), LAB))


def citation_cff() -> str:
    """CITATION.cff (version 1.2.0): the lab, with the paper as what it rests on."""
    names = [name.split(", ") for name in EDC.authors]
    people = "".join(f"      - family-names: {family}\n        given-names: {given}\n" for family, given in names)
    return (
        "cff-version: 1.2.0\n"
        "message: Please cite EDC Lab with its version, and the paper whose method it implements.\n"
        "type: software\n"
        "title: EDC Lab\n"
        f'version: "{__version__}"\n'
        "license: MIT\n"
        "authors:\n"
        "  - name: the EDC Lab authors\n"
        "references:\n"
        "  - type: conference-paper\n"
        f"    title: {EDC.title}\n"
        "    authors:\n"
        f"{people}"
        f"    year: {EDC.year}\n"
        f"    collection-title: {EDC.rest['booktitle']}\n"
        "    identifiers:\n"
        "      - type: other\n"
        f"        value: arXiv:{EDC.rest['eprint']}\n"
        f"    url: {PAPER}\n"
        f"    repository-code: {CODE}\n"
    )
