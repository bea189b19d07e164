"""Runs beside each other: what differs in their settings, what was redrawn, what their figures can tell.

A run here is the store's plain dictionary (`Store.runs`).
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from edc_core.config import validate_config
from edc_core.config.paths import read_values
from edc_core.data.short_names import short_name, short_names
from edc_core.design_space.profiles import current_profile
from edc_core.errors import EDCError
from edc_core.intervals import MIN_SEEDS, NORMAL_975, Estimate, estimate
from edc_core.runs.run_table import scored_images, title_of, top1_of
from edc_core.runs.setting_text import shown
from edc_core.store.run_record import RunRecord

NOT_READ = "not read"  # a setting that another one has put out of use
SEEDS = {
    "squeeze.seed": "observers",
    "initialise.seed": "starting images",
    "synthesise.seed": "synthesis",
    "views.seed": "views",
    "evaluate.seed": "students",
}


def read_settings(settings: dict[str, Any]) -> dict[str, Any]:
    """Dotted path -> value of every setting that this run reads, stage by stage."""
    try:
        config = validate_config(settings)
    except EDCError:  # of another version: as it is
        return {
            f"{stage}.{name}": value
            for stage, values in settings.items()
            if isinstance(values, dict)
            for name, value in values.items()
        }
    return {"dataset": short_name(config.dataset), "ipc": config.ipc} | read_values(config)


def setting_columns(runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """Of each run every setting of a stage that it reads, path -> value; a list's as one text."""
    found = [read_settings(run.settings) for run in runs]
    return [
        {path: shown(value) if isinstance(value, list) else value for path, value in one.items() if "." in path}
        for one in found
    ]


def differences(runs: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Setting -> its value in each run, for those settings alone that all read and that are not the same in all."""
    return {path: values for path, values in _table(runs).items() if len(set(values)) > 1 and NOT_READ not in values}


def read_by_some(runs: Sequence[RunRecord]) -> dict[str, list[str]]:
    """Setting -> its value in each run, for those settings that only some of them read: others put them out of use."""
    return {path: values for path, values in _table(runs).items() if NOT_READ in values}


def _table(runs: Sequence[RunRecord]) -> dict[str, list[str]]:
    found = [
        read_settings(run.settings) | {"dataset": name} for run, name in zip(runs, _dataset_names(runs), strict=True)
    ]
    paths = list(dict.fromkeys(path for settings in found for path in settings))
    return {path: [shown(settings[path]) if path in settings else NOT_READ for settings in found] for path in paths}


def _dataset_names(runs: Sequence[RunRecord]) -> list[str]:
    """Each run's data set; several that are called alike are told apart by where they lie, else by what they hold."""
    addresses = _one_address_a_content(runs)
    called = short_names(addresses)
    names = [called[address] for address in addresses]
    held = [_digest(run) for run in runs]
    several = {
        name for name in names if len({own for own, called in zip(held, names, strict=True) if called == name}) > 1
    }
    return [f"{name} ({own[:8]})" if name in several else name for name, own in zip(names, held, strict=True)]


def _one_address_a_content(runs: Sequence[RunRecord]) -> list[str]:
    """Each run's address; of one content that lies in several places or was moved, the first."""
    first: dict[str, str] = {}
    return [first.setdefault(_digest(run) or run.settings["dataset"], run.settings["dataset"]) for run in runs]


def _digest(run: RunRecord) -> str:
    return run.manifest.get("dataset", {}).get("digest", "")


def redrawn(runs: Sequence[RunRecord]) -> str:
    """One sentence: what chance drew again between these runs, and what they share."""
    found = [read_settings(run.settings) for run in runs]
    drawn = {name: {settings.get(path) for settings in found} - {None} for path, name in SEEDS.items()}
    anew = [name for name, seeds in drawn.items() if len(seeds) > 1]
    same = [name for path, name in SEEDS.items() if len(drawn[name]) == 1 and all(path in one for one in found)]
    images = {node["key"] for run in runs for node in run.plan if node["stage"] == "synthesise"}
    if len(images) == 1:
        lead = "The same images, judged again. "
        anew, same = [[name for name in names if name in ("views", "students")] for names in (anew, same)]
    else:
        lead = ""
    if not anew:
        return f"{lead}Nothing was redrawn by chance: {_listed(same)} come from the same seeds in all."
    shared = f" {_listed(same).capitalize()} come from the same seeds in all." if same else ""
    return f"{lead}Redrawn between seeds: {_listed(anew)}.{shared}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def means(runs: Sequence[RunRecord]) -> dict[str, Estimate]:
    """Top-1 by setting, with its interval over seeds, for settings of which at least two seeds are here."""
    groups: dict[tuple, list[RunRecord]] = {}
    for run in runs:
        if run.result:
            groups.setdefault(but_seeds(run), []).append(run)
    several = [found for group in groups.values() if len(found := draws(group)) > 1]
    names = _told_apart([group[0] for group in several])
    return {name: estimate([top1_of(run) for run in group]) for name, group in zip(names, several, strict=True)}


def _told_apart(runs: Sequence[RunRecord]) -> list[str]:
    """Titles without the seed; where several are called alike, with what differs between them."""
    titles = [title_of(replace(run, title="")).rpartition(", seed")[0] for run in runs]
    alike = {title: [run for run, name in zip(runs, titles, strict=True) if name == title] for title in titles}
    return [
        f"{title} ({mark(run, alike[title])})" if len(alike[title]) > 1 else title
        for run, title in zip(runs, titles, strict=True)
    ]


def mark(run: RunRecord, alike: Sequence[RunRecord]) -> str:
    """What tells a run from others of its title: the data set or the table of settings, else its differing settings."""
    called = short_names(one.dataset for one in alike)
    for of in (lambda one: called[one.dataset], lambda one: current_profile(one.settings["settings"])):
        if len({of(one) for one in alike}) == len(alike):
            return of(run)
    table = {path: values for path, values in _table(alike).items() if len(set(values)) > 1 and path not in SEEDS}
    return ", ".join(f"{path} {values[alike.index(run)]}" for path, values in table.items())


def resolution(runs: Sequence[RunRecord]) -> str:
    """The difference of top-1 that two single runs must show; empty where fewer than two have a result."""
    done = [run for run in runs if run.result]
    if len(done) < 2:
        return ""
    parts = {run.result["split"] for run in done}
    if len(parts) > 1:
        return "These runs were scored on different images (test and held-out): their figures do not compare."
    images = min(map(scored_images, done))
    worst = max(share * (1 - share) for share in (top1_of(run) / 100 for run in done))
    points = 100 * NORMAL_975 * math.sqrt(2 * worst / images)
    seeds = min(Counter(but_seeds(run) for run in draws(done)).values())
    few = "Fewer than three seeds a setting: what another seed changes comes on top. " if seeds < MIN_SEEDS else ""
    return f"{few}With {images:,} images to score on, two single runs less than {points:.1f} points apart may be equal."


def but_seeds(run: RunRecord) -> tuple:
    """A run's data set and settings, less every seed: runs of which this is the same are draws of one thing."""
    settings = read_settings(run.settings)
    return _digest(run), *((path, shown(value)) for path, value in settings.items() if path not in SEEDS)


def draws(runs: Sequence[RunRecord]) -> list[RunRecord]:
    """Each draw once: a run that stands on the scores of another (EDC is G by another name) is no second seed."""
    scores = [tuple(node["key"] for node in run.plan if node["stage"] == "score") for run in runs]
    return [run for place, run in enumerate(runs) if scores[place] not in scores[:place]]
