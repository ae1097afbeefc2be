"""The rules of one saved search."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from services.alerts.domain import (
    SEARCH,
    VALID,
    DeleteSearch,
    DisableAlert,
    EnableAlert,
    ExpireSearch,
    RecordMatch,
    RenameSearch,
    RenewSearch,
    SendDigest,
    Unsubscribe,
    WarnOfExpiry,
)
from services.alerts.events import (
    AlertDigestSent,
    AlertDisabled,
    AlertEnabled,
    SearchDeleted,
    SearchExpired,
    SearchExpiringSoon,
    SearchRenamed,
    SearchRenewed,
    SearchSaved,
    UnsubscribeLinkMade,
    VacancyMatched,
)
from shared.model.errors import Conflict, Invalid, NotFound
from shared.model.testing import NOON, given
from tests.alerts.values import (
    ADDRESS,
    ANNA,
    BORIS,
    DAILY,
    FRESH,
    LINK,
    MOVED,
    OTHER_VACANCY,
    PLAIN,
    VACANCY_ID,
    fits,
    save,
    saved,
)


@pytest.mark.rule("R46")
@pytest.mark.rule("R49")
def test_a_named_search_is_saved_for_365_days() -> None:
    given(SEARCH).when(save(name=" Économistes ", email=f" {ADDRESS} ")).then(saved(), LINK)


@pytest.mark.rule("R46")
@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_search_needs_a_short_name(name: str) -> None:
    given(SEARCH).when(save(name=name)).refused(Invalid, "name")


@pytest.mark.rule("R47")
def test_an_unticked_search_is_a_plain_saved_search_without_address() -> None:
    given(SEARCH).when(save(alert=False)).then(PLAIN, LINK)


@pytest.mark.rule("R47")
def test_a_plain_saved_search_is_matched_without_being_announced() -> None:
    given(SEARCH, PLAIN).when(fits()).then(VacancyMatched(candidate_id=ANNA, vacancy_id=VACANCY_ID))


@pytest.mark.rule("R48")
@pytest.mark.parametrize("email", ["", "anna", "anna@", "@example.org", "anna@example.org, boris@example.org"])
def test_an_alert_needs_a_valid_address(email: str) -> None:
    given(SEARCH).when(save(email=email)).refused(Invalid, "email")
    on = EnableAlert(candidate_id=ANNA, email=email, rhythm="daily", token=FRESH)
    given(SEARCH, PLAIN).when(on).refused(Invalid, "email")


@pytest.mark.rule("R48")
def test_the_address_of_an_alert_can_change() -> None:
    change = EnableAlert(candidate_id=ANNA, email="work@example.org", rhythm="weekly", token=FRESH, proven=True)
    changed = AlertEnabled(candidate_id=ANNA, email="work@example.org", rhythm="weekly")
    given(SEARCH, saved()).when(change).then(changed, MOVED)
    given(SEARCH, saved(), changed, MOVED).when(change).then()


@pytest.mark.rule("R48")
def test_the_link_to_unsubscribe_belongs_to_the_address_that_it_was_mailed_to() -> None:
    """Else whoever read one mail could say no for the address to which the alert goes now."""
    change = EnableAlert(candidate_id=ANNA, email="work@example.org", rhythm="daily", token=FRESH)
    waiting, moved = given(SEARCH, saved(), LINK).when(change).happened(AlertEnabled, UnsubscribeLinkMade)
    past = given(SEARCH, saved(), LINK, waiting, moved)
    past.when(Unsubscribe(token=LINK.token)).refused(NotFound)
    past.when(Unsubscribe(token=FRESH)).then(AlertDisabled(candidate_id=ANNA, reason="unsubscribed"))
    given(SEARCH, saved(), LINK).when(change.model_copy(update={"email": ADDRESS, "rhythm": "weekly"})).happened(
        AlertEnabled
    )


def test_saving_the_same_search_again_changes_nothing() -> None:
    given(SEARCH, saved(), LINK).when(save()).then()
    given(SEARCH, saved(), LINK).when(save(candidate_id=BORIS)).refused(Conflict)


def test_an_alert_is_switched_off_once() -> None:
    off = AlertDisabled(candidate_id=ANNA)
    given(SEARCH, saved()).when(DisableAlert(candidate_id=ANNA)).then(off)
    given(SEARCH, saved(), off).when(DisableAlert(candidate_id=ANNA)).then()


def test_the_unsubscribe_link_switches_the_alert_off_and_needs_nobody_to_be_logged_in() -> None:
    off = AlertDisabled(candidate_id=ANNA, reason="unsubscribed")
    given(SEARCH, saved(), LINK).when(Unsubscribe(token="secret")).then(off)
    given(SEARCH, saved(), LINK, off).when(Unsubscribe(token="secret")).then()


@pytest.mark.parametrize("token", ["", "guess", "secret ", "sécret"])
def test_a_wrong_unsubscribe_link_is_refused(token: str) -> None:
    given(SEARCH, saved(), LINK).when(Unsubscribe(token=token)).refused(NotFound)
    given(SEARCH).when(Unsubscribe(token=token)).refused(NotFound)


def test_a_search_is_renamed() -> None:
    renamed = SearchRenamed(candidate_id=ANNA, name="Genève")
    given(SEARCH, saved()).when(RenameSearch(candidate_id=ANNA, name=" Genève ")).then(renamed)
    given(SEARCH, saved(), renamed).when(RenameSearch(candidate_id=ANNA, name="Genève")).then()
    given(SEARCH, saved()).when(RenameSearch(candidate_id=ANNA, name="")).refused(Invalid, "name")


@pytest.mark.rule("R49")
def test_a_reminder_comes_fourteen_days_ahead_once() -> None:
    early, time = NOON + timedelta(days=350), NOON + timedelta(days=351)
    soon = SearchExpiringSoon(candidate_id=ANNA, expires_at=NOON + VALID)
    given(SEARCH, saved()).when(WarnOfExpiry(at=early)).then()
    given(SEARCH, saved()).when(WarnOfExpiry(at=time)).then(soon)
    given(SEARCH, saved(), soon).when(WarnOfExpiry(at=time)).then()
    given(SEARCH, saved()).when(WarnOfExpiry(at=NOON + VALID)).then()


@pytest.mark.rule("R49")
def test_a_search_expires_after_365_days_once() -> None:
    expired = SearchExpired(candidate_id=ANNA)
    given(SEARCH, saved()).when(ExpireSearch(at=NOON + VALID - timedelta(seconds=1))).then()
    given(SEARCH, saved()).when(ExpireSearch(at=NOON + VALID)).then(expired)
    given(SEARCH, saved(), expired).when(ExpireSearch(at=NOON + VALID)).then()


@pytest.mark.rule("R49")
def test_an_expired_search_stops_even_before_its_timer_has_fired() -> None:
    over = NOON + VALID
    given(SEARCH, saved()).when(fits(at=over)).then()
    given(SEARCH, saved(), DAILY).when(SendDigest(at=over)).then()
    given(SEARCH, saved()).when(
        EnableAlert(candidate_id=ANNA, email=ADDRESS, rhythm="daily", token=FRESH, at=over)
    ).refused(Conflict)  # fmt: skip


@pytest.mark.rule("R49")
def test_renewing_gives_another_365_days_before_and_after_the_end() -> None:
    month, later = NOON + timedelta(days=30), NOON + VALID + timedelta(days=3)
    renewed = SearchRenewed(candidate_id=ANNA, expires_at=later + VALID)
    given(SEARCH, saved()).when(RenewSearch(candidate_id=ANNA, at=month)).then(
        SearchRenewed(candidate_id=ANNA, expires_at=month + VALID)
    )
    past = (saved(), SearchExpired(candidate_id=ANNA))
    given(SEARCH, *past).when(RenewSearch(candidate_id=ANNA, at=later)).then(renewed)
    given(SEARCH, *past, renewed).when(fits(at=later)).then(DAILY)
    given(SEARCH, *past, renewed).when(RenewSearch(candidate_id=ANNA, at=later + timedelta(hours=1))).then()


@pytest.mark.rule("R49")
def test_after_renewal_the_reminder_comes_again() -> None:
    end = NOON + 2 * VALID
    past = (saved(), SearchExpiringSoon(candidate_id=ANNA, expires_at=NOON + VALID),
            SearchRenewed(candidate_id=ANNA, expires_at=end))  # fmt: skip
    given(SEARCH, *past).when(WarnOfExpiry(at=end - timedelta(days=14))).then(
        SearchExpiringSoon(candidate_id=ANNA, expires_at=end)
    )


def test_a_vacancy_is_recorded_at_most_once_a_search() -> None:
    given(SEARCH, saved()).when(fits()).then(DAILY)
    given(SEARCH, saved(), DAILY).when(fits()).then()
    sent = AlertDigestSent(candidate_id=ANNA, vacancy_ids=(VACANCY_ID,), email=ADDRESS)
    given(SEARCH, saved(), DAILY, sent).when(fits()).then()


def test_a_vacancy_that_has_closed_meanwhile_is_not_recorded() -> None:
    """The news of it may have waited for us: not the news, the database's clock decides."""
    for late in (timedelta(0), timedelta(days=3)):
        given(SEARCH, saved()).when(RecordMatch(vacancy_id=VACANCY_ID, closes_at=NOON, at=NOON + late)).then()


def test_a_digest_gathers_what_was_matched_since_the_last_one() -> None:
    other = DAILY.model_copy(update={"vacancy_id": OTHER_VACANCY})
    both = AlertDigestSent(candidate_id=ANNA, vacancy_ids=(VACANCY_ID, OTHER_VACANCY), email=ADDRESS)
    given(SEARCH, saved(), DAILY, other).when(SendDigest()).then(both)
    given(SEARCH, saved(), DAILY, other, both).when(SendDigest()).then()
    given(SEARCH, saved()).when(SendDigest()).then()


def test_what_was_announced_at_once_is_not_in_a_digest() -> None:
    at_once = DAILY.model_copy(update={"rhythm": "at_once"})
    given(SEARCH, saved(rhythm="at_once"), at_once).when(SendDigest()).then()


def test_switching_an_alert_off_forgets_what_waited_for_the_digest() -> None:
    back = AlertEnabled(candidate_id=ANNA, email=ADDRESS, rhythm="daily")
    given(SEARCH, saved(), DAILY, AlertDisabled(candidate_id=ANNA), back).when(SendDigest()).then()


def test_a_deleted_search_is_gone() -> None:
    deleted = SearchDeleted(candidate_id=ANNA)
    given(SEARCH, saved()).when(DeleteSearch(candidate_id=ANNA)).then(deleted)
    gone = given(SEARCH, saved(), LINK, deleted)
    gone.when(DeleteSearch(candidate_id=ANNA)).then()
    gone.when(fits()).then()
    gone.when(ExpireSearch(at=NOON + VALID)).then()
    gone.when(Unsubscribe(token="secret")).then()
    gone.when(RenewSearch(candidate_id=ANNA)).refused(NotFound)
    gone.when(save()).then()


@pytest.mark.parametrize("command", [
    EnableAlert(candidate_id=BORIS, email=ADDRESS, rhythm="daily", token=FRESH), DisableAlert(candidate_id=BORIS),
    RenameSearch(candidate_id=BORIS, name="mine"), RenewSearch(candidate_id=BORIS), DeleteSearch(candidate_id=BORIS),
])  # fmt: skip
def test_nobody_touches_the_search_of_somebody_else(command: Any) -> None:
    given(SEARCH, saved()).when(command).refused(NotFound)
    given(SEARCH).when(command).refused(NotFound)


@forall(st.lists(st.sampled_from([UUID(int=n) for n in range(1, 6)]) | st.none(), max_size=30))
def test_every_vacancy_is_in_exactly_one_digest(arrivals: list[UUID | None]) -> None:
    """None stands for a digest that falls due."""
    past: list[Any] = [saved(), LINK]
    digests: list[UUID] = []
    for vacancy_id in [*arrivals, None]:
        command = fits(vacancy_id) if vacancy_id else SendDigest()
        events = given(SEARCH, *past).when(command).events or ()
        digests += [each for event in events if isinstance(event, AlertDigestSent) for each in event.vacancy_ids]
        past += events
    assert sorted(digests) == sorted({each for each in arrivals if each})
    assert isinstance(past[0], SearchSaved)
