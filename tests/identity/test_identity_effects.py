"""What identity's facts lead to, once however often they are seen, and what its views bear."""

from datetime import timedelta
from functools import reduce
from typing import Any
from uuid import UUID

import pytest

from services.identity import reactions
from services.identity.domain.account import ACCOUNT, FlagPossibleDuplicate
from services.identity.domain.secrets import LAPSES_AFTER
from services.identity.events import (
    AccountClosed,
    CredentialReminderSent,
    EmailChanged,
    EmailVerified,
    PasswordChanged,
    PasswordReset,
    PersonalDataErased,
    PossibleDuplicateFlagged,
    RegistrationRepeated,
    RoleGranted,
    RoleRevoked,
)
from services.identity.projections import ACCOUNTS, DUPLICATES, PEOPLE
from shared.model.message import Event, Recorded
from shared.model.reaction import Do, Effect, Known, Need, Reaction, Schedule, Send, Unschedule
from shared.model.testing import NOON, history, recorded
from tests.identity.values import PERSON, registered, some_id

ANNA = str(some_id("anna"))
STREAM = f"account-{ANNA}"
ACCOUNT_NEED, PERSON_NEED = Need(ACCOUNTS, ANNA), Need(PEOPLE, str(PERSON))
BY_NAME = {reaction.name: reaction for reaction in reactions.ALL}
MAILS: list[tuple[str, Event]] = [
    ("welcome", EmailVerified(email="anna@example.org")),
    ("remind", CredentialReminderSent(kind="user_code")),
    ("password_changed", PasswordReset()),
    ("password_changed", PasswordChanged()),
    ("email_changed", EmailChanged(before="old@example.org")),
]


def account(*later: Event) -> Any:
    return reduce(ACCOUNTS.evolve, history(STREAM, registered(), *later), None)


def effects(name: str, event: Recorded[Any], documents: dict[Need, Any]) -> list[Effect]:
    reaction: Reaction = BY_NAME[name]
    assert type(event.data) in reaction.on
    assert set(reaction.needs(event)) == documents.keys(), "exactly what is looked at is asked for"
    return list(reaction.react(event, Known(documents)))


@pytest.mark.parametrize(("name", "fact"), MAILS)
def test_each_mail_waits_for_the_view_and_is_the_same_when_it_is_decided_again(name: str, fact: Event) -> None:
    event = recorded(fact, STREAM, 3)
    with pytest.raises(LookupError, match=ANNA):
        effects(name, event, {ACCOUNT_NEED: None})
    first, again = (effects(name, event, {ACCOUNT_NEED: account()}) for _ in range(2))
    assert first == again
    other = effects(name, recorded(fact, STREAM, 4), {ACCOUNT_NEED: account()})
    assert isinstance(first[0], Send)
    assert isinstance(other[0], Send)
    assert first[0].id != other[0].id, "another event is another mail"


@pytest.mark.parametrize(("name", "fact"), MAILS)
def test_to_a_closed_account_only_its_old_address_is_written(name: str, fact: Event) -> None:
    found = effects(name, recorded(fact, STREAM, 3), {ACCOUNT_NEED: account(AccountClosed())})
    assert [effect.to for effect in found if isinstance(effect, Send)] == (
        ["old@example.org"] if name == "email_changed" else []
    )


def test_mails_go_to_the_address_that_is_proven_now_in_the_language_of_the_account() -> None:
    moved = account(EmailVerified(email="new@example.org", first=False))
    [mail] = effects("password_changed", recorded(PasswordChanged(), STREAM, 3), {ACCOUNT_NEED: moved})
    assert isinstance(mail, Send)
    assert (mail.to, mail.language) == ("new@example.org", "fr")
    assert mail.params == {"name": "Anna Maria Müller", "user_code": "P7K4-2QXM"}


def test_a_second_proof_is_no_welcome_and_a_reminder_of_the_password_comes_from_its_door() -> None:
    second = EmailVerified(email="new@example.org", first=False)
    assert effects("welcome", recorded(second, STREAM), {ACCOUNT_NEED: account()}) == []
    password = CredentialReminderSent(kind="password")
    assert effects("remind", recorded(password, STREAM), {ACCOUNT_NEED: account()}) == []


def test_a_repeated_registration_is_told_in_the_language_of_who_typed_it_and_names_nobody() -> None:
    repeated = RegistrationRepeated(email="anna@example.org", language="en", said_at=NOON)
    [mail] = effects("registered_already", recorded(repeated, "claim-1"), {})
    assert isinstance(mail, Send)
    assert (mail.to, mail.language, mail.params) == ("anna@example.org", "en", {})


@pytest.mark.parametrize("first", [True, False])
def test_whatever_proves_the_address_keeps_the_account(first: bool) -> None:
    [wait] = effects("until_proven", recorded(registered(), STREAM), {})
    assert isinstance(wait, Schedule)
    assert (wait.due, wait.data) == (NOON + LAPSES_AFTER, {"account_id": ANNA})
    proven = recorded(EmailVerified(email="a@example.org", first=first), STREAM, 2, NOON + timedelta(days=9))
    assert effects("until_proven", proven, {}) == [Unschedule(wait.key)]


@pytest.mark.rule("R6")
@pytest.mark.parametrize(("before", "after"), [([], []), ([], ["c"]), (["a"], []), (["b", "a"], ["c"])])
def test_an_account_is_flagged_against_those_before_it_in_their_order(before: list[str], after: list[str]) -> None:
    earlier, later = ([str(some_id(name)) for name in names] for names in (before, after))
    documents: dict[Need, Any] = {PERSON_NEED: {"accounts": [*earlier, ANNA, *later]}, ACCOUNT_NEED: account()}
    flag = FlagPossibleDuplicate(others=tuple(UUID(other) for other in earlier))
    found = effects("flag_duplicates", recorded(registered(), STREAM), documents)
    assert found == ([Do(ACCOUNT, ANNA, flag)] if before else [])


@pytest.mark.rule("R6")
def test_flagging_waits_for_both_views_and_leaves_a_closed_account_alone() -> None:
    event, seen = recorded(registered(), STREAM), {"accounts": [str(some_id("a")), ANNA]}
    for person, holder in ((None, account()), ({"accounts": ["x"]}, account()), (seen, None)):
        with pytest.raises(LookupError):
            effects("flag_duplicates", event, {PERSON_NEED: person, ACCOUNT_NEED: holder})
    closed = account(AccountClosed())
    for forgotten in (None, {"accounts": ["x"]}, seen):
        assert effects("flag_duplicates", event, {PERSON_NEED: forgotten, ACCOUNT_NEED: closed}) == []


def people(*events: Recorded[Any]) -> Any:
    assert {PEOPLE.keys(event) for event in events} == {(str(PERSON),)}
    return reduce(PEOPLE.evolve, events, None)


@pytest.mark.rule("R6")
def test_namesakes_stand_in_the_order_of_their_registration_and_leave_one_by_one() -> None:
    streams = [f"account-{name}" for name in ("c", "a", "b")]
    came = [
        recorded(registered(title=title), stream) for title, stream in zip(("ms", "mr", "mx"), streams, strict=True)
    ]
    erased = [recorded(PersonalDataErased(person=PERSON), stream) for stream in streams]
    assert people(*came) == people(*came, came[0], came[2]) == {"accounts": ["c", "a", "b"]}
    assert people(*came, erased[1]) == people(*came, erased[1], erased[1]) == {"accounts": ["c", "b"]}
    assert people(*came, *erased) is None
    assert people(erased[0]) is None
    assert people(erased[0], *came[1:]) == {"accounts": ["a", "b"]}


@pytest.mark.rule("R6")
def test_what_may_be_one_person_grows_by_each_flag_and_goes_with_the_account() -> None:
    ids = sorted(map(some_id, "abc"))
    flags = [PossibleDuplicateFlagged(others=tuple(others)) for others in ([ids[2]], [ids[0], ids[2]], [ids[1]])]
    document: Any = reduce(DUPLICATES.evolve, history(STREAM, *flags), None)
    assert document["others"] == [str(each) for each in ids]
    assert document["flagged_at"] == NOON + timedelta(minutes=2)
    assert DUPLICATES.evolve(document, recorded(PersonalDataErased(person=PERSON), STREAM)) is None


@pytest.mark.parametrize(
    "fact",
    [EmailVerified(email="a@example.org"), RoleGranted(role="hr"), RoleRevoked(role="hr"), AccountClosed()],
)
def test_news_of_an_account_that_the_view_has_not_seen_leaves_nothing(fact: Event) -> None:
    assert ACCOUNTS.evolve(None, recorded(fact, STREAM)) is None


def test_roles_in_the_view_are_sorted_once_each_and_a_missing_one_cannot_be_lost() -> None:
    facts = [RoleGranted(role="support"), RoleGranted(role="hr"), RoleGranted(role="hr"), RoleRevoked(role="x")]
    assert account(*facts)["roles"] == ["candidate", "hr", "support"]
    assert account(*facts, RoleRevoked(role="support"), RoleRevoked(role="support"))["roles"] == ["candidate", "hr"]


def test_a_proof_changes_the_address_and_the_state_and_nothing_else() -> None:
    proven = account(EmailVerified(email="b@example.org"))
    assert proven == {**account(), "email": "b@example.org", "state": "live"}
