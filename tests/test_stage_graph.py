"""Which settings change which stages: the walk over every setting of every stage."""

import types
import typing
from typing import Literal, get_args, get_origin

import pytest

from edc_core.config import RunConfig, validate_config
from edc_core.config.base import Settings
from edc_core.design_space.compose import configure, get_profile
from edc_core.design_space.presets import PRESETS
from edc_core.stage_graph import EXTRA_STAGES, build_stage_graph, pending_stages, run_id

DIGEST = "0" * 32

# From each stage on, everything below is made again, and nothing else.
BELOW = {
    "data": {"squeeze", "statistics", "initialise", "synthesise", "relabel", "evaluate", "score"},
    "squeeze": {"squeeze", "statistics", "synthesise", "relabel", "evaluate", "score"},
    "statistics": {"statistics", "synthesise", "relabel", "evaluate", "score"},
    "initialise": {"initialise", "synthesise", "relabel", "evaluate", "score"},
    "synthesise": {"synthesise", "relabel", "evaluate", "score"},
    "views": {"relabel", "evaluate", "score"},
    "relabel": {"relabel", "evaluate", "score"},
    "evaluate": {"evaluate", "score"},
    "score": {"score"},
}
# Settings under which every other setting of the stage is read.
READ_ALL = [
    {"initialise.kind": "rded", "initialise.scorer": "convnet-d2-w8"},
    {"synthesise.flatness": "logit"},
    {"synthesise.flatness": "sam"},
    {"initialise.kind": "single-class"},
    {"initialise.kind": "imported", "initialise.images": "0" * 24},
    {"synthesise.residual": 0.5},
    {"synthesise.grouping": "difficulty"},
    {"evaluate.loss": "kl"},
    {"evaluate.loss": "cosine"},
    {"evaluate.loss": "mse_gt", "evaluate.schedule": "multistep"},
    {"evaluate.optimiser": "sgd"},
    {"squeeze.pretrained": "imagenet-1k"},
    {"relabel.stored": True},
]
# What changes more or less than its stage's own key.
EXCEPTIONS = {
    ("initialise", "scorer"): {"squeeze", *BELOW["initialise"]},  # a new scorer has to be squeezed
    ("synthesise", "observers"): {"squeeze", "statistics", *BELOW["synthesise"]},
    ("synthesise", "grouping"): {"difficulty", *BELOW["initialise"]},  # images start from the groups
    ("synthesise", "grouping_variance_weight"): {"difficulty", *BELOW["initialise"]},
    ("relabel", "observers"): {"squeeze", *BELOW["relabel"]},
    ("score", "weights"): set(),  # both are scored always
    ("evaluate", "seeds"): {"evaluate", "score"},
}


def tiny(**changes) -> RunConfig:
    return configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 0, changes=changes)


def changed_stages(before: RunConfig, after: RunConfig) -> set[str]:
    old = {node.key for node in build_stage_graph(before, DIGEST)}
    return {node.stage for node in build_stage_graph(after, DIGEST) if node.key not in old} - set(EXTRA_STAGES)


def another(name: str, value: object, annotation: object) -> object:
    """A different valid value of the same setting."""
    options = [option for kind in walk(annotation) if get_origin(kind) is Literal for option in get_args(kind)]
    if options:
        return next(option for option in options if option != value)
    if name in ("observers", "students"):
        return [*value, "convnet-d1-w8"]
    if (name, value) == ("images", "0" * 24):
        return "1" * 24
    if name == "single_class":
        return "Trouser"
    if name == "scorer":
        return "convnet-d1-w8"
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return value / 2 if value else 0.5
    return (value or 1) + 1


def walk(annotation: object) -> list[object]:
    inner = [annotation]
    if get_origin(annotation) in (types.UnionType, typing.Union, typing.Annotated):
        inner += [kind for part in get_args(annotation) for kind in walk(part)]
    return inner


def every_setting() -> list[tuple[str, str]]:
    return [
        (stage, name)
        for stage, field in RunConfig.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings)
        for name in field.annotation.model_fields
    ]


@pytest.mark.parametrize(("stage", "name"), every_setting())
def test_a_setting_reruns_its_stage_and_what_stands_on_it(stage: str, name: str) -> None:
    for base in ({}, *READ_ALL):
        before = tiny(**base)
        settings = getattr(before, stage)
        if settings.is_active(name):
            break
    else:
        pytest.fail(f"no base setting makes {stage}.{name} active")
    value = another(name, getattr(settings, name), type(settings).model_fields[name].annotation)
    changes = {f"{stage}.{name}": value}
    if (stage, name) == ("relabel", "labels"):
        changes |= {"relabel.observers": [], "evaluate.loss": "ce"}
    if (stage, name) == ("evaluate", "loss"):
        changes["evaluate.loss"] = "kl"
    if (stage, name) == ("views", "steps"):
        changes["views.epochs"] = None
    after = tiny(**(base | changes))
    assert changed_stages(before, after) == EXCEPTIONS.get((stage, name), BELOW[stage])


def test_a_setting_that_is_not_read_changes_no_key() -> None:
    before = tiny(**{"synthesise.flatness": "none"})
    after = tiny(**{"synthesise.flatness": "none", "synthesise.flatness_weight": 9.0})
    assert changed_stages(before, after) == set()


def test_neighbours_hang_on_the_precision_they_are_computed_in() -> None:
    keys = {
        node.key
        for precision in ("auto", "float32", "bfloat16")
        for node in build_stage_graph(tiny(**{"relabel.precision": precision}), DIGEST)
        if node.stage == "neighbours"
    }
    assert len(keys) == 3


def test_the_runs_seed_leaves_observers_alone() -> None:
    other = configure("G", "fashion-mnist-mini", get_profile("tiny"), 2, 1)
    assert changed_stages(tiny(), other) == BELOW["initialise"]


def test_a_new_observer_computes_only_its_own_squeeze_and_statistics() -> None:
    old = {node.key for node in build_stage_graph(tiny(), DIGEST)}
    more = tiny(**{"synthesise.observers": [*tiny().synthesise.observers, "convnet-d1-w8"]})
    new = [node for node in build_stage_graph(more, DIGEST) if node.key not in old]
    assert [node.name for node in new if node.stage in ("squeeze", "statistics")] == ["convnet-d1-w8"] * 2


def test_more_seeds_keep_the_students_that_are_there() -> None:
    one, three = build_stage_graph(tiny(), DIGEST), build_stage_graph(tiny(**{"evaluate.seeds": 3}), DIGEST)
    assert {node.key for node in one} <= {node.key for node in three}
    assert sum(node.stage == "evaluate" for node in three) == 3


def test_opening_the_test_set_later_trains_nothing() -> None:
    assert changed_stages(tiny(**{"score.split": "val"}), tiny()) == {"score"}


def test_images_that_are_not_optimised_stand_on_no_observer() -> None:
    config = configure("random", "fashion-mnist-mini", get_profile("tiny"), 2, 0, protocol="hard")
    assert {node.stage for node in build_stage_graph(config, DIGEST)} - set(EXTRA_STAGES) == {
        "initialise",
        "synthesise",
        "relabel",
        "evaluate",
        "score",
    }


def test_another_data_set_or_division_changes_every_key() -> None:
    plan = {node.key for node in build_stage_graph(tiny(), DIGEST)}
    assert not plan & {node.key for node in build_stage_graph(tiny(), "1" * 32)}
    assert not plan & {node.key for node in build_stage_graph(tiny(**{"data.holdout": 60}), DIGEST)}


def test_only_what_a_missing_result_stands_on_is_computed() -> None:
    nodes = build_stage_graph(tiny(), DIGEST)
    finished = {node.key for node in nodes if node.stage not in ("squeeze", "statistics", "initialise")}
    assert pending_stages(nodes, finished.__contains__) == ()
    scores = {node.key for node in nodes if node.stage == "score"}
    assert {n.stage for n in pending_stages(nodes, (finished - scores).__contains__)} == {"score"}
    evaluates = {node.key for node in nodes if node.stage == "evaluate"}
    again = pending_stages(nodes, (finished - scores - evaluates).__contains__)
    assert {node.stage for node in again} == {"squeeze", "evaluate", "score"}  # the committee labels on the fly


def test_settings_survive_the_store() -> None:
    import json

    for preset in PRESETS:
        config = configure(preset, "fashion-mnist-mini", get_profile("lab"), 10, 3)
        back = validate_config(json.loads(json.dumps(config.model_dump(mode="json"))))
        assert back == config
        assert run_id(back, build_stage_graph(back, DIGEST)) == run_id(config, build_stage_graph(config, DIGEST))


def test_edc_is_preset_g() -> None:
    runs = [configure(name, "fashion-mnist-mini", get_profile("lab"), 10, 0) for name in ("G", "EDC")]
    assert build_stage_graph(runs[0], DIGEST) == build_stage_graph(runs[1], DIGEST)
