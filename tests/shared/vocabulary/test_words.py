"""Words of the six official languages: what is one word, in which order names stand, and which way they run."""

import pytest

from shared.vocabulary.fields import COUNTRIES, LANGUAGES
from shared.vocabulary.official import OFFICIAL
from shared.vocabulary.search import Criteria, Notice, matches
from shared.vocabulary.words import LATIN, UNSTEMMED, in_order_of, isolated, stems
from tests.alerts.test_matching import DAYS


@pytest.mark.parametrize(("language", "forms"), [
    ("ar", "التنمية تنمية والتنمية للتنمية تَنْمِيَة"),
    ("ar", "الأمم أمم امم بالأمم"),
    ("ar", "شؤون الشؤون والشؤون للشؤون"),
    ("en", "economist economists Economist"),
    ("es", "educación educacion educaciones"),
    ("es", "económico económica economico"),
    ("fr", "économiste economistes l’économiste"),
    ("ru", "российский российской российского российскую"),
    ("ru", "учёный ученый"),
    ("ru", "развитие развития развитием"),
])  # fmt: skip
def test_the_forms_of_a_word_are_one_word(language: str, forms: str) -> None:
    found = {tuple(stems(form, language)) for form in forms.split()}
    assert len(found) == 1, found


def test_chinese_is_parted_into_words_and_what_stands_among_it_is_kept() -> None:
    assert stems("经济事务干事，P-4级（日内瓦）", "zh") == ["经济", "事务", "干事", "p", "4", "级", "日内瓦"]
    assert stems("IT系统", "zh") == ["it", "系统"]


@pytest.mark.parametrize(("language", "text", "found", "not_found"), [
    ("zh", "<p>人权事务干事负责编写报告。</p>", "人权 报告", "经济"),
    ("zh", "可持续发展", '"持续发展"', '"发展持续"'),
    ("ar", "موظف الشؤون الاقتصادية والاجتماعية", "اقتصادية شؤون", "القانونية"),
    ("ru", "Сотрудник по экономическим вопросам", "экономический сотрудники", "правовой"),
    ("es", "Oficial de asuntos económicos en Ginebra", "oficiales economico", "jurídicos"),
])  # fmt: skip
def test_a_notice_is_found_by_the_words_of_its_language(language: str, text: str, found: str, not_found: str) -> None:
    notice = Notice(posted=DAYS[0], facets={}, passages={language: (text,)})
    assert matches(Criteria(keywords=found), notice)
    assert not matches(Criteria(keywords=not_found), notice)


@pytest.mark.parametrize("language", [each for each in OFFICIAL if each not in LATIN])
def test_latin_words_have_no_other_forms_where_words_are_written_otherwise(language: str) -> None:
    words = "organisations running P-4 naturalisation economists the of 2026 UNICEF"
    assert stems(words, language) == stems(words, UNSTEMMED)


@pytest.mark.parametrize(("language", "names"), [
    ("es", "nube ñame oasis"), ("ru", "ёлка ель ива йод кит"), ("zh", "阿尔及利亚 巴西 法国 中国"),
    ("fr", "écu effet été"), ("ar", "أذربيجان بلجيكا مصر"),
])  # fmt: skip
def test_names_stand_as_a_dictionary_of_the_language_has_them(language: str, names: str) -> None:
    assert sorted({*names.split()}, key=in_order_of(language)) == names.split()


@pytest.mark.parametrize("language", OFFICIAL)
def test_countries_and_languages_are_called_as_the_language_does(language: str) -> None:
    said = {"ar": "فرنسا", "zh": "法国", "en": "France", "fr": "France", "ru": "Франция", "es": "Francia"}
    spoken = {"ar": "الروسية", "zh": "俄语", "en": "Russian", "fr": "Russe", "ru": "Русский", "es": "Ruso"}
    assert COUNTRIES.label("FR", language) == said[language]
    assert LANGUAGES.label("ru", language) == spoken[language]
    assert COUNTRIES.names.meant(said[language]) == "FR"


def test_what_runs_against_its_neighbours_is_set_apart() -> None:
    assert isolated("مصر") == "\u2068مصر\u2069"
    assert isolated("Geneva") == "Geneva"
    assert isolated("Geneva", among_leftward=True) == "\u2068Geneva\u2069"
    assert isolated("مصر", among_leftward=True) == "مصر"
    assert isolated("12", among_leftward=True) == "12"
