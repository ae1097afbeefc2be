"""What a notice must say to be announced, and what is announced: each bound from both of its sides."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.vacancies.domain import VACANCY
from services.vacancies.domain.days import closing
from services.vacancies.events import Choice, DutyStation, Question, VacancyCancelled, VacancyClosed, VacancyPublished
from shared.model.errors import Conflict, Invalid, Refused
from shared.model.testing import NOON, given
from shared.vocabulary.reference import DUTY_STATIONS
from tests.vacancies.values import DEGREE, TODAY, YES_NO, amend, galaxy, publish, published

CODES = list(DUTY_STATIONS.labels("en"))
LATE_EVENING = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
"""23:00 on 23 November in New York, when it is the 24th in Geneva."""


def stations(count: int) -> tuple[DutyStation, ...]:
    return tuple(DutyStation(code=code) for code in CODES[:count])


def asking(question: Question, **changes: Any) -> dict[str, Any]:
    return {"questions": (question.model_copy(update=changes),)}


def options(count: int) -> tuple[Choice, ...]:
    return tuple(Choice(value=f"option-{number}", text={"en": "One"}) for number in range(count))


BOUNDS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"job_opening_number": "x" * 100}, {"job_opening_number": "x" * 101}, "job_opening_number"),
    ({"title": "x" * 300}, {"title": "x" * 301}, "title"),
    ({"job_title": "x" * 300}, {"job_title": "x" * 301}, "job_title"),
    ({"recruitment_type": "x" * 300}, {"recruitment_type": "x" * 301}, "recruitment_type"),
    ({"description": "x" * 100_000}, {"description": "x" * 100_001}, "description"),
    ({"duty_stations": stations(1)}, {"duty_stations": stations(0)}, "duty_stations"),
    ({"duty_stations": stations(50)}, {"duty_stations": stations(51)}, "duty_stations"),
    (
        {"duty_stations": (DutyStation(code="ROME", description="x" * 300),)},
        {"duty_stations": (DutyStation(code="ROME", description="x" * 301),)},
        "duty_stations.0.description",
    ),
    (asking(YES_NO, id="x" * 64), asking(YES_NO, id="x" * 65), "questions.0.id"),
    (asking(YES_NO, id="A-z_9"), asking(YES_NO, id=""), "questions.0.id"),
    (asking(YES_NO, text={"en": "x" * 2000}), asking(YES_NO, text={"en": "x" * 2001}), "questions.0.text"),
    (
        asking(YES_NO, text={"en": "x", "fr": "x" * 2000}),
        asking(YES_NO, text={"en": "x", "fr": "x" * 2001}),
        "questions.0.text",
    ),
    (asking(DEGREE, options=options(2)), asking(DEGREE, options=options(1)), "questions.0.options"),
    (asking(DEGREE, options=options(100)), asking(DEGREE, options=options(101)), "questions.0.options"),
    (
        {"questions": tuple(YES_NO.model_copy(update={"id": f"q{number}"}) for number in range(50))},
        {"questions": tuple(YES_NO.model_copy(update={"id": f"q{number}"}) for number in range(51))},
        "questions",
    ),
    ({"opens_on": TODAY + timedelta(days=1)}, {"opens_on": TODAY + timedelta(days=2)}, "opens_on"),
    (
        {"opens_on": date(2026, 11, 11), "closes_on": TODAY},
        {"opens_on": date(2026, 11, 11), "closes_on": TODAY - timedelta(days=1)},
        "closes_on",
    ),
    (
        {"closes_on": TODAY + timedelta(days=3 * 366)},
        {"closes_on": TODAY + timedelta(days=3 * 366 + 1)},
        "closes_on",
    ),
]


@pytest.mark.parametrize(("accepted", "refused", "field"), BOUNDS, ids=[f"{b[2]}-{n}" for n, b in enumerate(BOUNDS)])
def test_each_bound_is_accepted_and_the_next_value_is_not(
    accepted: dict[str, Any], refused: dict[str, Any], field: str
) -> None:
    given(VACANCY).when(publish(**accepted)).happened(VacancyPublished)
    given(VACANCY).when(publish(**refused)).refused(Invalid, field)


EMPTY, SEVERAL_LINES = "The notice needs a text here", "Only one line of printable characters"


@pytest.mark.parametrize("markup", ["<p></p>", "<b>&nbsp;</b>", "<script>", " \t"])
@pytest.mark.parametrize("name", ["title", "description"])
def test_markup_alone_says_nothing(name: str, markup: str) -> None:
    found = given(VACANCY).when(publish(**{name: markup})).refused(Invalid).problems
    messages = [EMPTY, SEVERAL_LINES] if (name, markup) == ("title", " \t") else [EMPTY]
    assert [(problem.field, problem.message) for problem in found] == [(name, message) for message in messages]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    wrong = publish(
        job_opening_number=" ", title="", family="XXX", duty_stations=stations(2) * 2,
        questions=(YES_NO, YES_NO), closes_on=date.max,
    )  # fmt: skip
    given(VACANCY).when(wrong).refused(
        Invalid, "job_opening_number", "title", "family", "duty_stations", "duty_stations", "questions", "closes_on"
    )


def test_the_place_of_each_wrong_station_and_option_is_named() -> None:
    places = (DutyStation(code="ROME"), DutyStation(code="ATLANTIS"), DutyStation(code="", description="a\nb"))
    given(VACANCY).when(publish(duty_stations=places)).refused(
        Invalid, "duty_stations.1.code", "duty_stations.2.code", "duty_stations.2.description"
    )
    answers = (*options(2), Choice(value="a b", text={"en": " "}))
    given(VACANCY).when(publish(**asking(DEGREE, options=answers))).refused(
        Invalid, "questions.0.options.2.value", "questions.0.options.2.text"
    )


@pytest.mark.parametrize("kind", ["yes_no", "number", "date", "text", "criterion", "file"])
def test_only_questions_with_a_choice_have_options(kind: str) -> None:
    refusal = given(VACANCY).when(publish(**asking(DEGREE, type=kind))).refused(Invalid, "questions.0.options")
    assert kind in str(refusal.problems[0])


def test_what_stands_twice_is_named_once_with_its_number() -> None:
    rome = (DutyStation(code="ROME"), DutyStation(code="GENEVA"), DutyStation(code="ROME"), DutyStation(code="ROME"))
    refusal = given(VACANCY).when(publish(duty_stations=rome)).refused(Invalid, "duty_stations")
    assert str(refusal.problems[0]) == "“ROME” is listed 3 times"


def test_a_refusal_repeats_no_more_than_the_beginning_of_a_long_value() -> None:
    refusal = given(VACANCY).when(publish(family="x" * 1000)).refused(Invalid, "family")
    assert refusal.problems[0].params == {"value": "x" * 60, "list": "families"}
    refusal = given(VACANCY).when(publish(**asking(YES_NO, id="x" * 1000))).refused(Invalid, "questions.0.id")
    assert refusal.problems[0].params == {"value": "x" * 70}


def test_network_and_category_may_be_given_if_family_and_level_belong_to_them() -> None:
    command = publish(network="DEVNET", category="PD")
    assert given(VACANCY).when(command).events == given(VACANCY).when(publish()).events
    refusal = given(VACANCY).when(publish(network="LOGNET", category="G")).refused(Invalid, "network", "category")
    assert [str(problem) for problem in refusal.problems] == [
        "“ECO” belongs to “DEVNET”, not to “LOGNET”",
        "“P-3” belongs to “PD”, not to “G”",
    ]
    given(VACANCY).when(publish(network="NONET", category="??")).refused(Invalid, "network", "category")


def test_a_station_keeps_the_name_that_the_notice_gives_it() -> None:
    here = (DutyStation(code="GENEVA", description="Geneva (Palais)"), DutyStation(code="ROME"))
    assert published(duty_stations=here).duty_stations == (here[0], DutyStation(code="ROME", description="Rome"))


@pytest.mark.rule("R18")
def test_a_question_may_be_worded_in_other_languages_too_but_must_be_in_the_notices_own() -> None:
    both = asking(YES_NO, text={"en": "Five years?", "fr": "Cinq ans ?"})
    assert published(**both).questions == both["questions"]
    refusal = given(VACANCY).when(publish(language="fr", **asking(YES_NO, text={"en": "Five years?", "fr": " "})))
    assert refusal.refused(Invalid, "questions.0.text").problems[0].params == {"language": "fr"}


def test_a_number_is_trimmed_and_keeps_what_stands_inside() -> None:
    assert published(job_opening_number="  26 ECO / 1 (X)\n").job_opening_number == "26 ECO / 1 (X)"


def test_a_notice_of_tomorrow_opens_now_and_one_of_today_opened_at_midnight_in_new_york() -> None:
    now = NOON.replace(microsecond=7)
    assert published(opens_on=date(2026, 11, 24), at=now).opens_at == NOON
    assert published(opens_on=date(2026, 11, 23), at=now).opens_at == datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.mark.rule("R45")
def test_today_and_tomorrow_are_days_in_new_york() -> None:
    today, tomorrow = date(2026, 11, 23), date(2026, 11, 24)
    given(VACANCY).when(publish(closes_on=today, at=LATE_EVENING)).happened(VacancyPublished)
    given(VACANCY).when(publish(opens_on=tomorrow, at=LATE_EVENING)).happened(VacancyPublished)
    too_early = publish(opens_on=tomorrow + timedelta(days=1), at=LATE_EVENING)
    given(VACANCY).when(too_early).refused(Invalid, "opens_on")
    furthest = today + timedelta(days=3 * 366)
    given(VACANCY).when(publish(closes_on=furthest, at=LATE_EVENING)).happened(VacancyPublished)
    given(VACANCY).when(publish(closes_on=furthest + timedelta(days=1), at=LATE_EVENING)).refused(Invalid, "closes_on")


@pytest.mark.rule("R45")
@pytest.mark.parametrize("announce", [publish, galaxy])
def test_a_notice_may_be_announced_until_its_last_second_and_archived_after_it(announce: Any) -> None:
    deadline = closing(TODAY)
    last = deadline - timedelta(seconds=1)
    given(VACANCY).when(announce(closes_on=TODAY, at=last)).happened(VacancyPublished)
    given(VACANCY).when(announce(closes_on=TODAY, at=deadline)).refused(Invalid, "closes_on")
    given(VACANCY).when(announce(closes_on=TODAY, at=last, archived=True)).happened(VacancyPublished)
    given(VACANCY).when(announce(closes_on=TODAY, at=deadline, archived=True)).happened(VacancyPublished, VacancyClosed)


def test_a_closing_day_before_the_first_day_is_wrong_even_in_an_archive() -> None:
    upside_down = publish(opens_on=date(2026, 1, 2), closes_on=date(2026, 1, 1), archived=True)
    given(VACANCY).when(upside_down).refused(Invalid, "closes_on")
    one_day = publish(opens_on=date(2026, 1, 1), closes_on=date(2026, 1, 1), archived=True)
    given(VACANCY).when(one_day).happened(VacancyPublished, VacancyClosed)


def test_a_wrong_first_day_and_a_wrong_closing_day_are_both_named() -> None:
    given(VACANCY).when(publish(opens_on=date(2026, 12, 9), closes_on=date(2026, 12, 8))).refused(
        Invalid, "opens_on", "closes_on"
    )


def test_announcing_again_what_has_closed_meanwhile_is_still_no_news() -> None:
    past = [published(), VacancyClosed()]
    given(VACANCY, *past).when(publish(at=NOON + timedelta(days=90))).then()
    given(VACANCY, *past).when(publish(at=NOON + timedelta(days=90), opens_on=date(2026, 11, 1))).then()


def test_announcing_again_finds_the_first_and_the_latest_wording_but_no_other() -> None:
    first = published()
    [second] = given(VACANCY, first).when(amend(title="Second")).events or ()
    [third] = given(VACANCY, first, second).when(amend(title="Third")).events or ()
    past = [first, second, third]
    given(VACANCY, *past).when(publish()).then()
    given(VACANCY, *past).when(publish(title="Third")).then()
    given(VACANCY, *past).when(publish(title="Second")).refused(Conflict, "job_opening_number")


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"}, {"job_title": "Another"}, {"description": "Another"}, {"family": "STA"},
        {"level": "P-4"}, {"duty_stations": stations(2)}, {"department": "DGACM"}, {"recruitment_type": "Temporary"},
        {"questions": ()}, {"closes_on": date(2026, 12, 16)},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_each_thing_that_a_notice_says_makes_it_another_one(changes: dict[str, Any]) -> None:
    given(VACANCY, published()).when(publish(**changes)).refused(Conflict, "job_opening_number")


@pytest.mark.parametrize("wrong", [{"title": ""}, {"closes_on": date.max}])
def test_a_wrong_notice_is_wrong_even_under_a_known_number(wrong: dict[str, Any]) -> None:
    given(VACANCY, published(), VacancyCancelled()).when(publish(**wrong)).refused(Invalid, *wrong)


@pytest.mark.rule("R7")
@pytest.mark.rule("R51")
def test_a_galaxy_notice_and_ours_under_one_number_never_become_each_other() -> None:
    [listed] = given(VACANCY).when(galaxy()).happened(VacancyPublished)
    given(VACANCY, listed).when(galaxy()).then()
    given(VACANCY, listed).when(publish(questions=())).refused(Conflict, "job_opening_number")
    given(VACANCY, published(questions=())).when(galaxy()).refused(Conflict, "job_opening_number")
    [amended] = given(VACANCY, listed).when(amend(title="Other", questions=())).events or ()
    assert amended.source == "galaxy"  # type: ignore[attr-defined]


def test_every_refusal_of_an_announcement_says_what_to_do() -> None:
    """The sentences hold no gap that nobody fills."""
    commands = [publish(**refused) for _, refused, _ in BOUNDS] + [galaxy(questions=(YES_NO,)), publish(family="")]
    refusals = [given(VACANCY).when(command).refusal for command in commands]
    assert all(isinstance(refusal, Refused) and "%(" not in str(refusal) for refusal in refusals)
