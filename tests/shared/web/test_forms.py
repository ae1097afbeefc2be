"""Forms: what was typed comes back as it was, whatever it was; fields carry label, hint, problem and star."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from shared.model.errors import Problem
from shared.vocabulary.fields import TOO_MANY, Field, Option, check, excess
from shared.web.environment import govuk_macros
from shared.web.forms import LARGEST, LONGEST, action, cleaned, posted, read, text
from shared.web.language import Texts
from shared.web.widgets import Sheet
from tests.shared.web.site import FIELDS, PLAIN

MACROS = govuk_macros()


def typed(*pairs: tuple[str, str]) -> dict[str, Any]:
    return read(PLAIN, cleaned(FormData(list(pairs))))


def drawn(field: Field, value: Any = "", *problems: Problem, language: str = "en") -> str:
    return str(Sheet(MACROS, Texts(language), {field.name: value}, problems).control(field))


def test_every_declared_field_is_read_and_nothing_else() -> None:
    assert set(typed(("stranger", "x"))) == {field.name for field in PLAIN}


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_three_boxes_make_a_date(day: date) -> None:
    boxes = (("day", day.day), ("month", day.month), ("year", f"{day.year:04}"))
    assert typed(*[(f"birth_date-{part}", f" {number} ") for part, number in boxes])["birth_date"] == day.isoformat()


@pytest.mark.parametrize("month", ["March", "mar", "MARS", "mars", "03", "3"])
def test_a_month_may_be_named_in_either_language(month: str) -> None:
    values = typed(("birth_date-day", "9"), ("birth_date-month", month), ("birth_date-year", "1990"))
    assert values["birth_date"] == "1990-03-09"


@example(["1", "1", "9" * 20])
@given(
    st.lists(
        st.text(st.characters(exclude_characters="\r\n\0 ", exclude_categories=["Cs", "Z", "Cc"])),
        min_size=3,
        max_size=3,
    )
)
def test_what_is_no_date_stays_in_its_boxes(parts: list[str]) -> None:
    names = ("day", "month", "year")
    value = typed(*[(f"birth_date-{name}", part) for name, part in zip(names, parts, strict=True)])["birth_date"]
    field = Field("birth_date", "Date", "date")
    again = drawn(field, value)
    if value.count(" ") == 2:
        assert value.split(" ") == parts
        assert all(f'value="{part}"' in again for part in parts if part.isalnum())


@pytest.mark.parametrize("year", ["90", "990", "0", "01990"])
def test_a_year_without_its_century_stays_as_it_was_typed_and_is_said_to_be_no_date(year: str) -> None:
    value = typed(("birth_date-day", "23"), ("birth_date-month", "11"), ("birth_date-year", year))["birth_date"]
    assert value == f"23 11 {year}"
    [problem] = check((FIELDS[1],), {"birth_date": value})
    assert str(problem).endswith(f"“23 11 {year}” is not a date. Give day, month and year, for example 23 11 1990")
    assert f'value="{year}"' in drawn(Field("birth_date", "Date", "date"), value, problem)


def test_an_impossible_date_is_a_problem_not_a_loss() -> None:
    value = typed(("birth_date-day", "31"), ("birth_date-month", "2"), ("birth_date-year", "1990"))["birth_date"]
    assert value == "31 2 1990"
    assert [problem.params["value"] for problem in check((FIELDS[1],), {"birth_date": value})] == ["31 2 1990"]


def test_lists_boxes_and_long_texts() -> None:
    values = typed(
        ("networks", "law"),
        ("networks", "it"),
        ("agreed", "yes"),
        ("letter", "  one\r\n\r\ntwo\0 "),
        ("family_name", " Petit "),
    )
    assert values["networks"] == ["law", "it"]
    assert values["letter"] == "  one\n\ntwo "
    assert (values["agreed"], values["family_name"]) == ("yes", "Petit")
    assert typed()["agreed"] == "no"


@pytest.mark.parametrize(("pairs", "pressed"), [([("_action", "submit")], "submit"), ([], None)])
def test_the_pressed_button_is_known(pairs: list[tuple[str, str]], pressed: str | None) -> None:
    assert action(FormData([*pairs])) == pressed


@given(
    st.lists(st.tuples(st.sampled_from(["family_name", "birth_date-day", "networks", "_action", "letter"]), st.text()))
)
def test_reading_never_fails_and_stores_only_what_can_be_stored(pairs: list[tuple[str, str]]) -> None:
    text = str(read(PLAIN, cleaned(FormData([*pairs]))))
    assert "\\x00" not in text
    assert "\\ud8" not in text


@pytest.mark.parametrize("text", ["1990-W05-3", "19900105", "1990-1-5", "١٩٩٠-٠١-٠٥", "1990-02-30", "tomorrow"])
def test_only_a_date_written_in_one_way_is_a_date(text: str) -> None:
    birth = Field("birth_date", "Date of birth", "date")
    assert [problem.field for problem in check((birth,), {"birth_date": text})] == ["birth_date"]
    assert check((birth,), {"birth_date": "1990-01-05"}) == []


@pytest.mark.parametrize("text", ["Anna\nBcc: all", "Anna\x07", "An\u2028na", "\u202enimda"])
def test_a_line_holds_nothing_that_cannot_be_seen(text: str) -> None:
    name = Field("name", "Name")
    assert [problem.field for problem in check((name,), {"name": text})] == ["name"]
    assert check((name,), {"name": "ليلى\u200f O’Brien-Łukasik"}) == []
    assert check((Field("name", "Name", "textarea"),), {"name": "two\nlines"}) == []


@pytest.mark.rule("R19")
def test_mandatory_fields_carry_a_star() -> None:
    star = [field for field in FIELDS if isinstance(field, Field) and f"{field.label}\u00a0*" in drawn(field)]
    assert star == [field for field in FIELDS if isinstance(field, Field) and field.required]


@pytest.mark.rule("R23")
def test_a_value_outside_the_list_is_shown_with_the_remedy() -> None:
    country = next(field for field in FIELDS if field.name == "country")
    assert isinstance(country, Field)
    html = drawn(country, "Atlantis", *check((country,), {"country": "Atlantis"}))
    assert '<option value="Atlantis" selected>Atlantis</option>' in html
    assert "Clear it, then pick a value from the list" in html
    assert 'aria-describedby="country-hint country-error"' in html
    assert '<option value="FR">France</option>' in html


def test_a_long_text_says_how_much_fits() -> None:
    html = drawn(Field("letter", "Letter", "textarea", length=800))
    assert 'data-count="800"' in html
    assert 'aria-describedby="letter-count"' in html
    assert "At most 800 characters" in html


def test_a_field_that_depends_on_another_says_on_what() -> None:
    html = drawn(Field("organisation", "Organisation", when=("employed", ("yes", "once"))))
    assert html.startswith('<div class="postulo-when" data-when="employed" data-values="yes|once">')


def test_choices_keep_what_was_chosen() -> None:
    networks = next(field for field in FIELDS if field.name == "networks")
    assert isinstance(networks, Field)
    assert drawn(networks, ["it"]).count(" checked") == 1
    employed = Field("employed", "Employed", "yesno")
    assert 'value="no" checked' in drawn(employed, "no")


LONG = " 1" * 500_000


@pytest.mark.parametrize("kind", ["text", "email", "tel", "number", "choice", "lookup", "yesno", "textarea"])
def test_what_is_longer_than_its_field_allows_comes_back_untouched_and_is_refused_for_its_length(kind: Any) -> None:
    field = Field("it", "It", kind)
    values = read((field,), FormData([("it", LONG)]))
    assert values == {"it": LONG}
    said = f"It can have at most {field.most} characters: you typed 1000000"
    assert [str(problem) for problem in check((field,), values)] == [said]
    assert [str(problem) for problem in excess((field,), values)] == [said]


@pytest.mark.parametrize("part", ["", "-day", "-month", "-year"])
def test_a_date_that_is_too_long_is_not_read_as_one(part: str) -> None:
    field = Field("on", "On", "date")
    values = read((field,), FormData([("on-day", "1"), ("on-month", "2"), ("on-year", "1990"), (f"on{part}", LONG)]))
    assert values["on"].count(LONG) <= 1
    assert [problem.params["length"] for problem in check((field,), values)] == [len(values["on"])]
    assert len(values["on"]) >= len(LONG) or not part


def test_a_box_that_is_too_long_is_only_begun() -> None:
    field = Field("on", "On", "date")
    values = read((field,), FormData([("on-day", "1"), ("on-month", "2"), ("on-year", "9" * 500)]))
    assert values == {"on": f"1 2 {'9' * 500}"}
    assert f'value="{"9" * 200}"' in drawn(field, values["on"])


def test_of_choices_each_is_bounded_and_all_are_and_none_is_said_twice() -> None:
    field = Field("of", "Of", "choices", options=(Option("a", "A"), Option("b", "B")))
    assert read((field,), FormData([("of", "a")] * 3_000)) == {"of": ["a"]}
    assert check((field,), {"of": ["a", "b"]}) == []
    assert [problem.message for problem in check((field,), {"of": [str(n) for n in range(3_000)]})] == [TOO_MANY]
    assert [problem.params["length"] for problem in excess((field,), {"of": ["a", "b" * 201]})] == [201]


@pytest.mark.parametrize(("kept", "found"), [(0, 1), (300, 1), (301, 0)])
def test_what_may_be_kept_though_it_is_too_long_is_no_excess(kept: int, found: int) -> None:
    assert len(excess((Field("it", "It"),), {"it": "x" * 301}, kept=kept)) == found
    assert len(check((Field("it", "It"),), {"it": "x" * 301})) == 1


def test_what_no_field_declares_is_read_as_far_as_it_can_mean_anything() -> None:
    form = FormData([("next", "/" + LONG), ("_action", "save" + " " * 1_000_000)])
    assert text(form, "next") == ("/" + LONG)[:LONGEST].strip()
    assert text(form, "next", 10) == "/ 1 1 1 1"
    assert action(form) == "save"


def test_a_picked_value_that_is_too_long_is_only_begun() -> None:
    html = drawn(Field("it", "It", "lookup", options=(Option("a", "A"),)), "x" * 1_000_000)
    assert f'<option value="{"x" * 200}" selected>{"x" * 200}</option>' in html
    assert len(html) < 2_000


async def sent(*sizes: int) -> FormData:
    """A form with a field of each of these sizes, as a browser sends it with a file."""
    parts = [f'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n{"y" * size}\r\n' for size in sizes]
    body = ("".join(parts) + "--x--\r\n").encode()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    return await posted(Request({"type": "http", "method": "POST", "headers": headers, "app": None}, receive))


async def test_a_form_holds_no_more_text_than_can_be_shown_again() -> None:
    assert len((await sent(LARGEST - 2, 0)).multi_items()) == 2
    with pytest.raises(HTTPException) as refused:
        await sent(LARGEST - 2, 1)
    assert refused.value.status_code == 413


@pytest.mark.parametrize("kind", ["text", "date", "email"])
def test_line_breaks_that_nobody_can_have_typed_are_not_drawn(kind: Any) -> None:
    """The macros indent every line: a million of them would take seconds."""
    html = drawn(Field("it", "It", kind), "a" + "\n" * 1_000_000 + "b")
    assert html.count("\n") < 100
    assert "ab" in html
    assert "\n" in drawn(Field("it", "It"), "a\nb").partition("value=")[2]
