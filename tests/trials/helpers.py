"""What the trials share: a fresh store, the command line, a real browser, and makers of small images.

Nothing here and in no trial imports a part of the project, so that no part can move and silence one: what is asked
is asked as a person asks it, of `python -m edc_core ...` or of the pages.
"""

import atexit
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
T = Path(tempfile.mkdtemp(prefix="edc-trial-")).resolve()
HOME = T / "home"
atexit.register(shutil.rmtree, T, ignore_errors=True)
os.environ |= {"EDC_HOME": str(HOME), "EDC_CALIBRATE": "0", "EDC_WORKER_IDLE_SECONDS": "2"}
CHROMIUM = shutil.which("chromium") or "chromium"
BARE = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def verdict(good: object, text: object) -> NoReturn:
    """The trial's one line, and its exit status."""
    print(("OK   " if good else "FAIL ") + " ".join(str(text).split()), flush=True)
    sys.exit(0 if good else 1)


# The command line --------------------------------------------------------------------------------------


def edc(*words: object, **options: Any) -> subprocess.CompletedProcess:
    """`python -m edc_core WORDS`."""
    command = [sys.executable, "-m", "edc_core", *map(str, words)]
    return subprocess.run(command, **({"cwd": ROOT, "capture_output": True, "text": True} | options))


def start(*words: object, **environment: str) -> subprocess.Popen:
    """The same, at work beside us; what it says to a person goes into T/err."""
    command = [sys.executable, "-m", "edc_core", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": (T / "err").open("w"), "text": True}
    return subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, **pipes)


def last(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def answer(done: subprocess.CompletedProcess) -> dict:
    """The JSON object on the last line; nothing where it failed."""
    try:
        return json.loads(last(done.stdout))
    except ValueError:
        return {}


class Looked(NamedTuple):
    """What `doctor` says of a data set."""

    exit: int
    report: dict
    words: str

    @property
    def classes(self) -> tuple | str:
        """The classes in their order, or why there are none."""
        return tuple(self.report["classes"]) if "classes" in self.report else self.refusal

    @property
    def counts(self) -> tuple | str:
        """Training images of each class, or why there are none."""
        return tuple(self.report["train_counts"]) if "train_counts" in self.report else self.refusal

    @property
    def refusal(self) -> str:
        return "; ".join(self.sentences("fatal")) or last(self.words)

    def sentences(self, *kinds: str) -> list[str]:
        """Its findings of these severities, each with its cure."""
        found = self.report.get("findings", [])
        return [f"{one['message']} {one['cure']}".strip() for one in found if one["severity"] in kinds]

    def of(self, check: str) -> dict:
        return next((one for one in self.report.get("findings", []) if one["check"] == check), {})

    @property
    def said(self) -> str:
        """All of it."""
        return json.dumps(self.report, ensure_ascii=False)


def doctor(dataset: object, **options: Any) -> Looked:
    done = edc("doctor", dataset, **options)
    return Looked(done.returncode, answer(done), done.stderr)


def states(pre: tuple[str, ...] = ()) -> dict[str, str]:
    """Run -> state, of the runs of this trial's store."""
    command = [*pre, sys.executable, "-m", "edc_core", "runs", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {row["id"]: row["state"] for row in rows}


# Images, and data sets of them -------------------------------------------------------------------------


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def picture(path: Path, size: tuple[int, int] = (32, 32), seed: int = 0) -> Path:
    """One colour picture of noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(seed)
    Image.fromarray(draw.integers(0, 256, (*size[::-1], 3), np.uint8)).save(path)
    return path


def photos(root: Path, classes: tuple[str, ...] = ("cat", "dog"), train: int = 3, test: int = 1) -> Path:
    """train/ and test/ with a folder a class."""
    for split, count in (("train", train), ("test", test)):
        for number, name in enumerate(classes):
            for index in range(count):
                picture(root / split / name / f"{index}.png", seed=100 * number + index + 50 * (split == "test"))
    return root


def pictures(count: int, size: int = 16, channels: int = 3, seed: int = 0) -> list[bytes]:
    shape = (count, size, size) if channels == 1 else (count, size, size, channels)
    return [encoded(pixels) for pixels in np.random.default_rng(seed).integers(0, 256, shape, np.uint8)]


def shard(
    folder: Path, split: str, images: list[bytes | None], labels: Any, names: Any = ("cat", "dog"), **columns: Any
) -> Path:
    """One parquet file as the Hugging Face Hub has it; `names` None: labels as they are, and no schema's names."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    folder.mkdir(parents=True, exist_ok=True)
    kind = arrow.struct([("bytes", arrow.binary()), ("path", arrow.string())])
    rows = [{"bytes": image, "path": None if image else f"{index}.png"} for index, image in enumerate(images)]
    data = {"picture": arrow.array(rows, kind), "label": labels} | columns
    features: dict = {"picture": {"_type": "Image"}}
    if names is not None:
        features["label"] = {"names": names, "_type": "ClassLabel"}
    for name in columns:
        features[name] = {"names": sorted(set(map(str, columns[name]))), "_type": "ClassLabel"}
    about = {"huggingface": json.dumps({"info": {"features": features}})} if names is not None else {}
    parquet.write_table(arrow.table(data).replace_schema_metadata(about), folder / f"{split}-00000-of-00001.parquet")
    return folder


def small(folder: Path) -> Path:
    """A parquet set of two classes, 16 px."""
    shard(folder, "train", pictures(12), [0, 1] * 6)
    return shard(folder, "test", pictures(4, seed=1), [0, 1] * 2)


# Condensed sets ----------------------------------------------------------------------------------------

CLASSES = ("T-shirt/top", "Trouser", "Bag")
IMAGES = np.random.default_rng(0).integers(0, 256, (6, 1, 8, 8), np.uint8)
LABELS = np.tile(np.arange(3), 2)


def grey_set(classes: tuple[str, ...] = CLASSES) -> Path:
    """A data set of grey pictures of 8 px that condensed ones can stand in for."""
    place = T / f"data-{'-'.join(name.encode().hex()[:16] for name in classes)}"
    for split, count in () if place.exists() else (("train", 80), ("test", 10)):
        images = pictures(count * len(classes), 8, 1, seed=count)
        shard(place, split, images, list(range(len(classes))) * count, classes)
    return place


def zipped(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in content.items():
            archive.writestr(name, value)
    return buffer.getvalue()


def packed(root: Path) -> bytes:
    """A ZIP of what lies in a folder."""
    return zipped({str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.*"))})


def npz(**arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def by_number(images: np.ndarray = IMAGES, labels: np.ndarray = LABELS) -> dict[str, bytes]:
    """The set in folders called 0, 1, 2: the plainest way to say which image is of which class."""
    pairs = enumerate(zip(images, labels, strict=True))
    return {f"{label}/{number}.png": encoded(image[0]) for number, (image, label) in pairs}


def folder(place: Path, content: dict[str, bytes]) -> Path:
    for name, value in content.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(value)
    return place


class Taken(NamedTuple):
    """What a set was taken for; sets of one digest hold the same images with the same classes."""

    digest: str
    count: int
    clipped: float  # share of values that were cut
    words: str


def taken(
    source: bytes | Path,
    labels: bytes | Path | None = None,
    normalisation: str | None = None,
    classes: tuple[str, ...] = CLASSES,
) -> Taken | str:
    """Have a set read for a data set of these classes; what it was taken for, or the sentence that refuses it.

    `import` reads it in a moment; only `evaluate`, which loads torch, is told of labels and normalisation.
    """
    if labels is None and normalisation is None:
        done = edc("import", _file(source), "--dataset", grey_set(classes))
        found = answer(done)
        return Taken(found["digest"], found["images"], 0.0, done.stderr) if found else last(done.stderr)
    words: list[object] = ["--images", _file(source), "--dataset", grey_set(classes), "--settings", "tiny"]
    words += ["--protocol", "plain", "--no-controls", "--student", "convnet-d1-w8", "--set", "views.epochs=1"]
    words += ["--labels", _file(labels)] if labels is not None else []
    words += ["--normalisation", normalisation] if normalisation else []
    done = edc("evaluate", *words)
    found = answer(done).get("images")
    return Taken(found["digest"], found["count"], found["clipped"], done.stderr) if found else last(done.stderr)


def _file(content: bytes | Path) -> Path:
    """Bytes as a file whose ending says what they are."""
    if isinstance(content, Path):
        return content
    kind = "txt"
    if content[:2] == b"PK":
        kind = "npz" if b".npy" in content[:200] else "zip"
    elif content[:1] in (b"[", b"{"):
        kind = "json"
    else:
        kind = "csv"
    place = T / f"given-{time.monotonic_ns()}.{kind}"
    place.write_bytes(content)
    return place


def same(found: Taken | str, plain: Taken | str) -> bool | str:
    """Whether a set was taken for the very images and classes of a plain one; else the sentence."""
    return found if isinstance(found, str) else not isinstance(plain, str) and found.digest == plain.digest


# The browser -------------------------------------------------------------------------------------------


@contextmanager
def serving(script: str | Path = "app.py", cwd: Path = ROOT) -> Iterator[str]:
    """`streamlit run SCRIPT` in a folder, on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([*command, f"--server.port={port}"], cwd=cwd, **silent)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def browsing() -> Iterator[Any]:
    """A tab of a fresh browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=BARE)
        tab = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
        tab.set_default_timeout(60_000)
        try:
            yield tab
        finally:
            browser.close()


def quiet(tab: Any, seconds: float = 90) -> None:
    """Wait until a page has its title and its script has ended."""
    tab.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.getAttribute('data-test-script-state') === 'notRunning'"
        " && document.querySelector('[data-testid=stMainBlockContainer] h1') !== null",
        timeout=1000 * seconds,
        polling=100,
    )


def first_words(tab: Any, address: str) -> tuple[bool, str]:
    """Whether the first page stands, and its title; else the error that stands there."""
    tab.goto(address)
    title, broken = tab.locator("h1").first, tab.get_by_test_id("stException").first
    title.or_(broken).first.wait_for()
    if not broken.count():
        quiet(tab)
    return (False, broken.inner_text()[:300]) if broken.count() else (True, title.inner_text())


def options_of(tab: Any, label: str) -> list[str]:
    """What a list offers."""
    tab.get_by_role("combobox", name=label).first.click()
    tab.get_by_role("option").first.wait_for()
    tab.wait_for_timeout(500)
    found = tab.get_by_role("option").all_inner_texts()
    tab.keyboard.press("Escape")
    return found


def open_adding(tab: Any, address: str) -> None:
    """Data, its two ways of adding a set unfolded; again where the page was redrawn under the click."""
    tab.goto(f"{address}/data")
    quiet(tab)
    field = tab.get_by_label("A folder on this machine", exact=True)
    for _ in range(60):
        if field.is_visible():
            return
        tab.get_by_text("Add a data set").click()
        tab.wait_for_timeout(1_000)


def add_folder(tab: Any, address: str, root: Path) -> None:
    """Put a folder of this machine on the list."""
    open_adding(tab, address)
    tab.get_by_label("A folder on this machine", exact=True).fill(str(root))
    tab.get_by_role("button", name="Look at it", exact=True).click()
    _add(tab)


def upload(tab: Any, address: str, name: str, content: bytes) -> tuple[str, Looked | None]:
    """Send a ZIP to Data and add it; what the page says of it, and what `doctor` sees.

    Where it is refused: the sentence, and None.
    """
    before = set((HOME / "uploads").glob("*"))
    open_adding(tab, address)
    file = {"name": name, "mimeType": "application/zip", "buffer": content}
    tab.locator("input[type=file]").set_input_files(file)
    button = tab.get_by_role("button", name="Add it", exact=True)
    with suppress(Exception):
        button.or_(tab.get_by_test_id("stAlert")).first.wait_for(timeout=30_000)
    tab.wait_for_timeout(500)
    quiet(tab)
    if not button.count():
        return " ".join(tab.get_by_test_id("stAlert").all_inner_texts()), None
    said = tab.get_by_test_id("stMain").inner_text()
    _add(tab)
    new = [place for place in (HOME / "uploads").glob("*") if place not in before and not place.name.startswith(".")]
    return said, doctor(new[0]) if new else None


def _add(tab: Any) -> None:
    button = tab.get_by_role("button", name="Add it", exact=True)
    button.click()
    button.wait_for(state="hidden")
    quiet(tab)


def drawn_words(tab: Any) -> list[str]:
    """Every text of the page's charts."""
    return tab.evaluate("[...document.querySelectorAll('.js-plotly-plot text')].map((one) => one.textContent)")
