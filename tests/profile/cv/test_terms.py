"""What other formats call countries, languages, levels and days."""

import pytest

from services.profile.domain.cv import terms
from services.profile.domain.cv.source import Node, without_marks
from services.profile.domain.cv.terms import Day


@pytest.mark.parametrize(
    ("said", "code"),
    [("FR", "FR"), ("fr", "FR"), ("UK", "GB"), ("EL", "GR"), ("Ivory Coast", "CI"), ("FRA", "FR"), ("Narnia", "")],
)
def test_countries(said: str, code: str) -> None:
    assert terms.country(Node(said)) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("fr", "fr"),
        ("fre", "fr"),
        ("fra", "fr"),
        ("en-GB", "en"),
        ("German", "de"),
        ("wol", "wo"),
        ("mis", ""),
        ("?", ""),
    ],
)
def test_languages(said: str, code: str) -> None:
    assert terms.language(Node(said)) == code


@pytest.mark.parametrize(("code", "three"), [("fr", "fra"), ("kab", "kab"), ("mis", ""), ("", "")])
def test_languages_as_others_call_them(code: str, three: str) -> None:
    assert terms.three_letters(code) == three


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("A2", "basic"), ("B1", "confident"), ("C2", "fluent"), ("level b2 (tested)", "confident"),
        ("Native or bilingual proficiency", "fluent"), ("Full professional proficiency", "fluent"),
        ("Professional working proficiency", "confident"), ("Limited working proficiency", "confident"),
        ("Elementary proficiency", "basic"), ("non-native", ""), ("Débutant", "basic"), ("so so", ""),
    ],
)  # fmt: skip
def test_levels(said: str, ours: str) -> None:
    assert terms.level(said) == ours


@pytest.mark.parametrize(
    ("said", "own"),
    [
        ("Native speaker", True),
        ("Native or bilingual", True),
        ("Langue maternelle", True),
        ("Near-native", False),
        ("non-native but fluent", False),
        ("alternatively", False),
    ],
)
def test_mother_tongues(said: str, own: bool) -> None:
    assert terms.is_native(said) is own


def test_our_levels_come_back_from_the_framework() -> None:
    assert {ours: terms.level(theirs) for ours, theirs in terms.LEVELS_BACK.items()} == {
        each: each for each in terms.ORDER
    }


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("2020-02-29", Day("2020-02-29"), Day("2020-02-29")),
        ("2020-02-29T10:00:00Z", Day("2020-02-29"), Day("2020-02-29")),
        ("2020-02", Day("2020-02-01", rough=True), Day("2020-02-29", rough=True)),
        ("2020", Day("2020-01-01", rough=True), Day("2020-12-31", rough=True)),
        ("2020-13", Day(""), Day("")),
        ("2019-02-29", Day(""), Day("")),
        ("0000", Day(""), Day("")),
        ("spring", Day(""), Day("")),
    ],
)
def test_days(said: str, first: Day, last: Day) -> None:
    assert (terms.day_of(said), terms.day_of(said, end=True)) == (first, last)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("31/3/2019", "2019-03-31"),
        ("2019-03-31", "2019-03-31"),
        ("2019-3-31", "2019-03-31"),
        ("2019/03/31", "2019-03-31"),
        (" 2019.3.31", "2019-03-31"),
        ("31.31.2019", "31.31.2019"),
        ("2019-31-3", "2019-31-3"),
    ],
)
def test_days_that_somebody_typed(said: str, kept: str) -> None:
    assert terms.typed_day(said) == kept


@pytest.mark.parametrize(
    ("dialling", "number", "whole"),
    [
        ("33", "0612345678", "+33 6 12 34 56 78"),
        ("+39", "0612345678", "+39 06 1234 5678"),
        ("225", "0712345678", "+225 07 12 34 5678"),
        ("7", "89161234567", "+7 916 123-45-67"),
        ("999999", "12", "+9999 12"),
        ("33", "by mail", "+33 by mail"),
        ("", "0612", "0612"),
        ("33", "+4412", "+4412"),
        ("", "004912", "+4912"),
    ],
)
def test_phone_numbers(dialling: str, number: str, whole: str) -> None:
    assert terms.phone(dialling, number) == whole


def test_marks_of_html_become_lines() -> None:
    assert without_marks("<p>One&nbsp;&amp; two</p><ul><li>a &lt; b</li></ul>") == "One & two\na < b"
    assert without_marks("3 < 4 > 2") == "3 < 4 > 2"
