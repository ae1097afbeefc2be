"""The calendar file of a deadline, read back as RFC 5545 says."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vacancies.events import DeadlineExtended, VacancyCancelled, VacancyEvent
from services.vacancies.pages.calendars import calendar
from shared.model.testing import NOON
from shared.web.environment import OURS, SERVICES
from shared.web.language import Catalogues
from tests.vacancies.values import LATER, published, shown

TEXTS = Catalogues([SERVICES / "vacancies/templates", OURS])
ADDRESS = "https://careers.test/vacancies/5e1c"


def written(*events: VacancyEvent, language: str = "fr") -> str:
    return calendar(shown(*events), NOON, ADDRESS, TEXTS[language])


def lines(text: str) -> list[str]:
    """Unfolded; every line ends properly and is short enough."""
    assert text.endswith("\r\n")
    raw = text.removesuffix("\r\n").split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line and "\r" not in line for line in raw)
    return text.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def properties(text: str) -> Mapping[str, str]:
    """Those of the event; the alarm's summary is left out."""
    event = lines(text)[lines(text).index("BEGIN:VEVENT") + 1 :]
    names: dict[str, Any] = {}
    for line in event:
        name, _, value = line.partition(":")
        names.setdefault(name, value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\"))
    return names


@pytest.mark.rule("R45")
def test_the_deadline_is_an_event_at_its_instant_with_a_reminder_well_before() -> None:
    text = written(published())
    event = properties(text)
    assert (event["UID"], event["DTSTART"], event["DTSTAMP"]) == (
        "5e1c@vacancies.postulo", "20261216T045959Z", "20261123T120000Z",
    )  # fmt: skip
    assert event["SUMMARY"] == "Échéance\N{NO-BREAK SPACE}: Economic Affairs Officer (Trade Policy) (26-ECO-DESA-1 (X))"
    assert event["DESCRIPTION"] == (
        "Échéance\N{NO-BREAK SPACE}: 15 décembre 2026 à 23:59, heure de New York (EST)\n"
        f"Il est conseillé de postuler bien avant l’échéance.\n{ADDRESS}"
    )
    assert (event["URL"], event["LOCATION"], event["TRIGGER"]) == (ADDRESS, "Genève", "-P3D")
    assert [line for line in lines(text) if line.startswith(("BEGIN:", "END:"))] == [
        "BEGIN:VCALENDAR", "BEGIN:VEVENT", "BEGIN:VALARM", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip


def test_an_extended_deadline_moves_the_same_event() -> None:
    assert isinstance(LATER, DeadlineExtended)
    event = properties(written(published(), LATER))
    assert (event["UID"], event["DTSTART"]) == ("5e1c@vacancies.postulo", "20270106T045959Z")


def test_a_cancelled_vacancy_cancels_the_event() -> None:
    text = written(published(), VacancyCancelled(reason="No funds."))
    assert properties(text)["STATUS"] == "CANCELLED"
    assert "VALARM" not in text


@given(st.text(min_size=1).map(lambda text: f"X{text}"))
def test_no_title_breaks_the_file(title: str) -> None:
    vacancy = {**shown(published()), "title": title}
    text = calendar(vacancy, NOON, ADDRESS, TEXTS["en"])  # type: ignore[arg-type]
    names = [line.partition(":")[0] for line in lines(text)]
    assert names == [line.partition(":")[0] for line in lines(written(published()))]
