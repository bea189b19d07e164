"""The paper that the lab rests on: where it and its code are, and how to cite it."""

PAPER = "https://arxiv.org/abs/2404.13733"
CODE = "https://github.com/shaoshitong/EDC"
EDC_BIBTEX = """\
@inproceedings{shao2024elucidating,
  title     = {Elucidating the Design Space of Dataset Condensation},
  author    = {Shao, Shitong and Zhou, Zikai and Chen, Huanran and Shen, Zhiqiang},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {37},
  year      = {2024},
  eprint    = {2404.13733},
  archivePrefix = {arXiv}
}
"""
