"""The lab's own numbers, for the embedded set and small ones like it: quick on two cores, true to each preset's spirit.

`lab-quick`, `lab-smoke` and `tiny` are the lab with smaller budgets, `lab-large` with what larger images want.
"""

from dataclasses import replace

from edc_core.design_space.profiles.profile import Profile, choices

# assets/store, made by experiments/make_observers.py
BUNDLED_OBSERVERS = ("convnet-d3-w64", "convnet-d2-w32", "resnet18-w16", "wrn-10-2", "shufflenetv2-0.25")
# Students that pages offer beside a profile's own: small ones, and some that no bundled observer resembles.
OFFERED_STUDENTS = (
    *("convnet-d3-w32", "convnet-d3-w64", "resnet18-w16"),
    *("wrn-10-1", "shufflenetv2-0.25", "mobilenetv2-0.25"),
)
# Tuned on held-out training images at IPC 10 (docs/measurements.md).
_LAB_BASELINE = ("convnet-d3-w64", "resnet18-w16", "wrn-10-2", "shufflenetv2-0.25")
_LAB_SYNTHESIS = ("convnet-d3-w64", "resnet18-w16", "wrn-10-2", "convnet-d2-w32")
_LAB_LABELS = ("convnet-d3-w64", "convnet-d2-w32")
_off, _on = choices(150, _LAB_BASELINE, _LAB_SYNTHESIS, _LAB_LABELS, 25)
LAB = Profile(
    name="lab",
    summary="small grey or colour images, quick on two cores",
    base={
        "squeeze.schedule": "cosine",
        "evaluate.students": ("convnet-d3-w32",),
    },
    off=_off,
    on=_on,
    # RDED tiles 2 x 2 at 224 px and leaves small images whole: a quarter of 28 px shows its observer nothing.
    named={"single": ("resnet18-w16",), "gvbsm": _LAB_BASELINE, "scorer": "resnet18-w16", "long": 600}
    | {"rded_batch": 25, "tiles": 1},
    by_ipc=lambda ipc: {"views.epochs": 1000 if ipc == 1 else 300 if ipc <= 20 else 60},
)

LAB_LARGE = replace(
    LAB,
    name="lab-large",
    summary="the lab for images above 64 px: patches of 16 px, RDED's mosaics of 2 x 2, a hundred images at once",
    base={**LAB.base, "statistics.patch": 16, "synthesise.batch_size": 100},
    named={**LAB.named, "tiles": 2},
)

# A mirrored 2 is no 2.
DIGITS = replace(
    LAB,
    name="digits",
    summary="the lab without mirror images, for MNIST, SVHN and others whose classes are 0 to 9",
    base={**LAB.base, "squeeze.flip": False, "synthesise.flip": False, "views.flip": False},
)

LAB_SMOKE = replace(
    LAB,
    name="lab-smoke",
    summary="the lab's observers, a run in under half a minute",
    # So few steps need a higher rate: raw weights reach 78 % in place of 37 % (one seed, docs/measurements.md).
    base={**LAB.base, "evaluate.lr": 6e-3, "evaluate.ema_decay": 0.9},
    off={**_off, "real-initialisation": {"initialise.kind": "noise", "synthesise.iterations": 40}},
    on={**_on, "real-initialisation": {"initialise.kind": "real", "synthesise.iterations": 20}},
    named={**LAB.named, "long": 80},
    by_ipc=lambda ipc: {"views.epochs": 100 if ipc == 1 else 40 if ipc <= 20 else 10},
)

# Made for matrices of many runs: a student's rate three times as high reaches within a few points of the
# lab's accuracy in a quarter of its steps (docs/measurements.md).
LAB_QUICK = replace(
    LAB,
    name="lab-quick",
    summary="the lab in a quarter of its steps, for ablations of many runs",
    base={**LAB.base, "evaluate.lr": 3e-3, "evaluate.ema_decay": 0.96},  # remembers the same share of the steps
    off={**LAB.off, "real-initialisation": {"initialise.kind": "noise", "synthesise.iterations": 100}},
    on={**LAB.on, "real-initialisation": {"initialise.kind": "real", "synthesise.iterations": 50}},
    named={**LAB.named, "long": 200},
    by_ipc=lambda ipc: {"views.epochs": 250 if ipc == 1 else 75 if ipc <= 20 else 15},
)

_TINY_OBSERVERS = ("convnet-d2-w8", "wrn-10-1")
_off, _on = choices(8, _TINY_OBSERVERS, _TINY_OBSERVERS, _TINY_OBSERVERS, 10)
TINY = Profile(
    name="tiny",
    summary="real data, a few seconds: for tests",
    base={
        "data.train_per_class": 60,
        "data.holdout": 50,
        "squeeze.epochs": 1,
        "evaluate.students": ("convnet-d2-w8",),
    },
    off=_off,
    on=_on,
    named={"single": ("wrn-10-1",), "gvbsm": _TINY_OBSERVERS, "scorer": "convnet-d2-w8", "long": 12}
    | {"rded_batch": 10, "tiles": 2},
    by_ipc=lambda ipc: {"views.epochs": 6},
)
