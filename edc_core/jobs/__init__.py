"""Work outside the web server: a queue in the store, workers that take from it, and who may change what.

Nothing here loads torch; the worker's process does, when it takes its first run.
"""

from edc_core.access.class_codes import Rooms, rooms_of
from edc_core.access.people import enter, known
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
from edc_core.jobs.matrices import (
    MOST_SEEDS,
    add_seeds,
    delete_matrix,
    rename_matrix,
    resume_matrix,
    stop_matrix,
    submit_matrix,
)
from edc_core.jobs.matrix_feeder import feed
from edc_core.jobs.matrix_requests import Asked, all_matrices, find_matrix, laid_out, may_change_matrix, state_of_matrix
from edc_core.jobs.queue import Ticket, places, submit, submit_task
from edc_core.jobs.run_actions import delete, may_delete, rename, resume, stop, stop_all
from edc_core.jobs.supervisor import PATIENCE, end_disobedient, live_workers, tend
from edc_core.jobs.tasks.registry import carry_out, prepare_again
from edc_core.jobs.worker import work

__all__ = [
    "PATIENCE",
    "Asked",
    "MOST_SEEDS",
    "Classroom",
    "Person",
    "Refused",
    "Rooms",
    "Ticket",
    "WrongCode",
    "add_seeds",
    "all_matrices",
    "carry_out",
    "classroom",
    "delete",
    "delete_matrix",
    "end_disobedient",
    "enter",
    "feed",
    "find_matrix",
    "known",
    "laid_out",
    "live_workers",
    "may_change",
    "may_change_matrix",
    "may_delete",
    "may_stop",
    "most_queued",
    "places",
    "prepare_again",
    "read_only",
    "rename",
    "rename_matrix",
    "resume",
    "resume_matrix",
    "rooms_of",
    "state_of_matrix",
    "stop",
    "stop_all",
    "stop_matrix",
    "submit",
    "submit_matrix",
    "submit_task",
    "tend",
    "work",
]
