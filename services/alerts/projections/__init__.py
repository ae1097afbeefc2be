"""What the pages and mails of this service need to know: its own saved searches, job openings and preferences, and from
elsewhere vacancies, addresses and drafts.
"""

from services.alerts.projections.learnt import (
    ACCOUNTS,
    AIMS,
    DRAFT,
    DRAFTS,
    SUBMITTED,
    VACANCIES,
    AccountDocument,
    AimsDocument,
    DraftsDocument,
    VacancyDocument,
    in_words,
    state_of,
)
from services.alerts.projections.mails import MAILS, MailsDocument
from services.alerts.projections.openings import OPENINGS, SAVERS, OpeningsDocument, Saved, SaversDocument
from services.alerts.projections.searches import (
    SEARCHES,
    SECRETS,
    SearchDocument,
    awaits,
    days_left,
    kept,
    link_of,
    live,
    search_key,
)
from shared.model.projection import AnyProjection

ALL: tuple[AnyProjection, ...] = (SEARCHES, OPENINGS, SAVERS, MAILS, VACANCIES, ACCOUNTS, AIMS, DRAFTS)

__all__ = [
    "ACCOUNTS",
    "AIMS",
    "ALL",
    "DRAFT",
    "DRAFTS",
    "MAILS",
    "OPENINGS",
    "SAVERS",
    "SEARCHES",
    "SECRETS",
    "SUBMITTED",
    "VACANCIES",
    "AccountDocument",
    "AimsDocument",
    "DraftsDocument",
    "MailsDocument",
    "OpeningsDocument",
    "Saved",
    "SaversDocument",
    "SearchDocument",
    "VacancyDocument",
    "awaits",
    "days_left",
    "in_words",
    "kept",
    "link_of",
    "live",
    "search_key",
    "state_of",
]
