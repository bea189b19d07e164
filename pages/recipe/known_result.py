"""Known result of the recipe's settings, from a stored matrix or this store's runs."""

from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from edc_core.ablation import published_scores as ablations
from edc_core.ablation.choice_evidence import ChoiceEvidence, choice_evidence
from edc_core.ablation.choice_verdicts import points
from edc_core.ablation.published_lookup import (
    PublishedScore,
    active_choices,
    at_profile,
    find_published,
    folder_stamp,
    published_profiles,
)
from edc_core.ablation.published_scores import ScoreLookup
from edc_core.config import RunConfig
from edc_core.data import Description
from edc_core.design_space.presets import CHOICES
from edc_core.design_space.profiles import PROFILES
from edc_core.errors import EDCError
from edc_core.intervals import MIN_SEEDS
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import BUNDLED, StageResults, Store
from edc_core.wording.grammar import plural
from pages.recipe import recipe_address as address
from pages.recipe.recipe_state import REFERENCE, RUN_CONTROLS, Recipe

PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 8: "an eighth", 10: "a tenth"}
KEPT_PATHS = tuple(control.path for control in RUN_CONTROLS)  # of no choice: they stay where the profile changes


@dataclass(frozen=True)
class KnownResult:
    """A stored result of these switches; `elsewhere` is the recipe of another profile that it belongs to."""

    score: PublishedScore
    elsewhere: Recipe | None
    weights: str  # the weights that the settings score


def known_result(recipe: Recipe, prepared: PreparedRun, store: Store) -> KnownResult | None:
    """The stored result for these settings, or for the same ones under another profile.

    Raises:
        StoreError: a stored matrix is damaged.
    """
    config = prepared.config
    asked = (recipe.preset, recipe.table, config.model_dump_json(), prepared.description.digest)
    found = _found(asked, store_stamp(store), recipe, config, prepared.description)
    if found is None:
        return None
    one, elsewhere = found
    if one.record is None and one.top1.count == 1 and config.score.split == "val":
        return None  # the run itself, which says so
    return KnownResult(one, replace(recipe, **elsewhere) if elsewhere else None, config.score.weights)


def store_stamp(store: Store) -> tuple:
    """What changes whenever something new is stored: of the bundled matrices, and of this lab's own results."""
    stage_results = store.home / "artefacts"
    changed = stage_results.stat().st_mtime_ns if stage_results.is_dir() else 0
    return folder_stamp(ablations.PUBLISHED), str(ablations.PUBLISHED), str(stage_results), changed


def evidence_of(recipe: Recipe, about: Description, store: Store) -> dict[str, ChoiceEvidence]:
    """What is stored of each choice on this data set; nothing where a stored matrix is damaged, as the bar says."""
    config = recipe.reference
    students = recipe.sketch.evaluate.students
    asked = (about.digest, recipe.table, recipe.ipc, students)
    try:
        return _evidence(asked, store_stamp(store), config, about)
    except EDCError:
        return {}


@st.cache_data(show_spinner=False, max_entries=100)
def _evidence(asked: tuple, seen: tuple, _config: RunConfig, _about: Description) -> dict[str, ChoiceEvidence]:
    evaluate = _config.evaluate.model_copy(update={"students": asked[3]})
    answers = ScoreLookup(StageResults(Path(seen[2]).parent, (BUNDLED,)), (ablations.PUBLISHED,))
    return choice_evidence(_config.model_copy(update={"evaluate": evaluate}), _about, answers)


@st.cache_data(show_spinner=False, max_entries=500)
def _found(
    asked: tuple, seen: tuple, _recipe: Recipe, _config: RunConfig, _about: Description
) -> tuple[PublishedScore, dict | None] | None:
    """The answer, and how the recipe differs that it is of; `asked` and `seen` say when it is another."""
    answers = ScoreLookup(StageResults(Path(seen[2]).parent, (BUNDLED,)), (ablations.PUBLISHED,))
    if one := find_published(_config, _edc(_config, _recipe.table), _about, answers):
        return one, None
    for name in published_profiles(answers):
        moved = with_profile(_recipe, _config, _about, name) if name != _recipe.table else None
        if moved and (one := find_published(moved.config(), _edc(_config, name), _about, answers)):
            return one, {"preset": moved.preset, "table": name, "changes": moved.changes}
    return None


def _edc(config: RunConfig, table: str) -> RunConfig:
    """EDC for the same data, images a class and students."""
    return at_profile(config, PROFILES[table], frozenset(CHOICES))


def headline(known: KnownResult) -> str:
    """ "80.3 → **61.7** (−18.5 ± 2.7)"; of EDC itself, and where EDC is not stored beside it, its own top-1."""
    one = known.score
    if one.to_edc is None or one.edc is None:
        half = "" if one.top1.half is None else f" ± {one.top1.half:.1f}"
        return f"**{one.top1.mean:.1f}**{half} %"
    return f"{one.edc.mean:.1f} → **{one.top1.mean:.1f}** ({points(one.to_edc)})"


def rests_on(known: KnownResult, config: RunConfig) -> str:
    """Seeds and profile of the headline, in a line."""
    one, count = known.score, len(known.score.seeds)
    few = " :orange-badge[fewer than three seeds]" if count < MIN_SEEDS else ""
    paired = f" (EDC {one.to_edc.count})" if one.to_edc and one.to_edc.count < count else ""
    under = f" · profile {_profile(config, known.elsewhere)}" if known.elsewhere else ""
    return f"{count} {plural(count, 'seed')}{paired}{under}{few}"


def _profile(config: RunConfig, moved: Recipe) -> str:
    """Another profile's name and length: "lab-quick (a quarter of the steps)"."""
    here, there = config.views.epochs, moved.config().views.epochs
    part = PARTS.get(round(here / there)) if here and there and here > there else None
    return f"{moved.table} ({f'{part} of the steps' if part else PROFILES[moved.table].summary})"


def origin(known: KnownResult) -> str:
    """Where the headline comes from, for a help text."""
    one, kind = known.score, "averaged" if known.weights == "ema" else "raw"
    redrawn = f" {one.record['title']}; redrawn between seeds: {one.record['redrawn']}." if one.record else ""
    paired = (
        " In brackets: the difference from EDC in points, paired by seed, ± half its 95 % interval. A difference"
        " smaller than that may be chance."
        if one.to_edc
        else " After ±: half the 95 % interval."
    )
    return f"Measured in advance: top-1 with {kind} weights on held-out images, from {one.place}.{redrawn}{paired}"


# The same switches at another profile ----------------------------------------------------------------


def render_switch(moved: Recipe) -> None:
    """Button that takes over the profile of the stored result."""
    st.button(
        f"Use {moved.table}",
        key="recipe.stored.switch",
        type="tertiary",
        on_click=_switch,
        args=(moved,),
        help="Keep the switches and take the profile that was measured.",
    )


def with_profile(recipe: Recipe, config: RunConfig, about: Description, table: str) -> Recipe | None:
    """The same recipe in another table: the same eight switches, or an untouched preset; None where it is neither."""
    kept = {path: value for path, value in recipe.changes.items() if path in KEPT_PATHS}
    untouched = replace(recipe, table=table, changes=kept)
    on = active_choices(config, PROFILES[recipe.table], about)
    if on is None:
        return untouched if recipe.changes == kept else None
    for moved in (untouched, replace(untouched, preset=REFERENCE)):
        for name in CHOICES:
            moved = moved.switched(name, name in on)
        if active_choices(moved.config(), PROFILES[table], about) == on:
            return moved
    return None


def _switch(recipe: Recipe) -> None:
    """Callback: load this recipe."""
    st.session_state["profile"] = recipe.table
    st.session_state["preset"] = "" if recipe.preset == REFERENCE else recipe.preset
    address.store_recipe(recipe)
