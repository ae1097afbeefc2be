"""What follows from identity's facts."""

from datetime import timedelta
from typing import Any

import pytest

from services.identity import reactions
from services.identity.domain.account import ACCOUNT, FlagPossibleDuplicate, LapseRegistration
from services.identity.domain.claim import CLAIM, ReleaseAddress
from services.identity.domain.session import SESSION, EndSession
from services.identity.events import (
    AccountClosed,
    CredentialReminderSent,
    EmailChanged,
    EmailVerified,
    LoggedIn,
    PasswordChanged,
    PasswordReset,
    RegistrationRepeated,
    SessionEnded,
)
from services.identity.projections import ACCOUNTS, CLAIMS_OF, PEOPLE
from shared.model.message import Event, Recorded
from shared.model.reaction import Do, Effect, Known, Need, Schedule, Send, Timer, Unschedule
from shared.model.testing import NOON, recorded
from tests.identity.values import ERASED, registered, some_id

ANNA, OTHER, SESSION_ID = some_id("anna"), some_id("other"), some_id("session")
STREAM = f"account-{ANNA}"


def account(**changes: Any) -> Any:
    (key,) = ACCOUNTS.keys(recorded(registered(**changes), STREAM))
    return key, ACCOUNTS.evolve(None, recorded(registered(**changes), STREAM))


def effects_of(event: Recorded[Any], documents: dict[str, Any] | None = None) -> list[Effect]:
    """What all reactions that listen to it do, given documents by key."""
    effects: list[Effect] = []
    for reaction in reactions.ALL:
        if type(event.data) in reaction.on:
            needs: dict[Need, Any] = {need: (documents or {}).get(need.key) for need in reaction.needs(event)}
            effects += reaction.react(event, Known(needs))
    return effects


def effects_on_account(fact: Event) -> list[Effect]:
    key, document = account()
    return effects_of(recorded(fact, STREAM), {key: document})


@pytest.mark.parametrize(
    ("fact", "template"),
    [
        (EmailVerified(email="Anna.Muller@example.org"), "identity/mail/welcome"),
        (CredentialReminderSent(kind="user_code"), "identity/mail/user_code"),
        (PasswordReset(), "identity/mail/password_changed"),
        (PasswordChanged(), "identity/mail/password_changed"),
    ],
)
def test_the_holder_is_written_to_in_their_language(fact: Event, template: str) -> None:
    (mail,) = [effect for effect in effects_on_account(fact) if isinstance(effect, Send)]
    assert (mail.to, mail.template, mail.language) == ("Anna.Muller@example.org", template, "fr")
    assert mail.params == {"name": "Anna Maria Müller", "user_code": "P7K4-2QXM"}


@pytest.mark.rule("R14")
def test_a_change_of_address_is_told_to_the_old_one_without_naming_the_new_one_and_is_no_welcome() -> None:
    (mail,) = effects_on_account(EmailChanged(before="old@example.org"))
    assert isinstance(mail, Send)
    assert (mail.to, mail.template, mail.language) == ("old@example.org", "identity/mail/email_changed", "fr")
    assert mail.params == {"user_code": "P7K4-2QXM"}
    proven = effects_on_account(EmailVerified(email="new@example.org", first=False))
    assert not [effect for effect in proven if isinstance(effect, Send)]


def test_whoever_closed_the_account_meanwhile_gets_no_mail_but_the_old_address_is_told() -> None:
    key, document = account()
    closed = ACCOUNTS.evolve(document, recorded(AccountClosed(), STREAM))
    assert effects_of(recorded(PasswordChanged(), STREAM), {key: closed}) == []
    (mail,) = effects_of(recorded(EmailChanged(before="old@example.org"), STREAM), {key: closed})
    assert isinstance(mail, Send)
    assert mail.to == "old@example.org"


def test_a_mail_with_a_secret_is_not_sent_by_a_reaction() -> None:
    assert effects_on_account(CredentialReminderSent(kind="password")) == []


def test_the_holder_of_an_address_is_told_of_another_registration() -> None:
    repeated = RegistrationRepeated(email="anna@example.org", language="en", said_at=NOON)
    (mail,) = effects_of(recorded(repeated, "claim-1"))
    assert isinstance(mail, Send)
    assert (mail.to, mail.template, mail.language) == ("anna@example.org", "identity/mail/registered_already", "en")


def duplicate_effects(accounts: list[str] | None, *later: Event) -> list[Effect]:
    event = recorded(registered(), STREAM)
    key, document = account()
    for fact in later:
        document = ACCOUNTS.evolve(document, recorded(fact, STREAM))
    people = {each: {"accounts": accounts} for each in PEOPLE.keys(event) if accounts}
    effects = effects_of(event, {key: document, **people})
    return [effect for effect in effects if isinstance(effect, Do)]


@pytest.mark.rule("R6")
def test_an_account_is_flagged_against_every_earlier_one_of_the_same_name_and_birth_date() -> None:
    (effect,) = duplicate_effects([str(OTHER), str(ANNA), str(some_id("later"))])
    assert effect == Do(ACCOUNT, str(ANNA), FlagPossibleDuplicate(others=(OTHER,)))


@pytest.mark.rule("R6")
def test_the_only_account_of_a_name_is_not_flagged() -> None:
    assert duplicate_effects([str(ANNA)]) == []


@pytest.mark.rule("R6")
def test_a_registration_that_is_closed_meanwhile_is_flagged_against_nobody() -> None:
    assert duplicate_effects([str(OTHER)], AccountClosed()) == []


@pytest.mark.parametrize("seen", [None, [str(OTHER)]])
def test_flagging_waits_until_the_view_holds_the_account(seen: list[str] | None) -> None:
    with pytest.raises(LookupError):
        duplicate_effects(seen)


def timers(rule: str, data: dict[str, Any]) -> list[Effect]:
    (found,) = (timer for timer in reactions.TIMERS if timer.name == rule)
    return list(found.fire(Timer("key", data, NOON), Known({})))


def test_an_unproven_registration_lapses_after_a_day() -> None:
    event = recorded(registered(), STREAM)
    key, document = account()
    person = {each: {"accounts": [event.key]} for each in PEOPLE.keys(event)}
    (wait,) = [effect for effect in effects_of(event, {key: document, **person}) if isinstance(effect, Schedule)]
    assert wait.due == NOON + timedelta(hours=24)
    assert timers(wait.rule, dict(wait.data)) == [Do(ACCOUNT, str(ANNA), LapseRegistration())]
    (forgotten,) = [e for e in effects_on_account(EmailVerified(email="a@example.org")) if isinstance(e, Unschedule)]
    assert forgotten.key == wait.key


@pytest.mark.rule("R20")
def test_a_session_ends_at_its_last_end_even_if_nobody_comes_back() -> None:
    stream = f"session-{SESSION_ID}"
    (wait,) = effects_of(recorded(LoggedIn(account_id=ANNA, ends_at=NOON + timedelta(hours=12)), stream))
    assert isinstance(wait, Schedule)
    assert wait.due == NOON + timedelta(hours=12)
    assert timers(wait.rule, dict(wait.data)) == [Do(SESSION, str(SESSION_ID), EndSession(reason="expired"))]
    assert effects_of(recorded(SessionEnded(account_id=ANNA, reason="logout"), stream)) == [Unschedule(wait.key)]


def test_whoever_is_erased_gives_back_every_address_that_the_account_still_claims() -> None:
    (reaction,) = (each for each in reactions.ALL if each.name == "release")
    erased, need = recorded(ERASED, STREAM), Need(CLAIMS_OF, str(ANNA))
    assert reaction.from_the_first
    assert list(reaction.needs(erased)) == [need]
    release = [Do(CLAIM, claim, ReleaseAddress(account_id=ANNA)) for claim in ("1", "2")]
    assert list(reaction.react(erased, Known({need: {"claims": ["1", "2"]}}))) == release
    assert list(reaction.react(erased, Known({need: {"claims": []}}))) == []
    with pytest.raises(LookupError):
        list(reaction.react(erased, Known({need: None})))
