"""Environment: the project's folders, and the environment variables, checked before anything starts.

`EDC_DEVICE` (cpu, cuda, cuda:1, mps), `EDC_THREADS` (0: all cores), `EDC_CHECKPOINT_SECONDS`,
`EDC_LIVE_POINTS` (how often a student is looked at while it trains), `EDC_LIVE_SHARPNESS` (0: none is measured while a
run works), `EDC_UPLOAD_MIB` (of one data set sent to the app). `EDC_WORKER_DEVICES` is set by the app itself: the
devices that its workers share.
"""

import os
import re
from pathlib import Path

from edc_core.errors import SettingsError

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_app"  # where a wheel keeps them (see setup.py)
ROOT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent  # of app.py, pages/, assets/ and .streamlit/
IMPORT_ROOT = _PACKAGE.parent  # a process started there finds this very package by `python -m edc_core`
ASSETS = ROOT / "assets"  # what comes with the project
# Turns that an idle OpenMP thread spins before it sleeps. Measured on two cores with batches of 25: 10,000 cost at most
# a tenth over endless spinning on an idle machine, where sleeping at once costs 1.2 to 3 times; beside another busy
# process endless spinning costs 2 to 20 times.
SPIN_COUNT = "10000"
DEFAULT_UPLOAD_MIB, MAX_UPLOAD_MIB = 200, 2048  # MiB; the first as server.maxUploadSize in .streamlit/config.toml


def set_before_torch() -> None:
    """Set the environment variables that are read once, when torch first loads; those that are set already stay.

    Loads no torch. `torch_utils.setup.configure_torch` sets the rest, once torch is loaded.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", SPIN_COUNT)


def wanted_device() -> str | None:
    """Device of `EDC_DEVICE`, or None to choose automatically."""
    value = os.environ.get("EDC_DEVICE") or None
    if value is not None and not re.fullmatch(r"cpu|mps|cuda(:\d{1,2})?", value):
        raise SettingsError(f"EDC_DEVICE is '{value}': choose cpu, cuda, cuda:1 or mps, or leave it unset.")
    return value


def visible_gpus() -> int:
    """Number of NVIDIA GPUs that a process started here sees, by `CUDA_VISIBLE_DEVICES` or the system's files."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        names = [name.strip() for name in named.split(",")]
        return next((place for place, name in enumerate(names) if name in ("", "-1")), len(names))  # it ends the list
    return sum(re.fullmatch(r"nvidia\d+", path.name) is not None for path in Path("/dev").glob("nvidia*"))


def handed_devices() -> tuple[str, ...]:
    """`EDC_WORKER_DEVICES`: what several workers were started on, for each of them to know; `EDC_DEVICE` is its own."""
    return tuple(filter(None, os.environ.get("EDC_WORKER_DEVICES", "").split(",")))


def worker_devices(wanted: str | None, gpus: int) -> tuple[str, ...]:
    """Devices that get a worker each: the wanted one alone, else each of several GPUs; "" is chosen automatically."""
    if wanted is None and gpus > 1:
        return tuple(f"cuda:{number}" for number in range(gpus))
    return (wanted or "",)


def wanted_threads() -> int:
    """Number of threads of `EDC_THREADS`; 0 means all cores."""
    value = os.environ.get("EDC_THREADS") or "0"
    if not re.fullmatch(r"\d{1,4}", value):
        raise SettingsError(f"EDC_THREADS is '{value}': give a whole number, 0 for all cores.")
    return int(value)


def checkpoint_seconds() -> float:
    """`EDC_CHECKPOINT_SECONDS`, by default 20."""
    value = os.environ.get("EDC_CHECKPOINT_SECONDS") or "20"
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < 1e6:
        raise SettingsError(f"EDC_CHECKPOINT_SECONDS is '{value}': give a number of seconds like 20.")
    return seconds


def live_points() -> int:
    """`EDC_LIVE_POINTS`: how often a training student's held-out accuracy is taken, by default 20 times."""
    value = os.environ.get("EDC_LIVE_POINTS") or "20"
    if not re.fullmatch(r"[1-9]\d{0,3}", value):
        raise SettingsError(f"EDC_LIVE_POINTS is '{value}': give a whole number from 1 to 9999.")
    return int(value)


def live_sharpness() -> bool:
    """`EDC_LIVE_SHARPNESS`: whether sharpness is measured while a run works, by default yes."""
    value = os.environ.get("EDC_LIVE_SHARPNESS") or "1"
    if value not in ("0", "1"):
        raise SettingsError(f"EDC_LIVE_SHARPNESS is '{value}': give 1, or 0 to leave sharpness out while runs work.")
    return value == "1"


def upload_mib() -> int:
    """`EDC_UPLOAD_MIB`: how large a ZIP may be that is sent to the app, by default 200 MiB."""
    value = os.environ.get("EDC_UPLOAD_MIB") or str(DEFAULT_UPLOAD_MIB)
    if not re.fullmatch(r"[1-9]\d{0,3}", value) or int(value) > MAX_UPLOAD_MIB:
        raise SettingsError(f"EDC_UPLOAD_MIB is '{value}': give whole MiB from 1 to {MAX_UPLOAD_MIB}.")
    return int(value)


def check_environment() -> None:
    """Check all environment variables.

    Raises:
        SettingsError: naming the variable and its value.
    """
    wanted_device()
    wanted_threads()
    checkpoint_seconds()
    live_points()
    live_sharpness()
    upload_mib()
