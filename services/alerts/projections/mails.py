"""What a candidate has chosen to be mailed."""

from typing import TypedDict, assert_never

from services.alerts.events import MailingEnded, MailLinkMade, MailSwitched
from shared.model.message import Recorded
from shared.model.projection import Projection


class MailsDocument(TypedDict):
    """off: the kinds that are switched off. token: of the links that do it; "" while no such mail has gone out."""

    off: list[str]
    token: str


MailsFact = MailSwitched | MailLinkMade | MailingEnded


def _mails(document: MailsDocument | None, event: Recorded[MailsFact]) -> MailsDocument | None:
    known = document or MailsDocument(off=[], token="")
    match event.data:
        case MailSwitched(kind=kind, on=on):
            others = [each for each in known["off"] if each != kind]
            return {**known, "off": others if on else sorted([*others, kind.value])}
        case MailLinkMade(token=token):
            return {**known, "token": token}
        case MailingEnded():
            return None
        case _:
            assert_never(event.data)


MAILS: Projection[MailsDocument] = Projection(
    "mails", (MailSwitched, MailLinkMade, MailingEnded), lambda event: (str(event.data.candidate_id),), _mails
)
