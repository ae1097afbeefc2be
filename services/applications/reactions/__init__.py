"""What follows by itself: mails, applications that follow their vacancy, drafts that go with their account."""

from typing import Final

from services.applications.reactions.accommodations import CONFIRM, DESTROY_ACCOMMODATION, END
from services.applications.reactions.ending import DESTROY, DISCARD, ERASURE, FORGET, KEEP
from services.applications.reactions.following import FOLLOW, PART, SWEEP
from services.applications.reactions.mails import CANCELLATION, CONFIRMATION, CONSULTATION, LOST, STATUS

ALL: Final = (
    CONFIRMATION, CANCELLATION, STATUS, LOST, CONSULTATION, FOLLOW, FORGET, KEEP, DESTROY, CONFIRM, END,
    DESTROY_ACCOMMODATION,
)  # fmt: skip
TIMERS: Final = (SWEEP, PART, DISCARD, ERASURE)
