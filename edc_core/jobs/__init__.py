"""Work outside the web server: a queue in the store, workers that take from it, and who may change what.

Nothing here loads torch; the worker's process does, when it takes its first run.
"""

from edc_core.access.class_codes import ClassDigests, class_digests
from edc_core.access.duel_votes import DuelVotes, record_vote, votes_of
from edc_core.access.people import enter_class, person_of_token
from edc_core.access.permissions import (
    Classroom,
    Person,
    Refused,
    WrongCode,
    classroom,
    may_change,
    may_stop,
    most_queued,
    read_only,
)
from edc_core.access.return_codes import create_return_code
from edc_core.jobs.class_actions import clear_queue, stop_everything
from edc_core.jobs.class_archive import ArchivedClass, archive_class, archived_classes, restore_class
from edc_core.jobs.class_export import export_class
from edc_core.jobs.class_overview import ClassOverview, Member, class_overview
from edc_core.jobs.matrices import (
    MAX_SEEDS,
    add_seeds,
    delete_matrix,
    rename_matrix,
    resume_matrix,
    stop_matrix,
    submit_matrix,
)
from edc_core.jobs.matrix_feeder import enqueue_next_runs
from edc_core.jobs.matrix_requests import (
    MatrixRequest,
    all_matrices,
    expand_matrix,
    find_matrix,
    may_change_matrix,
    state_of_matrix,
)
from edc_core.jobs.queue import Ticket, places, submit, submit_task
from edc_core.jobs.run_actions import delete, may_delete, rename, resume, stop, stop_all
from edc_core.jobs.supervisor import CANCEL_GRACE_SECONDS, kill_unresponsive, live_workers, supervise
from edc_core.jobs.tasks.registry import execute_job, prepare_named, revalidate
from edc_core.jobs.worker import work

__all__ = [
    "CANCEL_GRACE_SECONDS",
    "MatrixRequest",
    "MAX_SEEDS",
    "ArchivedClass",
    "ClassOverview",
    "Classroom",
    "Member",
    "Person",
    "Refused",
    "ClassDigests",
    "Ticket",
    "WrongCode",
    "add_seeds",
    "archive_class",
    "archived_classes",
    "all_matrices",
    "execute_job",
    "export_class",
    "DuelVotes",
    "record_vote",
    "votes_of",
    "classroom",
    "delete",
    "delete_matrix",
    "kill_unresponsive",
    "enter_class",
    "enqueue_next_runs",
    "find_matrix",
    "person_of_token",
    "expand_matrix",
    "live_workers",
    "may_change",
    "may_change_matrix",
    "may_delete",
    "may_stop",
    "most_queued",
    "places",
    "prepare_named",
    "prepare_named",
    "revalidate",
    "read_only",
    "rename",
    "rename_matrix",
    "resume",
    "restore_class",
    "resume_matrix",
    "class_digests",
    "class_overview",
    "clear_queue",
    "create_return_code",
    "state_of_matrix",
    "stop",
    "stop_all",
    "stop_everything",
    "stop_matrix",
    "submit",
    "submit_matrix",
    "submit_task",
    "supervise",
    "work",
]
