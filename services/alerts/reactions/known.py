"""What reactions ask of the views, to wait for what is not there yet; and what every mail of a list says of it."""

from collections.abc import Mapping
from typing import Final

from services.alerts.projections import ACCOUNTS, VACANCIES, AccountDocument, VacancyDocument
from shared.model.reaction import Known

MOST_IN_A_MAIL: Final = 50
"""Mails that are longer get cut by who shows them; the others are one link away."""


def vacancy(known: Known, key: object) -> VacancyDocument:
    """Raises LookupError until the job opening is heard of."""
    document = known.get(VACANCIES, key)
    if document is None:
        raise LookupError(f"vacancy {key} is not in the view yet")
    return document


def account(known: Known, key: object) -> AccountDocument:
    """Raises LookupError until the account is heard of."""
    document = known.get(ACCOUNTS, key)
    if document is None:
        raise LookupError(f"account {key} is not in the view yet")
    return document


def list_headers(list_id: str, path: str) -> Mapping[str, str]:
    """RFC 8058: the mail program may unsubscribe with one POST to this path of the API, nobody being logged in.

    RFC 2919: `list_id` names the list.
    """
    return {
        "List-Id": f"<{list_id}.alerts.{{host}}>",
        "List-Unsubscribe": f"<{{public_url}}/alerts/api/{path}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
