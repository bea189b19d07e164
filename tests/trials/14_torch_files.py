"""14, formats of others are refused in words about one's own: files of torch as condensed sets."""

import shutil
import tarfile

import numpy as np
import torch
from helpers.command_line import T, edc, last, verdict

torch.save(torch.randn(100, 1, 28, 28), T / "images_best.pt")
torch.save(torch.arange(10).repeat(10), T / "labels_best.pt")
torch.save({"data": [[torch.randn(10, 1, 28, 28), torch.arange(10)]], "accs_all_exps": {}}, T / "res_DC_1ipc.pt")
torch.save(torch.randn(9), T / "old.pt", _use_new_zipfile_serialization=False)
np.savez(T / "x.npz", images=np.zeros((10, 1, 28, 28), np.uint8))
(T / "both").mkdir()
for name in ("images_best.pt", "labels_best.pt"):
    shutil.copy(T / name, T / "both" / name)
with tarfile.open(T / "batch_0.tar", "w") as archive:
    archive.add(T / "labels_best.pt", "labels_best.pt")
found = {}
for name in ("images_best.pt", "res_DC_1ipc.pt", "old.pt", "both", "batch_0.tar"):
    found[name] = last(edc("evaluate", "--images", T / name, "--profile", "lab-smoke", "--no-controls").stderr)
words = ("--images", T / "x.npz", "--labels", T / "labels_best.pt", "--profile", "lab-smoke", "--no-controls")
found["--labels labels_best.pt"] = last(edc("evaluate", *words).stderr)
verdict(all("torch" in said.lower() for name, said in found.items() if name != "batch_0.tar"), found)
