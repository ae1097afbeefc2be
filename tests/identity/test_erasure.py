"""Erasing whoever held an account: what the rules say, and what is left behind the doors."""

from functools import partial
from uuid import UUID

import pytest

from services.identity.domain.account import ACCOUNT, CloseAccount, EraseAccount, LapseRegistration
from services.identity.domain.claim import CLAIM
from services.identity.domain.registration import address_id
from services.identity.events import AccountClosed, EmailVerified, PersonalDataErased, account_of
from services.identity.projections import ACCOUNTS, CLAIMS_OF, DUPLICATES, PEOPLE
from services.identity.reactions import ALL
from shared.kafka.rebuild import rebuild_own
from shared.model.emptied import emptied_fields
from shared.model.message import Event, personal_fields
from shared.model.reaction import Do, Erase, Known
from shared.model.testing import NOON, given, recorded
from shared.runtime.kernel import Kernel
from tests.identity.people import code_in, registration, verify
from tests.identity.people import registered as register
from tests.identity.values import ERASED, PROVEN, registered
from tests.platform import PASSWORD, Kit, until

ERASED_NOW = """select exists (select from erased_subjects where subject = $1)
    and not exists (select from subject_keys where subject = $1)"""
GONE = PersonalDataErased(goes=ERASED.goes)


def without(event: Event) -> Event:
    """The event as it is decoded once its key is gone."""
    plain = event.model_dump(exclude=set(personal_fields(type(event))))
    return type(event).model_validate({**plain, **emptied_fields(type(event))})


PAST = (without(registered()), without(PROVEN))


def test_closing_and_lapsing_say_that_the_holder_is_erased() -> None:
    given(ACCOUNT, registered(), PROVEN).when(CloseAccount()).then(AccountClosed(), ERASED)
    given(ACCOUNT, registered()).when(LapseRegistration()).then(AccountClosed(reason="unverified"), ERASED)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        ((), ()),
        (PAST[:1], (AccountClosed(reason="unverified"), GONE)),
        (PAST, (AccountClosed(), GONE)),
        ((*PAST, AccountClosed()), (GONE,)),
        ((*PAST, AccountClosed(), GONE), ()),
    ],
)
def test_a_store_from_before_an_erasure_says_so_whatever_it_knows_of_the_account(
    past: tuple[Event, ...], said: tuple[Event, ...]
) -> None:
    given(ACCOUNT, *past).when(EraseAccount()).then(*said)


def test_the_key_goes_once_the_account_says_so_and_one_closed_before_there_were_keys_says_so_first() -> None:
    (reaction,) = (each for each in ALL if each.name == "erase")
    assert reaction.from_the_first
    assert [*reaction.react(recorded(ERASED, "account-1"), Known({}))] == [Erase("account-1")]
    assert [*reaction.react(recorded(AccountClosed(), "account-1"), Known({}))] == [Do(ACCOUNT, "1", EraseAccount())]


def test_nobody_who_is_erased_is_anybody_s_namesake() -> None:
    erased = [recorded(event, "account-1") for event in (without(registered()), without(ERASED))]
    assert [PEOPLE.keys(event) for event in erased] == [(), ()]
    (flagging,) = (each for each in ALL if each.name == "flag_duplicates")
    assert not [*flagging.needs(erased[0]), *flagging.react(erased[0], Known({}))]


async def closed(platform: Kit, **names: str) -> tuple[str, str]:
    """The subject and the address of somebody who has closed the account, once they are erased."""
    anna = await platform.candidate(**names)
    closing = {"current_password": PASSWORD}
    assert (await anna.api("POST", "/identity/api/account/closure", json=closing)).status_code == 204
    await erased(platform, account_of(anna.account_id))
    return account_of(anna.account_id), anna.email


async def erased(platform: Kit, subject: str, *services: str) -> None:
    for name in services or platform.host.processes:
        pool = platform.service(name).kernel.pool
        await until(partial(pool.fetchval, ERASED_NOW, subject), f"{subject} to be erased in {name}")


async def test_who_closes_the_account_is_erased_in_every_service_and_told_before(platform: Kit) -> None:
    subject, email = await closed(platform)
    await platform.mail(email, "identity/mail/account_closed")
    waiting = await platform.service("identity").kernel.pool.fetch("select * from mails where whose = $1", subject)
    assert waiting
    assert {(row["recipient"], row["subject"], row["body_text"]) for row in waiting} == {("", "", "")}


async def test_views_can_be_folded_anew_afterwards_and_name_nobody(platform: Kit) -> None:
    subject, email = await closed(platform, given_names="Philippine", family_name="Quirrenbach")
    running = platform.service("identity")
    for view in (ACCOUNTS, PEOPLE, DUPLICATES, CLAIMS_OF):
        await rebuild_own(running.subscription, view, lambda _: None)
    account = await running.kernel.views.get(ACCOUNTS, subject.partition("-")[2])
    assert account
    assert (account["state"], account["email"], account["name"]) == ("closed", "", "")
    documents = await running.kernel.pool.fetch("select document::text from documents")
    assert not [row for row in documents if "Quirrenbach" in row[0] or email in row[0]]
    events = await running.kernel.pool.fetch("select data::text from events")
    assert not [row for row in events if "Quirrenbach" in row[0] or email in row[0]]


async def test_a_hold_keeps_the_key_and_its_end_lets_it_go(platform: Kit) -> None:
    anna = await platform.candidate()
    subject, pool = account_of(anna.account_id), platform.service("identity").kernel.pool
    await pool.execute("insert into holds (subject, reason) values ($1, 'a lawsuit')", subject)
    closing = {"current_password": PASSWORD}
    assert (await anna.api("POST", "/identity/api/account/closure", json=closing)).status_code == 204
    await until(lambda: pool.fetchval("select true from erasures where subject = $1", subject), "the wish to erase")
    await platform.settled()
    assert await pool.fetchval("select true from subject_keys where subject = $1", subject)
    await pool.execute("delete from holds where subject = $1", subject)
    await erased(platform, subject)


async def test_a_registration_that_lapses_leaves_nothing_of_whoever_began_it(platform: Kit) -> None:
    account, _ = await register(platform.visitor())
    subject, kernel = account_of(account), platform.service("identity").kernel
    lapse = "update timers set due = now() where key = $1 returning true"
    await until(partial(kernel.pool.fetchval, lapse, f"lapse/{account}"), "the timer of the registration")
    kernel.store.appended.fire()
    await erased(platform, subject, "identity")
    for table in ("passwords", "codes"):
        left = f"select 1 from {table} where account_id::text = $1"  # noqa: S608 - one of our tables
        assert not await kernel.pool.fetchval(left, str(account)), table
    (first, *_) = (await kernel.store.load(f"account-{account}")).streams[f"account-{account}"]
    assert first.erased


async def test_a_restored_store_says_what_it_learns_forgets_the_password_and_gives_the_address_back(
    platform: Kit,
) -> None:
    """The key is gone before the account was closed here: so it is in a database from an older backup."""
    anna = await platform.candidate()
    kernel, subject = platform.service("identity").kernel, account_of(anna.account_id)
    await kernel.erase({subject: NOON}, told=False)
    state = await kernel.state(ACCOUNT, anna.account_id)
    assert (state.status, state.erased, state.email) == ("closed", True, "")
    assert not await kernel.pool.fetchval("select 1 from passwords where account_id = $1", anna.account_id)
    assert without(EmailVerified(email="anna@example.org")) == EmailVerified(email="")
    claim = address_id(anna.email)
    await until(lambda: nobody_has(kernel, claim), "the address to be given back")
    again, visitor = registration(email=anna.email), platform.visitor()
    account = (await visitor.api("POST", "/identity/api/registrations", json=again)).json()["account_id"]
    proven = await verify(visitor, account, code_in(await platform.mail(anna.email, "identity/mail/verify", 2)))
    assert proven.status_code == 200, proven.text
    assert (await kernel.state(CLAIM, claim)).holder == UUID(account)


async def nobody_has(kernel: Kernel, claim: object) -> bool:
    return (await kernel.state(CLAIM, claim)).holder is None


async def test_the_claims_of_an_account_are_known_also_where_their_view_is_new(platform: Kit) -> None:
    anna = await platform.candidate()
    running = platform.service("identity")
    await platform.settled()
    await rebuild_own(running.subscription, CLAIMS_OF, lambda _: None)
    document = await running.kernel.views.get(CLAIMS_OF, anna.account_id)
    assert document == {"claims": [str(address_id(anna.email))]}
    subject, _ = await closed(platform)
    await platform.settled()
    assert await running.kernel.views.get(CLAIMS_OF, subject.partition("-")[2]) == {"claims": []}
