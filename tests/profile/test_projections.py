"""The profile's view: each section as it was saved last, with its version and time."""

from functools import reduce
from uuid import UUID

from services.profile import events as facts
from services.profile.projections import PROFILE
from shared.model.testing import NOON, history

ANNA = UUID("018f0000-0000-7000-8000-000000000001")


def test_each_section_shows_its_last_save_and_counts_them() -> None:
    events = history(
        f"profile-{ANNA}",
        facts.ProfileOpened(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org"),
        facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Díaz"}),
        facts.ContactDetailsSaved(candidate_id=ANNA, values={"family_name": "Łukasik"}),
        facts.ProfileCompletenessChanged(candidate_id=ANNA, percent=4),
        facts.FamilySituationSaved(candidate_id=ANNA, values={"marital_status": "single"}),
        facts.RegistrationEmailChanged(candidate_id=ANNA, email="new@example.org"),
    )
    assert [PROFILE.keys(event) for event in events] == [(str(ANNA),)] * 6
    document = reduce(PROFILE.evolve, events, None)
    assert document is not None
    assert (document["user_code"], document["email"]) == ("ADIAZ", "new@example.org")
    assert set(document["sections"]) == {"contact", "family"}
    contact = document["sections"]["contact"]
    assert (contact["values"], contact["version"]) == ({"family_name": "Łukasik"}, 2)
    assert contact["saved_at"] == events[2].at > NOON


def test_nothing_is_left_of_a_closed_profile() -> None:
    events = history(
        f"profile-{ANNA}",
        facts.ProfileOpened(candidate_id=ANNA, user_code="ADIAZ", email="anna@example.org"),
        facts.ProfileClosed(candidate_id=ANNA),
    )
    assert reduce(PROFILE.evolve, events, None) is None
