"""Views of the class: people, best runs and the duel's votes, which refresh by themselves; bets."""

from collections.abc import Sequence

import streamlit as st

from edc_core import jobs
from edc_core.data.short_names import short_name
from edc_core.errors import EDCError
from edc_core.judging.blind_comparison import Verdict, name_of, verdict
from edc_core.runs.run_table import title_of, top1_of
from edc_core.store.run_record import RunRecord
from edc_core.wording.grammar import capitalise, plural
from pages.shared.access import current_person
from pages.shared.markdown_escape import escape_markdown
from pages.shared.page_frame import Lab, guarded
from pages.teacher.bet_board import render_bet_board
from pages.teacher.people_here import count_text, render_people, render_table

SECONDS = 3.0  # between two looks
PEOPLE, RUNS, DUEL, BETS = VIEWS = ("Who is here", "Best runs", "Votes of the duel", "Bets")


def render_views(lab: Lab) -> None:
    """The view that is chosen; that of the bets, which reads whole matrices, does not refresh by itself."""
    view = st.segmented_control(
        "View", VIEWS, default=PEOPLE, required=True, key="teacher_view", label_visibility="collapsed"
    )
    if view == BETS:
        render_bet_board(lab, jobs.class_overview(lab.store, current_person()).members)
    else:
        st.fragment(guarded(_panel), run_every=SECONDS)(view)


def _panel(lab: Lab, view: str) -> None:
    overview = jobs.class_overview(lab.store, current_person())
    if not overview.students:
        st.info(
            "Nobody has joined yet. Who opens the address and types the code and a nickname appears here.",
            icon=":material/group:",
        )
        return
    st.markdown(f"**{count_text(overview.students)}**")
    if view == PEOPLE:
        render_people(overview)
    elif view == RUNS:
        _best_runs(overview)
    else:
        _duel(lab, overview)


def _best_runs(overview: jobs.ClassOverview) -> None:
    """Finished runs of the class, the best first; only those are ranked together that can be compared."""
    groups: dict[str, list[RunRecord]] = {}
    for run in overview.runs:
        if run.result:
            groups.setdefault(_contest(run), []).append(run)
    if not groups:
        st.info("No run of the class is finished yet.", icon=":material/hourglass_empty:")
        return
    names = sorted(groups, key=lambda name: -len(groups[name]))
    chosen = st.selectbox("Runs of", names, key="teacher_contest", width=420) if len(names) > 1 else names[0]
    if len(names) == 1:
        st.caption(chosen)
    ranked = sorted(groups[chosen], key=lambda run: -(top1_of(run) or 0.0))
    scores = [top1_of(run) for run in ranked]
    rows = [
        {
            "place": scores.index(top1_of(run)) + 1,  # equal ones share a place
            "who": ", ".join(overview.nicknames_of(run)),
            "top1": top1_of(run),
            "run": title_of(run),
        }
        for run in ranked
    ]
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    columns = {
        "place": number("Place", width=60),
        "who": text("Who", width=240),
        "top1": number("Top-1", format="%.1f %%", width=90),
        "run": text("Run", width=340),
    }
    render_table(rows, columns, "teacher_runs")
    st.caption("Each is one run: another seed may order them otherwise.")


def _contest(run: RunRecord) -> str:
    """Data set, IPC and images scored on: runs that differ in one of them are not ranked together."""
    where = "test images" if run.result["split"] == "test" else "held-out training images"
    return f"{short_name(run.dataset)}, IPC {run.ipc}, scored on {where}"


def _duel(lab: Lab, overview: jobs.ClassOverview) -> None:
    """How many have voted; what they picked, once the teacher shows it."""
    students = overview.students
    pairs = jobs.votes_of(lab.store, {one.id for one in students})
    if not pairs:
        st.info("Nobody has voted yet: the duel is the first thing on the page Start.", icon=":material/how_to_vote:")
        return
    latest = pairs[0]
    st.markdown(f"{latest.total} of {len(students)} voted in the duel on Start.")
    waiting = [one.nickname for one in students if one.id not in latest.voters]
    if waiting:
        st.caption(escape_markdown(f"Still to vote: {', '.join(waiting)}"))
    if st.toggle("Show the votes", key="teacher_votes", help="It also shows which set teaches better."):
        _shown_votes(lab, latest)


def _shown_votes(lab: Lab, latest: jobs.DuelVotes) -> None:
    runs = _runs_of(lab, latest.runs)
    if len(runs) < 2:
        st.caption("One of the two runs was deleted.")
        return
    for column, run in zip(st.columns(2), sorted(runs, key=lambda run: -(top1_of(run) or 0.0)), strict=True):
        count = latest.counts[run.id]
        column.metric(
            capitalise(name_of(run)),
            f"{count} {plural(count, 'vote')}",
            f"teaches {top1_of(run):.1f} %",
            delta_color="off",
            delta_arrow="off",
        )
    st.caption(_answer(verdict(*runs, lab.store.runs())))


def _answer(found: Verdict) -> str:
    """Whether the measured difference is more than chance, and on what it rests."""
    runs = "one run each" if found.count == 1 else found.basis
    gap = f"{abs(found.points):.1f} points apart (± {found.margin:.1f}; {runs}, {found.scored})"
    meaning = "more than chance" if found.told_apart else "chance may have decided, so neither answer is wrong"
    return f"They are {gap}: {meaning}."


def _runs_of(lab: Lab, names: Sequence[str]) -> list[RunRecord]:
    try:
        return [run for name in names if (run := lab.store.find(name)) and run.result]
    except EDCError:  # a damaged row
        return []
