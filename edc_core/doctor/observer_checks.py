"""What observers of the store say of the data set: their accuracy, and labels that they contradict."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import nn

from edc_core.data import Dataset, Part
from edc_core.data.sources import open_source
from edc_core.doctor.finding import MAX_SHOWN, Finding, listed_names
from edc_core.doctor.stored_observers import StoredObserver
from edc_core.errors import StoreError
from edc_core.networks.builders import build
from edc_core.store.tensors import read_tensors
from edc_core.training.views import Normalisation

MAX_IMAGES = 2000  # held-out images that an observer looks at
CERTAIN = 0.95  # probability of another class than the label's
WEAK = 0.1  # of the way from chance to all right


def check_observers(name: str, dataset: Dataset, observers: list[StoredObserver]) -> Iterator[Finding]:
    """Accuracy of every observer as it was recorded, and what the best one sees in the held-out images."""
    chance = 100 / len(dataset.description.classes)
    told = ", ".join(
        f"{witness.network} {witness.val_top1:.1f} %{' (seen in its training)' if witness.seen else ''}"
        for witness in observers
    )
    yield Finding("observers", "note", f"top-1 on held-out images: {told}.")
    if weak := [witness.network for witness in observers if witness.val_top1 < chance + WEAK * (100 - chance)]:
        cure = "squeeze longer, with --set squeeze.epochs=30 or a higher squeeze.lr, or leave them out."
        yield Finding(
            "observers", "warning", f"{listed_names(weak)} did hardly better than chance ({chance:.1f} %).", cure
        )
    best, part = observers[0], dataset.part("val").first(MAX_IMAGES)
    try:
        probabilities = _probabilities(best, dataset, part)
    except (StoreError, RuntimeError, KeyError) as error:
        message = f"observer {best.network} cannot be loaded ({str(error).splitlines()[0][:120]})."
        yield Finding("observers", "warning", message, f"delete '{best.folder}' and squeeze it again.")
        return
    yield from _compare(best, dataset, part, probabilities)
    yield from _contradictions(name, best, dataset, part, probabilities)


def _compare(best: StoredObserver, dataset: Dataset, part: Part, probabilities: np.ndarray) -> Iterator[Finding]:
    """Accuracy now against what was recorded, and classes mostly taken for another one."""
    right = probabilities.argmax(1) == part.labels
    hit = 100 * right.mean()
    error = 100 * max(np.sqrt(right.mean() * (1 - right.mean()) / len(right)), 0.5 / len(right))
    if hit < best.val_top1 - 4 * error - 1:
        message = f"observer {best.network} had {best.val_top1:.1f} % and has {hit:.1f} % on held-out images now."
        cure = "are the images normalised or ordered differently? Squeeze the observers again."
        yield Finding("observers", "warning", message, cure)
    classes = dataset.description.classes
    strange = []
    for number, label in enumerate(classes):
        mine = probabilities[part.labels == number].argmax(1)
        taken = np.bincount(mine, minlength=len(classes))
        if len(mine) >= 5 and best.val_top1 > 50 and taken.max() > 2 * taken[number]:
            strange.append(f"{label} -> {classes[taken.argmax()]}")
    if strange:
        message = f"observer {best.network} mostly takes these classes for another one: {listed_names(strange)}."
        yield Finding("labels", "warning", message, "look at their images: are labels swapped, or classes alike?")


def _contradictions(
    name: str, best: StoredObserver, dataset: Dataset, part: Part, probabilities: np.ndarray
) -> Iterator[Finding]:
    """Images that the best observer is certain belong to another class."""
    seen = probabilities.argmax(1)
    surest = probabilities.max(1)
    rows = np.flatnonzero((seen != part.labels) & (surest >= CERTAIN))
    if not len(rows):
        yield Finding("labels", "note", f"observer {best.network} contradicts no label of {len(part)} with certainty.")
        return
    rows = rows[np.argsort(-surest[rows])]
    classes = dataset.description.classes
    first = np.sort(part.index[rows[:MAX_SHOWN]])
    where = dict(
        zip(first.tolist(), (text for _, text in open_source(name).take("train", first.tolist())), strict=True)
    )
    examples = tuple(
        f"{where[int(part.index[row])]}: '{classes[part.labels[row]]}' or '{classes[seen[row]]}'?"
        for row in rows[:MAX_SHOWN]
    )
    share = 100 * len(rows) / len(part)
    message = (
        f"observer {best.network} is certain of another class than the label's for {share:.1f} % of held-out images."
    )
    severity = "warning" if share > 10 and best.val_top1 > 50 else "note"
    yield Finding("labels", severity, message, "look at these images first.", examples)


def _probabilities(witness: StoredObserver, dataset: Dataset, part: Part) -> np.ndarray:
    """(N, classes) softmax of an observer for the images of a part."""
    about = dataset.description
    network: nn.Module = build(witness.network, about.channels, about.size, len(about.classes))
    network.load_state_dict(read_tensors(witness.folder / "observer.safetensors"))
    network.eval()
    normalise = Normalisation.of(*dataset.normalisation, device="cpu")
    with torch.inference_mode():
        found = [network(normalise(torch.from_numpy(pixels))).softmax(1) for pixels, _ in part.batches(100)]
    return torch.cat(found).numpy()
