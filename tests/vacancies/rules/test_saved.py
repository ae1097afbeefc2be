"""Which job openings the reader of a page has saved."""

from functools import reduce
from uuid import UUID

from services.alerts.events import OpeningLeft, OpeningSaved
from services.identity.events import AccountClosed
from services.vacancies.projections import SAVED
from shared.model.testing import history, recorded

ANNA, VACANCY, OTHER = UUID(int=1), UUID(int=200), UUID(int=201)
STARRED = OpeningSaved(candidate_id=ANNA, vacancy_id=VACANCY, vacancy_version=1)
STREAM = f"opening-{ANNA}"


def test_what_was_saved_and_not_left_is_known_under_the_candidate() -> None:
    other = STARRED.model_copy(update={"vacancy_id": OTHER})
    events = history(STREAM, STARRED, other, STARRED, OpeningLeft(candidate_id=ANNA, vacancy_id=OTHER))
    assert {tuple(SAVED.keys(event)) for event in events} == {(str(ANNA),)}
    assert reduce(SAVED.evolve, events, None) == {"vacancies": [str(VACANCY)], "closed": False}


def test_nothing_is_left_of_a_closed_account_whichever_is_heard_of_first() -> None:
    closed, saved = recorded(AccountClosed(), f"account-{ANNA}"), recorded(STARRED, STREAM)
    assert tuple(SAVED.keys(closed)) == tuple(SAVED.keys(saved))
    for events in ([closed, saved], [saved, closed]):
        assert reduce(SAVED.evolve, events, None) == {"vacancies": [], "closed": True}
