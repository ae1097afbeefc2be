"""What identity does by itself: mails without secrets, duplicates, the end of sessions and unproven registrations."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from services.identity.domain.account import ACCOUNT, EraseAccount, FlagPossibleDuplicate, LapseRegistration
from services.identity.domain.claim import CLAIM, ReleaseAddress
from services.identity.domain.secrets import LAPSES_AFTER
from services.identity.domain.session import SESSION, EndSession
from services.identity.events import (
    AccountClosed,
    CandidateRegistered,
    CredentialReminderSent,
    EmailChanged,
    EmailVerified,
    LoggedIn,
    PasswordChanged,
    PasswordReset,
    PersonalDataErased,
    RecoveryCodeUsed,
    RegistrationRepeated,
    SecondFactorAdded,
    SecondFactorGuessed,
    SecondFactorRemoved,
    SessionEnded,
    account_of,
    person_of,
)
from services.identity.projections import ACCOUNTS, CLAIMS_OF, PEOPLE, AccountDocument
from shared.model.message import Event, Recorded, derived_id, subject_of
from shared.model.reaction import Do, Effect, Erase, Known, Need, Reaction, Schedule, Send, Timer, TimerRule, Unschedule

SECOND_FACTOR_MAILS: Final[Mapping[type[Event], str]] = {
    SecondFactorAdded: "second_factor_added",
    SecondFactorRemoved: "second_factor_removed",
    RecoveryCodeUsed: "recovery_code_used",
    SecondFactorGuessed: "second_factor_guessed",
}


def _account_needed(event: Recorded[Any]) -> Iterable[Need]:
    yield Need(ACCOUNTS, event.key)


def _account(event: Recorded[Any], known: Known) -> AccountDocument:
    document = known.get(ACCOUNTS, event.key)
    if document is None:
        raise LookupError(f"the view has no account {event.key} yet")
    return document


def _to_holder(event: Recorded[Any], known: Known, template: str) -> Iterable[Send]:
    """One mail; none to a holder who has closed the account since."""
    account = _account(event, known)
    if account["email"]:
        params = {"name": account["name"], "user_code": account["user_code"]}
        mail_id = derived_id(event.id, template)
        named, whose = f"identity/mail/{template}", account_of(event.key)
        yield Send(mail_id, account["email"], named, account["language"], params, whose=whose)


def _welcome(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    proven: EmailVerified = event.data
    if proven.first:
        yield from _to_holder(event, known, "welcome")


def _remind(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    reminder: CredentialReminderSent = event.data
    if reminder.kind == "user_code":
        yield from _to_holder(event, known, "user_code")


def _password_changed(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    yield from _to_holder(event, known, "password_changed")


def _second_factor(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    yield from _to_holder(event, known, SECOND_FACTOR_MAILS[type(event.data)])


def _email_changed(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    """To the old address, whatever has become of the account since: it may be a thief who changed it."""
    account, change = _account(event, known), event.data
    params = {"user_code": account["user_code"]}
    mail_id = derived_id(event.id, "email_changed")
    template, whose = "identity/mail/email_changed", account_of(event.key)
    yield Send(mail_id, change.before, template, account["language"], params, whose=whose)


def _registered_already(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    repeated: RegistrationRepeated = event.data
    mail_id = derived_id(event.id, "registered_already")
    template = "identity/mail/registered_already"
    whose = subject_of(repeated, event.stream)
    yield Send(mail_id, repeated.email, template, repeated.language, about=repeated.about, whose=whose)


def _person_needed(event: Recorded[Any]) -> Iterable[Need]:
    if person := person_of(event.data):
        yield Need(PEOPLE, str(person))
        yield Need(ACCOUNTS, event.key)


def _flag_duplicates(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    """Once the view holds this account, it holds every earlier one of the same name; a closed one is forgotten."""
    named = person_of(event.data)
    if named is None or _account(event, known)["state"] == "closed":
        return
    person = known.get(PEOPLE, named)
    if person is None or event.key not in person["accounts"]:
        raise LookupError(f"the view has no account {event.key} yet")
    earlier = person["accounts"][: person["accounts"].index(event.key)]
    if earlier:
        yield Do(ACCOUNT, event.key, FlagPossibleDuplicate(others=tuple(UUID(other) for other in earlier)))


def _erase(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    """An account that was closed before there were keys says so first."""
    if isinstance(event.data, PersonalDataErased):
        yield Erase(event.stream)
    else:
        yield Do(ACCOUNT, event.key, EraseAccount())


def _release(event: Recorded[Any], known: Known) -> Iterable[Effect]:
    """Whoever closes an account gives its address back with it; a store that was restored from before learns only that
    they are erased, and knows by its claims alone which address it was.
    """
    document = known.get(CLAIMS_OF, event.key)
    if document is None:
        raise LookupError(f"the view does not know yet that {event.key} is erased")
    release = ReleaseAddress(account_id=UUID(event.key))
    return [Do(CLAIM, claim, release) for claim in document["claims"]]


def _until_proven(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    key = f"lapse/{event.key}"
    if isinstance(event.data, EmailVerified):
        yield Unschedule(key)
    else:
        yield Schedule(key, event.at + LAPSES_AFTER, "registration_lapses", {"account_id": event.key})


def _until_over(event: Recorded[Any], _: Known) -> Iterable[Effect]:
    fact: LoggedIn | SessionEnded = event.data
    key = f"session/{event.key}"
    if isinstance(fact, SessionEnded):
        yield Unschedule(key)
    else:
        yield Schedule(key, fact.ends_at, "session_ends", {"session_id": event.key})


def _lapse(timer: Timer, _: Known) -> Iterable[Effect]:
    yield Do(ACCOUNT, timer.data["account_id"], LapseRegistration())


def _end_session(timer: Timer, _: Known) -> Iterable[Effect]:
    yield Do(SESSION, timer.data["session_id"], EndSession(reason="expired"))


ALL = (
    Reaction("welcome", (EmailVerified,), _welcome, _account_needed),
    Reaction("remind", (CredentialReminderSent,), _remind, _account_needed),
    Reaction("password_changed", (PasswordReset, PasswordChanged), _password_changed, _account_needed),
    Reaction("second_factor", tuple(SECOND_FACTOR_MAILS), _second_factor, _account_needed),
    Reaction("email_changed", (EmailChanged,), _email_changed, _account_needed),
    Reaction("registered_already", (RegistrationRepeated,), _registered_already),
    Reaction("flag_duplicates", (CandidateRegistered,), _flag_duplicates, _person_needed),
    Reaction("until_proven", (CandidateRegistered, EmailVerified), _until_proven),
    Reaction("until_over", (LoggedIn, SessionEnded), _until_over),
    Reaction("erase", (AccountClosed, PersonalDataErased), _erase, from_the_first=True),
    Reaction(
        "release", (PersonalDataErased,), _release, lambda event: [Need(CLAIMS_OF, event.key)], from_the_first=True
    ),
)

TIMERS = (TimerRule("registration_lapses", _lapse), TimerRule("session_ends", _end_session))
