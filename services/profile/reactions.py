"""A profile opens by itself when a candidate registers, follows the account's address (R14), and closes with it."""

from collections.abc import Iterable
from typing import Any, assert_never
from uuid import UUID

from services.identity.events import AccountClosed, CandidateRegistered, EmailVerified
from services.profile.domain import PROFILE, ChangeRegistrationEmail, CloseProfile, OpenProfile
from shared.model.message import Recorded
from shared.model.reaction import Do, Effect, Known, Reaction


def _open(account: UUID, candidate: CandidateRegistered) -> OpenProfile:
    known = {
        "title": candidate.title,
        "family_name": candidate.family_name,
        "given_names": candidate.given_names,
        **({} if candidate.given_names else {"only_name": "yes"}),
        "birth_date": candidate.birth_date.isoformat(),
        "preferred_language": candidate.language,
    }
    return OpenProfile(candidate_id=account, user_code=candidate.user_code, email=candidate.email, known=known)


def _follow(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    account = UUID(event.key)
    fact: CandidateRegistered | EmailVerified | AccountClosed = event.data
    match fact:
        case CandidateRegistered():
            yield Do(PROFILE, account, _open(account, fact))
        case EmailVerified(email=email):
            yield Do(PROFILE, account, ChangeRegistrationEmail(candidate_id=account, email=email))
        case AccountClosed():
            yield Do(PROFILE, account, CloseProfile(candidate_id=account))
        case _:
            assert_never(fact)


ALL = (Reaction("follow_account", (CandidateRegistered, EmailVerified, AccountClosed), _follow),)
