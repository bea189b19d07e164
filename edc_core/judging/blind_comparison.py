"""Two sets of images under the same labels: which pair is shown, and what its figures allow one to say."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edc_core.errors import EDCError
from edc_core.intervals import MIN_SEEDS, NORMAL_975, paired_difference
from edc_core.judging.comparison_sets import JUDGING, description_of, image_key, with_judgement
from edc_core.pipeline.prepare import prepare
from edc_core.runs import run_table
from edc_core.runs.compare import read_settings
from edc_core.runs.run_table import scored_images, top1_of
from edc_core.store.run_record import RunRecord
from edc_core.store.states import RunState
from edc_core.wording.grammar import capitalise

FAVOURITES = (("G", "EDC"), ("random",))
NAMES = {
    "G": "EDC's images",
    "EDC": "EDC's images",
    "random": "random real images",
    "herding": "chosen real images (herding)",
    "noise": "pure noise",
    "glyphs": "letters and digits",
    "single-class": "real images of one class",
}


@dataclass(frozen=True)
class BlindPair:
    """Two finished runs whose images differ and whose labels and students are made alike."""

    ours: RunRecord
    theirs: RunRecord

    @property
    def runs(self) -> tuple[RunRecord, RunRecord]:
        return self.ours, self.theirs


def choose_pair(runs: Sequence[RunRecord]) -> BlindPair | None:
    """The pair to show: EDC against random images before any other, bundled before local, IPC 10 before others."""
    groups: dict[str, list[RunRecord]] = {}  # runs that were judged alike
    for run in runs:
        if run.state == RunState.FINISHED and run.result and run.settings["relabel"]["labels"] == "soft":
            groups.setdefault(_judgement(run), []).append(run)
    pairs = [
        (first, second)
        for group in groups.values()
        for first in group
        for second in group
        if first.preset != second.preset and image_key(first.plan) != image_key(second.plan)
    ]
    return BlindPair(*min(pairs, key=lambda pair: _rank(*pair))) if pairs else None


def _rank(first: RunRecord, second: RunRecord) -> tuple:
    """Small for a pair that is good to show; `first` is the one whose images were made."""
    views = first.settings["views"]
    return (
        first.preset not in FAVOURITES[0] or second.preset not in FAVOURITES[1],
        not (first.bundled and second.bundled),
        abs(first.ipc - 10),
        -(views["epochs"] or 0),
        abs(first.seed - second.seed),
        -first.created,
        -second.created,
        first.id,
        second.id,
    )


def _judgement(run: RunRecord) -> str:
    """The data, the number of images, and what labels and trains, but for seeds."""
    settings = run.settings
    judging = {stage: {k: v for k, v in settings[stage].items() if k != "seed"} for stage in JUDGING}
    return json.dumps([run.dataset, run.ipc, settings["data"], judging], sort_keys=True)


def without_soft_labels(run: RunRecord) -> str | None:
    """The name of the run that judges the same images with hard labels; None where this version cannot make it."""
    try:
        prepared = prepare(hard_settings(run), description_of(run))
    except EDCError:
        return None
    same = image_key(node.plain() for node in prepared.nodes) == image_key(run.plan)
    return prepared.run if same else None


def hard_settings(run: RunRecord):
    """The run's images with hard labels: no committee in labels or loss, all else as the protocol has it.

    Raises:
        SettingsError: this version cannot judge it.
    """
    evaluate = run.settings["evaluate"]
    changes = {"evaluate.students": evaluate["students"], "evaluate.seeds": evaluate["seeds"]}
    return with_judgement(run.settings, "hard", changes | {"score.split": run.settings["score"]["split"]})


def name_of(run: RunRecord) -> str:
    """What a run's images are, in a few words."""
    name = run_table.name_of(run)
    if name.count:
        return f"the images of {name}"
    return NAMES.get(name.preset or run.preset, f"{name}'s images")


MORE = f"Repeat both with {MIN_SEEDS} seeds to be sure."

# What may be said ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """A pair's difference in points of top-1, and the difference that chance alone could make."""

    ours: float  # top-1 in percent, of the shown runs
    theirs: float
    points: float  # ours less theirs; the mean over seeds where several are there
    margin: float
    basis: str  # what the margin is measured by
    count: int  # seeds, or students of the one draw, that it rests on
    scored: str  # the images that both are scored on

    @property
    def beyond_chance(self) -> bool:
        """Whether they lie further apart than the margin."""
        return abs(self.points) > self.margin

    @property
    def told_apart(self) -> bool:
        """Whether one may say which is better: never from fewer than three seeds."""
        return self.beyond_chance and self.count >= MIN_SEEDS


def verdict(ours: RunRecord, theirs: RunRecord, runs: Sequence[RunRecord]) -> Verdict:
    """What the store can say of a pair: paired by seed where at least two seeds of both are finished.

    Else paired by the students of the one pair, whose images are one draw; else the margin holds the
    chance in the choice of scored images alone, and another seed adds to it.
    """
    own, other, images = top1_of(ours), top1_of(theirs), scored_images(ours)
    scored = f"{images:,} {'test' if ours.result['split'] == 'test' else 'held-out'} images"
    by_seed = paired_difference(
        *({run.seed: top1_of(run) for run in siblings(entry, runs)} for entry in (ours, theirs))
    )
    if by_seed and by_seed.half is not None:
        return Verdict(own, other, by_seed.mean, by_seed.half, f"{by_seed.count} seeds", by_seed.count, scored)
    by_student = paired_difference(_students(ours), _students(theirs))
    if by_student and by_student.half is not None:
        basis = f"one draw of images, {by_student.count} students"
        return Verdict(own, other, by_student.mean, by_student.half, basis, by_student.count, scored)
    error = 100 * math.sqrt(sum(share * (1 - share) for share in (own / 100, other / 100)) / images)
    return Verdict(own, other, own - other, NORMAL_975 * error, f"one seed, {scored}", 1, scored)


def _students(run: RunRecord) -> dict[tuple[str, int], float]:
    result = run.result
    return {(one["student"], one["seed"]): one[result["headline"]] for one in result["students"]}


def siblings(run: RunRecord, runs: Sequence[RunRecord]) -> list[RunRecord]:
    """The finished runs of the same settings but for their seeds, this one among them."""
    own = _without_seeds(run)
    about = run.preset, run.dataset, run.ipc
    near = [other for other in runs if (other.preset, other.dataset, other.ipc) == about]
    return [other for other in near if other.state == RunState.FINISHED and _without_seeds(other) == own]


def _without_seeds(run: RunRecord) -> dict[str, Any]:
    return {path: value for path, value in read_settings(run.settings).items() if not path.endswith(".seed")}


def answer_sentence(found: Verdict, names: Sequence[str], places: Sequence[str], picked: int) -> str:
    """Whether the set at `picked` was the better guess, and on what; names and places are ours, then theirs."""
    better, runs = int(found.points < 0), "one run each" if found.count == 1 else found.basis
    points, chance = abs(found.points), f"± {found.margin:.1f}; {runs}, {found.scored}"
    if not found.beyond_chance:
        return (
            f"**It is a tie.** You chose {places[picked]}, {names[picked]}. The gap of {points:.1f} points is within"
            f" chance ({chance}): with soft labels {names[1]} teach as well as {names[0]}, as far as this can tell."
        )
    leader = f"{places[better]}, {names[better]}"
    if not found.told_apart:
        lead = "Your set leads" if picked == better else "The other set leads"
        return f"**{lead} in this run.** {leader}, scores {points:.1f} points more ({chance}). {MORE}"
    right = "You were right." if picked == better else "You were wrong."
    close = f" But with soft labels the {names[1 - better]} come close." if points < 3 else ""
    return f"**{right}** {leader}, teaches better by {points:.1f} points ({chance}).{close}"


def hard_label_sentence(found: Verdict, before: Verdict, ours: str, theirs: str) -> str:
    """One sentence on the same pair with hard labels, beside its result with soft labels."""
    moves = [_move(ours, found.ours - before.ours), _move(theirs, found.theirs - before.theirs)]
    chance = f"± {found.margin:.1f}; {found.basis}"
    lead = f"**{abs(found.points):.1f} points apart, no more than chance** ({chance})."
    if found.beyond_chance:
        first = capitalise(ours if found.points > 0 else theirs)
        lead = f"**{first} lead by {abs(found.points):.1f} points** ({chance}).{'' if found.told_apart else f' {MORE}'}"
    return f"{lead} Without the teacher's labels {moves[0]} and {moves[1]}."


def _move(name: str, points: float) -> str:
    return f"{name} {'gain' if points > 0 else 'lose'} {abs(points):.1f} points"
