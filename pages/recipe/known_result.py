"""Known result of the recipe's settings, from a stored matrix or this store's runs."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from edc_core.ablation import published_scores as ablations
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
from edc_core.intervals import MIN_SEEDS, Estimate
from edc_core.pipeline.prepare import PreparedRun
from edc_core.store import BUNDLED, StageResults, Store
from edc_core.wording.grammar import plural
from pages.recipe import recipe_address as address
from pages.recipe.recipe_state import REFERENCE, RUN_CONTROLS, Recipe
from pages.shared.markdown_escape import escape_markdown

PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 8: "an eighth", 10: "a tenth"}


KEPT_PATHS = tuple(control.path for control in RUN_CONTROLS)  # of no choice: they stay where the profile changes


def render_known_result(recipe: Recipe, prepared: PreparedRun, store: Store) -> None:
    """Stored result for these settings, or for the same ones under another profile."""
    stage_results = store.home / "artefacts"
    changed = stage_results.stat().st_mtime_ns if stage_results.is_dir() else 0
    asked = (recipe.preset, recipe.table, prepared.config.model_dump_json(), prepared.description.digest)
    seen = (folder_stamp(ablations.PUBLISHED), str(ablations.PUBLISHED), str(stage_results), changed)
    try:
        found = _found(asked, seen, recipe, prepared.config, prepared.description)
    except EDCError as error:
        st.caption(f":material/error: Stored matrices cannot be read: {escape_markdown(str(error))}")
        return
    if found is None:
        return
    one, elsewhere = found
    if one.record is None and one.top1.count == 1 and prepared.config.score.split == "val":
        return  # the run itself, which says so
    with st.container(key="recipe_stored", gap=None):
        _say(one, prepared.config.score.weights)
        if elsewhere:
            _other_profile(prepared.config, replace(recipe, **elsewhere))


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


def _say(one: PublishedScore, weights: str) -> None:
    with st.container(horizontal=True, gap="large", key="recipe_stored_figures"):
        redrawn = f" {one.record['title']}; redrawn between seeds: {one.record['redrawn']}." if one.record else ""
        _figure(
            "Already measured: top-1 on held-out images",
            f"{one.top1.mean:.1f} %",
            one.top1,
            f"Mean over seeds, and its 95 % interval.{redrawn}",
        )
        if one.to_edc:
            _figure(
                "Against EDC",
                _signed(f"{one.to_edc.mean:+z.1f} points"),
                one.to_edc,
                "Difference in top-1, paired by seed, and its 95 % interval; EDC from the same place. An interval that"
                " holds 0 tells no difference.",
            )
    count = len(one.seeds)
    few = "" if count >= MIN_SEEDS else " :orange-badge[fewer than three seeds]"
    paired = f" (against EDC {one.to_edc.count})" if one.to_edc and one.to_edc.count < count else ""
    kind = "averaged" if weights == "ema" else "raw"
    st.caption(f"From {one.place}, held-out images, {count} {plural(count, 'seed')}{paired}, {kind} weights.{few}")


def _figure(label: str, value: str, estimate: Estimate, hint: str) -> None:
    """A figure with its interval under it."""
    interval = None if estimate.low is None else _signed(f"95 %: {estimate.low:.1f} to {estimate.high:.1f}")
    st.metric(label, value, interval, delta_color="off", delta_arrow="off", help=hint, width="content")


def _signed(text: str) -> str:
    return text.replace("-", "−")


# The same switches at another profile ----------------------------------------------------------------


def _other_profile(config: RunConfig, moved: Recipe) -> None:
    """Note and button for a result under another profile."""
    here, there = config.views.epochs, moved.config().views.epochs
    part = PARTS.get(round(here / there)) if here and there and here > there else None
    length = f"{part} of the steps" if part else PROFILES[moved.table].summary
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="recipe_stored_profile"):
        st.markdown(f":orange-badge[profile {moved.table} ({length})]", width="content")
        st.button(
            f"Switch to the profile {moved.table}",
            key="recipe.stored.switch",
            icon=":material/swap_horiz:",
            type="tertiary",
            on_click=_switch,
            args=(moved,),
            help="The same switches with the settings that these figures were measured with.",
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
