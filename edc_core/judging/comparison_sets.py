"""The same images judged otherwise, and other images judged the same way.

A judgement is a run's `views`, `relabel`, `evaluate` and `score`; everything else makes the images.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from edc_core.config import RunConfig, validate_config
from edc_core.config.paths import EVERY_PRECISION, SettingPath, with_changes
from edc_core.data import Description
from edc_core.design_space.compose import configure, get_profile
from edc_core.errors import SettingsError
from edc_core.pipeline.prepare import SET_CHECK, PreparedRun, prepare
from edc_core.store.run_record import RunRecord

JUDGING = ("views", "relabel", "evaluate", "score")  # the settings that leave the images as they are
CONTROLS = ("random", "herding")
NEGATIVE_CONTROLS = ("single-class", "glyphs", "noise")
COMPANIONS = (*CONTROLS, *NEGATIVE_CONTROLS)
OURS = "this set"  # the judged set's name among its companions
OWN = "own"  # a run's own way of judging, where no protocol is it


def with_judgement(settings: dict[str, Any], protocol: str | None, changes: dict[str, Any]) -> RunConfig:
    """A run's images under another judgement; `settings` are the run's, `changes` dotted paths.

    `protocol` None keeps the run's own judgement and lays the changes over it.

    Raises:
        SettingsError: a change would make other images, or a value is wrong.
    """
    refuse_other_images(changes)
    if protocol is None:
        return validate_config(with_changes(settings, changes))
    table = get_profile(settings["settings"])
    seed = settings["evaluate"]["seed"]
    fresh = configure(settings["preset"], settings["dataset"], table, settings["ipc"], seed, protocol, changes)
    kept = {name: value for name, value in settings.items() if isinstance(value, dict) and name not in JUDGING}
    return validate_config(fresh.model_dump(mode="json") | kept)


def refuse_other_images(changes: Iterable[str]) -> None:
    """Refuse changes (paths) that are not of a judgement.

    Raises:
        SettingsError: naming the first that makes other images, or is unknown.
    """
    for path in changes:
        if path == EVERY_PRECISION or SettingPath.parse(path).stage not in JUDGING:
            raise SettingsError(f"setting '{path}' would make other images: here choose {', '.join(JUDGING)}.")


def companion_config(config: RunConfig, preset: str) -> RunConfig:
    """That preset's images at the same IPC and seed, under exactly the judgement of `config`."""
    table = get_profile(config.profile)
    fresh = configure(preset, config.dataset, table, config.ipc, config.evaluate.seed, "edc")
    images = {name: getattr(fresh, name).model_dump(mode="json") for name in ("initialise", "synthesise")}
    return validate_config(config.model_dump(mode="json") | images | {"preset": preset})


@dataclass(frozen=True)
class CompanionMatrix:
    """Everything that one question asks for: each set under each protocol, and why a set is left out."""

    runs: dict[tuple[str, str], PreparedRun]  # (set, protocol)
    left_out: dict[str, str]  # set -> the reason, in a sentence

    @property
    def sets(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in self.runs))

    @property
    def protocols(self) -> list[str]:
        return list(dict.fromkeys(name for _, name in self.runs))


def companion_matrix(
    run: RunRecord,
    protocols: Iterable[str],
    students: tuple[str, ...],
    seeds: int,
    companions: Iterable[str] = COMPANIONS,
) -> CompanionMatrix:
    """A finished run's set and its companions under each protocol; students keep the run's seed as their first.

    Raises:
        SettingsError: the run was made by other code, or a student does not fit.
    """
    settings, about = run.settings, description_of(run)
    images = image_key(run.plan)
    changes = {"evaluate.students": list(students), "evaluate.seeds": seeds, "score.split": settings["score"]["split"]}
    runs: dict[tuple[str, str], PreparedRun] = {}
    left_out: dict[str, str] = {}
    for protocol in protocols:
        ours = prepare(with_judgement(settings, None if protocol == OWN else protocol, changes), about)
        ours = replace(ours, set_check=run.manifest.get(SET_CHECK))
        if image_key(node.plain() for node in ours.nodes) != images:
            raise SettingsError(
                f"run '{run.id}' was made by an earlier version of this code: make its images again to judge them."
            )
        runs[OURS, protocol] = ours
        for name in companions:
            try:
                theirs = prepare(companion_config(ours.config, name), about)
            except SettingsError as error:
                left_out[name] = str(error)
                continue
            if image_key(node.plain() for node in theirs.nodes) != images:
                runs[name, protocol] = theirs
    order = [OURS, *companions]
    return CompanionMatrix(dict(sorted(runs.items(), key=lambda item: order.index(item[0][0]))), left_out)


def own_protocol(run: RunRecord, protocols: Iterable[str]) -> str:
    """The protocol that a run was judged by: a named one where it is the same, else "own"."""
    own = _judgement(validate_config(run.settings))
    students, seeds = run.settings["evaluate"]["students"], run.settings["evaluate"]["seeds"]
    changes = {"evaluate.students": students, "evaluate.seeds": seeds, "score.split": run.settings["score"]["split"]}
    for name in protocols:
        if _judgement(with_judgement(run.settings, name, changes)) == own:
            return name
    return OWN


def observers_of(config: RunConfig) -> tuple[str, ...]:
    """Every network that had a part in what a student learns: those that made the images, those that label them."""
    made = config.synthesise.observers if config.synthesise.optimised else ()
    return tuple(dict.fromkeys((*made, *config.relabel.observers)))


def description_of(run: RunRecord) -> Description:
    """The data set that a run was made from, as its manifest has it."""
    about = run.manifest["dataset"]
    values = {name: about[name] for name in ("name", "digest", "size", "channels", "test_count")}
    return Description(**values, classes=tuple(about["classes"]), train_counts=tuple(about["train_counts"]))


def image_key(plan: Iterable[dict[str, Any]]) -> str:
    """The key of the condensed images in a plan."""
    return next(node["key"] for node in plan if node["stage"] == "synthesise")


def _judgement(config: RunConfig) -> dict[str, Any]:
    return {name: getattr(config, name).cache_key_fields() for name in JUDGING} | {"weights": config.score.weights}
