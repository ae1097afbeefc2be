"""The rules of saved searches: the search, the five places, and the index that finds the searches a vacancy fits."""

from services.alerts.domain.commands import (
    ALERT,
    FIELDS,
    NAME,
    RHYTHM,
    RHYTHMS,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    ExpireSearch,
    RecordMatch,
    RenameSearch,
    RenewSearch,
    SaveSearch,
    SendDigest,
    Unsubscribe,
    WarnOfExpiry,
)
from services.alerts.domain.matching import SearchIndex
from services.alerts.domain.quota import (
    LIMIT,
    QUOTA,
    FreePlace,
    GiveUpPlaces,
    SearchQuota,
    TakePlace,
    deleting,
    renewing,
    saving,
)
from services.alerts.domain.search import REMINDER, SEARCH, VALID, SavedSearch

ALL = (SEARCH, QUOTA)

__all__ = [
    "ALERT",
    "ALL",
    "FIELDS",
    "LIMIT",
    "NAME",
    "QUOTA",
    "REMINDER",
    "RHYTHM",
    "RHYTHMS",
    "SEARCH",
    "VALID",
    "DeleteSearch",
    "DisableAlert",
    "EnableAlert",
    "ExpireSearch",
    "FreePlace",
    "GiveUpPlaces",
    "RecordMatch",
    "RenameSearch",
    "RenewSearch",
    "SaveSearch",
    "SavedSearch",
    "SearchIndex",
    "SearchQuota",
    "SendDigest",
    "TakePlace",
    "Unsubscribe",
    "WarnOfExpiry",
    "deleting",
    "renewing",
    "saving",
]
