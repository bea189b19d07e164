"""A run's stages as steps of networks: what each will take in seconds and bytes.

One function a stage, all with one signature; the loops that they count are those of `stages/`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from edc_core.config import RunConfig
from edc_core.data import Description
from edc_core.data.dataset import held_out_per_class, training_images
from edc_core.environment import live_points
from edc_core.performance.costs import Costs
from edc_core.stage_graph import Student

LIVE_IMAGES = 500  # the live accuracy of `stages/evaluate.py`
SCORED_TOGETHER = 500  # images
STATISTICS_TOGETHER = 50
LOADING = 0.05  # seconds to build a network and read its weights
SECOND_LOOK = ("logit", "reference", "statistics")  # flatness terms for which the averaged images are looked at


@dataclass(frozen=True)
class Workload:
    """A run's settings on its data set, at a machine's costs."""

    config: RunConfig
    about: Description
    costs: Costs

    @property
    def classes(self) -> int:
        return len(self.about.classes)

    @property
    def images(self) -> int:
        return self.config.ipc * self.classes

    @property
    def held_out(self) -> int:
        return self.classes * held_out_per_class(self.about.train_counts, self.config.data)

    @property
    def train(self) -> int:
        return training_images(self.about.train_counts, self.config.data)

    @property
    def committee(self) -> tuple[str, ...]:
        return self.config.relabel.observers if self.config.relabel.labels == "soft" else ()

    @property
    def synthesis_batch(self) -> int:
        return min(self.config.synthesise.batch_size or self.images, self.images)

    @property
    def student_steps(self) -> int:
        views = self.config.views
        return views.steps or views.epochs * math.ceil(self.images / views.batch_size)

    def look(self, network: str, images: int) -> float:
        """Seconds in which a network looks at that many images, in large batches."""
        return images * self.costs.seconds("forward", network, SCORED_TOGETHER) / SCORED_TOGETHER


def squeeze(work: Workload, network: str) -> float:
    config = work.config.squeeze
    if config.ready_made:
        return LOADING + work.look(network, work.held_out)
    steps = config.epochs * math.ceil(work.train / config.batch_size)
    step = work.costs.seconds("train", network, config.batch_size) + work.costs.render(config.batch_size, 0)
    return LOADING + steps * step + work.look(network, work.held_out)


def statistics(work: Workload, network: str) -> float:
    each = work.costs.seconds("moments", network, STATISTICS_TOGETHER) / STATISTICS_TOGETHER
    return LOADING + work.train * each


def difficulty(work: Workload, name: str) -> float:
    """Every observer of the synthesis looks at all images twice: to rank them, and to measure the groups."""
    return 2 * sum(statistics(work, network) for network in work.config.synthesise.observers)


def initialise(work: Workload, name: str) -> float:
    config = work.config.initialise
    if config.kind == "rded":
        seen = min(max(config.candidates_per_class, work.config.ipc * config.tiles**2), work.train // work.classes)
        return LOADING + work.classes * config.crops_per_image * work.look(config.scorer, seen)
    return LOADING + (work.look(config.scorer, work.train) if config.kind == "herding" else 0.0)


def synthesise(work: Workload, name: str) -> float:
    config = work.config.synthesise
    if not config.optimised:
        return LOADING
    batch, rest = work.synthesis_batch, work.images % work.synthesis_batch
    sizes = [batch] * (work.images // batch) + [rest] * (rest > 0)
    together = {size: sizes.count(size) for size in sizes}
    one_round = sum(
        count * synthesis_step(work, network, size) for size, count in together.items() for network in config.observers
    )
    return LOADING * (2 + len(config.observers)) + config.iterations * one_round / len(config.observers)


def synthesis_step(work: Workload, network: str, batch: int) -> float:
    """One iteration against one observer; flatness looks at the averaged images too, SAM does all twice."""
    config = work.config.synthesise
    step = work.costs.seconds("observe", network, batch)
    if config.flatness in SECOND_LOOK:
        return step + work.costs.seconds("forward", network, batch)
    return 2 * step if config.flatness == "sam" else step


def relabel(work: Workload, name: str) -> float:
    seconds = LOADING * len(work.committee) + sum(work.look(member, work.images) for member in work.committee)
    if work.config.relabel.stores:
        batch = min(work.config.views.batch_size, work.images)
        step = work.costs.render(batch, work.config.views.randaugment_ops)
        seconds += work.student_steps * (
            step + sum(work.costs.seconds("forward", name, batch) for name in work.committee)
        )
    return seconds


def evaluate(work: Workload, name: str) -> float:
    student, views = Student.parse(name).network, work.config.views
    whole, rest = divmod(work.images, views.batch_size)
    epoch = whole * student_step(work, student, views.batch_size)
    epoch += student_step(work, student, rest) if rest else 0.0
    epochs = work.student_steps / (whole + (rest > 0))
    points = min(live_points(), math.ceil(epochs))
    live = 2 * points * work.look(student, min(LIVE_IMAGES, work.held_out))
    return LOADING * (1 + len(work.committee)) + epochs * epoch + live


def student_step(work: Workload, student: str, batch: int) -> float:
    """One step of a student: its views are rendered, the committee labels them, it learns."""
    committee = () if work.config.relabel.stores else work.committee
    taught = sum(work.costs.seconds("forward", member, batch) for member in committee)
    rendered = work.costs.render(batch, work.config.views.randaugment_ops)
    return rendered + taught + work.costs.seconds("train", student, batch)


def score(work: Workload, name: str) -> float:
    images = work.about.test_count if work.config.score.split == "test" else work.held_out
    return LOADING + 2 * work.look(Student.parse(name).network, images)


def neighbours(work: Workload, name: str) -> float:
    pixels = work.about.channels * work.about.size**2
    distances = 4e-11 * (work.images + 1000) * work.train * pixels
    return LOADING + distances + sum(work.look(member, work.train) for member in work.committee[:1])


SECONDS: dict[str, Callable[[Workload, str], float]] = {
    "squeeze": squeeze,
    "statistics": statistics,
    "difficulty": difficulty,
    "initialise": initialise,
    "synthesise": synthesise,
    "relabel": relabel,
    "evaluate": evaluate,
    "score": score,
    "neighbours": neighbours,
}


def networks(work: Workload, stage: str, name: str) -> tuple[str, ...]:
    """The networks that a stage computes with: what its past tells about its future."""
    if stage in ("squeeze", "statistics"):
        return (name,)
    if stage in ("evaluate", "score"):
        own = (Student.parse(name).network,)
        return own + tuple(sorted(work.committee)) if stage == "evaluate" else own
    if stage in ("difficulty", "synthesise"):
        return tuple(sorted(work.config.synthesise.observers)) if work.config.synthesise.optimised else ()
    if stage == "initialise":
        return (work.config.initialise.scorer,) if work.config.initialise.is_active("scorer") else ()
    return tuple(sorted(work.committee))


def held_memory(work: Workload, stage: str, name: str) -> float:
    """Bytes that a stage holds at its peak: what its gradient needs, its networks, its data."""
    costs, train = work.costs, work.config.squeeze.batch_size
    needed = networks(work, stage, name)
    weights = sum(costs.kept("weights", network) for network in needed)
    image_bytes = 4 * work.about.channels * work.about.size**2
    if stage == "synthesise":
        observers = work.config.synthesise.observers if work.config.synthesise.optimised else ()
        steps = [2 * work.synthesis_batch * costs.kept("observe", network) for network in observers]  # and gradients
        return max(steps, default=0.0) + weights + 6 * work.images * image_bytes
    if stage == "squeeze":
        return train * costs.kept("train", name) + 4 * weights
    if stage == "statistics":
        return STATISTICS_TOGETHER * costs.kept("observe", name) / 2 + weights
    if stage == "difficulty":
        observers = work.config.synthesise.observers
        return STATISTICS_TOGETHER * max(costs.kept("observe", network) for network in observers) / 2 + weights
    if stage == "evaluate":
        together = max(min(work.config.views.batch_size, work.images), LIVE_IMAGES)
        return together * costs.kept("train", needed[0]) + 5 * weights + work.images * image_bytes / 4
    if stage == "score":
        return SCORED_TOGETHER * costs.kept("train", needed[0]) + weights
    return weights + work.images * image_bytes
