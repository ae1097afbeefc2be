"""Reports of a wrong equivalence: once each, to the office by mail, with what an answer needs."""

import pytest

from services.applications.domain.equivalence.report import REPORT, ReportEquivalenceError
from services.applications.events import EquivalenceErrorReported
from services.applications.projections import REPORT as VIEW
from services.applications.reactions.mails import CONSULTATION
from shared.model.errors import Conflict, Invalid
from shared.model.reaction import Known, Send
from shared.model.testing import given, history, recorded
from tests.applications.degrees import INSA
from tests.applications.test_projections import folded
from tests.applications.values import ANNA, DRAFT

REPORT_IT = ReportEquivalenceError(
    candidate_id=ANNA,
    application_id=DRAFT,
    diploma=INSA,
    proposed=("licence", "fr-insa-lyon-ingenieur"),
    level="master",
    explanation="Five years of study",
    name="Anna Müller",
    email="anna@example.org",
    user_code="AMULLER1",
    office="academicsconsult@un.org",
)
REPORTED = EquivalenceErrorReported(
    candidate_id=ANNA,
    application_id=DRAFT,
    diploma=INSA,
    proposed="licence",
    entry_id="fr-insa-lyon-ingenieur",
    claimed="master",
    explanation="Five years of study",
    name="Anna Müller",
    email="anna@example.org",
    user_code="AMULLER1",
    office="academicsconsult@un.org",
)


@pytest.mark.rule("R72")
def test_a_wrong_equivalence_is_reported_once() -> None:
    given(REPORT).when(REPORT_IT).then(REPORTED)
    given(REPORT, REPORTED).when(REPORT_IT).then()
    given(REPORT, REPORTED).when(REPORT_IT.model_copy(update={"explanation": "Really"})).refused(Conflict)
    otherwise = REPORT_IT.model_copy(update={"proposed": ("below", "fr-insa-lyon-ingenieur")})
    given(REPORT, REPORTED).when(otherwise).happened(EquivalenceErrorReported)


@pytest.mark.rule("R72")
def test_a_diploma_that_is_not_in_the_catalogue_can_be_reported() -> None:
    [event] = given(REPORT).when(REPORT_IT.model_copy(update={"proposed": None})).happened(EquivalenceErrorReported)
    assert (event.proposed, event.entry_id) == (None, "")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"level": "licence"}, "level"),
        ({"level": ""}, "level"),
        ({"level": "grade"}, "level"),
        ({"explanation": " "}, "explanation"),
        ({"explanation": "x" * 2_001}, "explanation"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_report_names_another_level_and_a_reason(change: dict[str, str], field: str) -> None:
    given(REPORT).when(REPORT_IT.model_copy(update=change)).refused(Invalid, field)


@pytest.mark.rule("R72")
def test_the_office_is_told_by_mail_and_can_answer_the_candidate() -> None:
    event = recorded(REPORTED, "report-1")
    [mail], [again] = CONSULTATION.react(event, Known({})), CONSULTATION.react(event, Known({}))
    assert isinstance(mail, Send)
    assert mail == again
    assert (mail.to, mail.headers) == ("academicsconsult@un.org", {"Reply-To": "anna@example.org"})
    assert (mail.params["proposed"], mail.params["claimed"]) == ("Bachelor (licence)", "National Master's degree")


@pytest.mark.rule("R72")
def test_the_curators_record_holds_the_report_as_it_was_made_last() -> None:
    again = REPORTED.model_copy(update={"proposed": "below"})
    document = folded(VIEW, history("report-1", REPORTED, again), 1)
    assert (document["id"], document["report"]["proposed"], document["report"]["claimed"]) == ("1", "below", "master")
