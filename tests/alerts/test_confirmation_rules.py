"""An alert to an address that is not proven: it waits for a yes, and nothing goes there before (R48)."""

from datetime import datetime, timedelta

import pytest

from services.alerts.domain import (
    RECIPIENT,
    SEARCH,
    ConfirmAddress,
    ConfirmAlert,
    EnableAlert,
    RefuseMail,
    SendDigest,
    Unsubscribe,
)
from services.alerts.events import (
    AddressConfirmed,
    AlertAddressConfirmed,
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    MailRefused,
    SearchDeleted,
    VacancyMatched,
)
from services.alerts.projections import SEARCHES, awaits
from services.alerts.reactions.searches import KEEP_TIME
from shared.model.reaction import Known, Schedule
from shared.model.testing import NOON, given, recorded
from tests.alerts.test_projections import document
from tests.alerts.values import (
    ADDRESS,
    ANNA,
    BORIS,
    DAILY,
    FRESH,
    LINK,
    MOVED,
    PLAIN,
    STREAM,
    VACANCY_ID,
    fits,
    save,
    saved,
)

OTHER = "office@example.org"
WAITING = saved(email=OTHER, awaits=True)
YES = AlertAddressConfirmed(candidate_id=ANNA, rhythm="daily")


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    ("alert", "proven", "waits"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_only_an_alert_to_an_unproven_address_waits(alert: bool, proven: bool, waits: bool) -> None:
    [search, _] = given(SEARCH).when(save(email=OTHER, alert=alert, proven=proven)).accepted()
    assert search.awaits is waits


@pytest.mark.rule("R48")
def test_while_it_waits_a_match_is_announced_to_nobody_and_afterwards_to_the_address() -> None:
    given(SEARCH, WAITING).when(fits()).then(VacancyMatched(candidate_id=ANNA, vacancy_id=VACANCY_ID))
    given(SEARCH, WAITING, YES).when(fits()).then(DAILY.model_copy(update={"email": OTHER}))


@pytest.mark.rule("R48")
def test_what_had_gathered_for_a_digest_waits_with_it() -> None:
    moved = AlertEnabled(candidate_id=ANNA, email=OTHER, rhythm="daily", awaits=True)
    past = (saved(), DAILY, moved)
    given(SEARCH, *past).when(SendDigest()).then()
    sent = AlertDigestSent(candidate_id=ANNA, vacancy_ids=(VACANCY_ID,), email=OTHER)
    given(SEARCH, *past, YES).when(SendDigest()).then(sent)


@pytest.mark.rule("R48")
def test_a_yes_counts_for_the_address_that_was_asked_however_it_is_spelt() -> None:
    given(SEARCH, WAITING).when(ConfirmAlert(email=f" {OTHER.upper()}")).then(YES)
    given(SEARCH, WAITING).when(ConfirmAlert(email=ADDRESS)).then()
    given(SEARCH, WAITING, YES).when(ConfirmAlert(email=OTHER)).then()
    for end in (AlertDisabled(candidate_id=ANNA), SearchDeleted(candidate_id=ANNA)):
        given(SEARCH, WAITING, end).when(ConfirmAlert(email=OTHER)).then()


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    ("past", "email", "proven", "waits"),
    [
        ((PLAIN,), OTHER, False, True),
        ((PLAIN,), OTHER, True, False),
        ((saved(),), OTHER, False, True),
        ((saved(),), ADDRESS.upper(), False, False),  # it goes there already
        ((WAITING,), ADDRESS, True, False),
        ((WAITING,), OTHER, True, False),  # said yes to another alert meanwhile
        ((WAITING,), OTHER, False, True),
        ((WAITING, YES), OTHER, False, False),
        ((WAITING, YES, AlertDisabled(candidate_id=ANNA)), OTHER, False, True),
    ],
)
def test_switching_on_asks_unless_it_goes_there_already(
    past: tuple[AlertEnabled, ...], email: str, proven: bool, waits: bool
) -> None:
    command = EnableAlert(candidate_id=ANNA, email=email, rhythm="weekly", token=FRESH, proven=proven)
    enabled, *moved = given(SEARCH, *past).when(command).accepted()
    assert (enabled.email, enabled.awaits) == (email, waits)
    assert moved in ([], [MOVED])
    given(SEARCH, *past, enabled, *moved).when(command).then()


@pytest.mark.rule("R48")
def test_an_alert_of_the_version_before_goes_on() -> None:
    """Its events and its document know nothing of waiting."""
    data = saved(email=OTHER).model_dump(exclude={"awaits"})
    old = type(WAITING).model_validate(data)
    given(SEARCH, old).when(fits()).then(DAILY.model_copy(update={"email": OTHER}))
    shown = document(SEARCHES, STREAM, old, LINK)
    del shown["awaits"]
    assert not awaits(shown)


@pytest.mark.parametrize(("rhythm", "hours"), [("daily", 18), ("weekly", 6 * 24 + 18), ("at_once", None)])
def test_a_yes_sets_the_time_of_the_next_digest(rhythm: str, hours: int | None) -> None:
    yes = AlertAddressConfirmed.model_validate({"candidate_id": ANNA, "rhythm": rhythm})
    timers = [effect for effect in KEEP_TIME.react(recorded(yes, STREAM), Known({})) if isinstance(effect, Schedule)]
    due: list[datetime] = [] if hours is None else [NOON + timedelta(hours=hours)]
    assert [timer.due for timer in timers] == due


@pytest.mark.rule("R48")
def test_whoever_reads_the_mail_says_yes_to_one_candidate_and_no_to_everybody() -> None:
    yes, no = AddressConfirmed(candidate_id=ANNA), MailRefused()
    given(RECIPIENT).when(ConfirmAddress(candidate_id=ANNA)).then(yes)
    given(RECIPIENT, yes).when(ConfirmAddress(candidate_id=ANNA)).then()
    given(RECIPIENT, yes).when(ConfirmAddress(candidate_id=BORIS)).then(AddressConfirmed(candidate_id=BORIS))
    given(RECIPIENT, yes).when(RefuseMail()).then(no)
    given(RECIPIENT, yes, no).when(RefuseMail()).then()
    refused, back = RECIPIENT.fold([yes, no]), RECIPIENT.fold([yes, no, AddressConfirmed(candidate_id=BORIS)])
    assert (refused.refused, refused.confirmed) == (True, frozenset())
    assert (back.refused, back.confirmed) == (False, frozenset({BORIS})), "whoever has the link may think again"


def test_an_unsubscribed_alert_waits_for_nothing() -> None:
    given(SEARCH, WAITING, LINK).when(Unsubscribe(token="secret")).then(
        AlertDisabled(candidate_id=ANNA, reason="unsubscribed")
    )
    state = SEARCH.fold([WAITING, LINK, AlertDisabled(candidate_id=ANNA, reason="unsubscribed")])
    assert (state.alert, state.awaits, state.mailing) == (False, False, False)
