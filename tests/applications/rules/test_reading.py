"""The file as recruiters read it: what is shown of what was typed, and what leaves the service of a draft."""

from datetime import timedelta
from typing import Any

import pytest

from services.applications.domain.application import APPLICATION
from services.applications.domain.equivalence.reading import with_levels
from services.applications.domain.languages import languages_in, mastery_in_words, with_mastery
from services.applications.domain.sheet import blocks_of, printed
from services.applications.domain.submission import content_of
from shared.model.testing import NOON
from shared.web.environment import Web
from tests.applications.degrees import education, proposed
from tests.applications.test_draft import added
from tests.applications.values import CANDIDATE, CREATED, READY, SECTIONS, VACANCY, file, saved, submitted

FRENCH = Web.of("applications").texts("fr")
FROZEN: dict[str, Any] = submitted()[-1].snapshot  # type: ignore[union-attr]


def block(name: str, *later: Any, profile: dict[str, Any] | None = None, language: str = "en") -> Any:
    """One block of the file after these events."""
    who = CANDIDATE.model_copy(update={"profile": profile or {}})
    content = content_of(APPLICATION.fold([*READY, *later]), VACANCY, who)
    translate = FRENCH if language == "fr" else str
    [found] = [each for each in blocks_of(content, language, translate) if each["name"] == name]
    return found


@pytest.mark.rule("R37")
def test_what_does_not_count_is_not_shown_although_it_was_typed() -> None:
    letter = {**SECTIONS["letter"], "conviction": "Never mind", "dismissed": "yes", "dismissal": "By IRD"}
    rows = dict(block("letter", saved("letter", letter))["rows"])
    assert "Never mind" not in rows.values()
    assert rows["By whom, when and why"] == "By IRD"
    family = {"has_dependants": "no", "dependants": [{"name": "Zofia"}], "marital_status": "single"}
    shown = block("profile/family", profile={"family": family})
    assert (shown["cards"], dict(shown["rows"])["Marital status"]) == ([], "Single")
    [card] = block("profile/family", profile={"family": {**family, "has_dependants": "yes"}})["cards"]
    assert card == {"title": "Dependant 1", "rows": [("Full name", "Zofia")]}


@pytest.mark.rule("R37")
def test_codes_are_read_as_words_in_the_readers_language() -> None:
    rows = dict(block("preferences", language="fr")["rows"])
    assert "1er février 2027" in rows.values()
    assert "Genève" in " ".join(rows.values())
    assert not {"fixed_term", "one_month", "GENEVA"} & set(rows.values())


@pytest.mark.rule("R37")
def test_what_is_no_code_or_no_date_is_shown_as_it_was_typed() -> None:
    wrong = {"notice": "soon", "earliest_start": "31 2 2027", "appointments": ["temporary", "for life"]}
    assert block("preferences", saved("preferences", wrong))["rows"] == [
        ("How soon could you start?", "soon"),
        ("Earliest date on which you could start", "31 2 2027"),
        ("Appointment types that interest you", "Temporary, for life"),
    ]


@pytest.mark.rule("R37")
def test_files_are_numbered_in_the_order_in_which_they_were_attached() -> None:
    files = [added(file(number)) for number in (2, 1)]
    assert block("attachments", *files, language="fr")["rows"] == [
        ("Fichier 1", "AM_Diploma_2.pdf"),
        ("Fichier 2", "AM_Diploma_1.pdf"),
    ]


@pytest.mark.rule("R71")
def test_a_level_that_was_left_open_is_read_as_the_proposed_one() -> None:
    [card, *_] = block("education", saved("education", education()), proposed())["cards"]
    rows = dict(card["rows"])
    assert rows["Level proposed by the catalogue"] == rows["Level of the diploma"] == "Bachelor (licence)"
    [card, *_] = block("education", saved("education", education(level="below")))["cards"]
    assert dict(card["rows"])["Level of the diploma"] == "Below the first university degree"
    assert "Level proposed by the catalogue" not in dict(card["rows"])


@pytest.mark.parametrize("diplomas", [None, "none", [{}, {}]], ids=str)
def test_levels_that_belong_to_other_diplomas_are_shown_beside_none(diplomas: Any) -> None:
    levels: Any = [{"id": "", "proposed": None, "chosen": "master", "reason": ""}]
    assert with_levels({"diplomas": diplomas}, levels, "en", str) == {"diplomas": diplomas}


@pytest.mark.parametrize("typed", [None, "", {}, ["fr", 1]], ids=str)
def test_where_no_language_was_typed_nothing_is_made_of_it(typed: Any) -> None:
    assert languages_in({"languages": typed}) == []
    assert with_mastery({"languages": typed, "it_skills": "R"}) == {"languages": [], "it_skills": "R"}


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (("fluent", "fluent", "fluent", "fluent"), "Maîtrise (courant dans les quatre compétences)"),
        (
            ("basic", "confident", "basic", "fluent"),
            "Connaissance (intermédiaire ou mieux dans au moins deux compétences)",
        ),
        (("basic", "basic", "basic", "native"), ""),
    ],
)
def test_what_four_skills_make_of_a_language_is_said_in_words(levels: tuple[str, ...], words: str) -> None:
    entry = dict(zip(("read", "write", "speak", "understand"), levels, strict=True))
    assert mastery_in_words(entry, FRENCH) == words


def head(snapshot: dict[str, Any], status: str, language: str = "en") -> dict[str, str]:
    translate = FRENCH if language == "fr" else str
    return {row[0]: row[1] for row in printed(snapshot, status, language, translate)["head"]}


@pytest.mark.rule("R27")
@pytest.mark.parametrize("status", ["applied", "under_consideration", "withdrawn", "selected"])
def test_every_file_that_was_submitted_shows_its_reference_and_its_time(status: str) -> None:
    assert head(FROZEN, status) == {
        "Candidate": "Anna Müller",
        "User ID": "AMULLER1",
        "Job opening": "26-ECO-1 – Economist",
        "Reference number": FROZEN["reference"],
        "Submitted on": "23 November 2026, 12:00 UTC",
    }
    assert printed(FROZEN, status, "en", str)["mark"] == ""


@pytest.mark.rule("R27")
def test_a_draft_for_nothing_by_somebody_unknown_shows_only_what_there_is() -> None:
    content = content_of(APPLICATION.fold([CREATED]), None, None)
    assert head(content, "draft") == {}
    assert printed(content, "draft", "fr", FRENCH)["mark"] == FRENCH("Draft – not submitted") != "Draft – not submitted"


@pytest.mark.rule("R27")
@pytest.mark.parametrize(
    ("hours", "written"), [(-13, "22 November 2026, 23:00 UTC"), (12, "24 November 2026, 00:00 UTC")]
)
def test_the_day_of_submission_is_that_of_its_zone(hours: int, written: str) -> None:
    at = (NOON + timedelta(hours=hours)).isoformat()
    assert head({**FROZEN, "submitted_at": at}, "applied")["Submitted on"] == written
