"""What is over can be put out of the way and taken back; nothing else changes by it, and nobody else learns of it."""

from collections.abc import Sequence
from typing import assert_never

from services.applications.domain.commands import ArchiveApplication, ArchiveCommand, RestoreApplication
from services.applications.domain.state import Application
from services.applications.events import ApplicationArchived, ApplicationRestored, Archiving
from shared.model.errors import N_, Conflict
from shared.model.reasons import Reason

NOT_OVER = N_("Only an application that was submitted and is decided, withdrawn or cancelled can be archived")


def archive(command: ArchiveCommand, state: Application) -> Sequence[Archiving]:
    """Also of what has been erased: its line stands in the list all the same."""
    match command:
        case ArchiveApplication():
            if not state.is_over:
                raise Conflict.because(NOT_OVER, reason=Reason.STATUS_NOT_POSSIBLE)
            return [] if state.archived else [ApplicationArchived(candidate_id=command.candidate_id)]
        case RestoreApplication():
            return [ApplicationRestored(candidate_id=command.candidate_id)] if state.archived else []
    assert_never(command)
