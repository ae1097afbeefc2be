"""What is kept of a control is what the macro makes of it, whatever the value, and nothing of anybody is kept."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.errors import N_, Problem
from shared.vocabulary.fields import Field, Option
from shared.vocabulary.reference import CATEGORIES, DUTY_STATIONS
from shared.web import frames, widgets
from shared.web.environment import govuk_macros
from shared.web.frames import HOLE
from shared.web.language import Texts
from shared.web.widgets import Sheet

MACROS = govuk_macros()
CHOICES = (Option("a", N_("Yes"), hint=N_("No")), Option("b", N_("No"), offered=False))
FIELDS = [
    Field("name", N_("Name"), length=50, required=True, hint=N_("Keywords"), autocomplete="name"),
    Field("mail", N_("E-mail"), "email"),
    Field("letter", N_("Your message"), "textarea", length=5000),
    Field("born", N_("Date of birth"), "date", autocomplete="bday"),
    Field("sure", N_("Yes"), "yesno"),
    Field("one", N_("Order"), "choice", options=CHOICES),
    Field("agreed", N_("Yes"), "checkbox"),
    Field("category", N_("Category"), "choice", options=CATEGORIES),
    Field("mine", N_("Order"), "choice", options=(Option("c", "Passport of Kanarienvogel"),), own=True),
    Field("many", N_("Order"), "lookup", options=(Option("d", "Draft of Kanarienvogel"),), own=True),
    Field("stations", N_("Duty station"), "choices", options=DUTY_STATIONS),
]
HOSTILE = st.sampled_from(
    ["", "Ivan", "<script>", "\"'&", HOLE, f"a{HOLE}b", "Zoë\t\u202e", "yes", "no", "a", "b", "zz"]
)
VALUES = {"date": HOSTILE | st.dates(date(1900, 1, 1)).map(str), "choices": st.lists(st.sampled_from(["GENEVA", "x"]))}


def plainly(macro: Any, params: Mapping[str, Any], *values: str, kept: bool = True) -> Any:
    """The macro itself, the values where the holes are."""
    rest = iter([value for value in values if value])

    def put(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: put(each) for name, each in part.items()}
        if isinstance(part, list):
            return [put(each) for each in part]
        return next(rest) if part == HOLE else part

    ordered = dict(sorted(params.items(), key=lambda item: item[0] == "attributes"))
    return macro(put(ordered))


def drawn(field: Field, value: Any, problems: tuple[Problem, ...] = ()) -> str:
    return str(Sheet(MACROS, Texts("fr"), {field.name: value}, problems).control(field))


def told(html: str) -> list[str]:
    """Tags and texts, but for the blanks with which macros indent."""
    return [part.strip() for part in re.split(r"(<[^>]+>)", html) if part.strip()]


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(data=st.data())
def test_a_control_is_what_the_macro_makes_of_it(field: Field, data: st.DataObject) -> None:
    value = data.draw(VALUES.get(field.kind, HOSTILE))
    problems = data.draw(st.sampled_from([(), (Problem(field.name, N_("Yes")),)]))
    ours = drawn(field, value, problems), drawn(field, value, problems)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widgets, "filled", plainly)
        theirs = drawn(field, value, problems)
    assert [told(each) for each in ours] == [told(theirs)] * 2


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_nothing_that_was_typed_is_kept(field: Field) -> None:
    typed = ["Kanarienvogel"] if field.kind == "choices" else "Kanarienvogel"
    frames._frames.clear()
    widgets._options.cache_clear()
    drawn(field, typed)
    drawn(field, typed, (Problem(field.name, N_("Enter %(value)s"), {"value": "Kanarienvogel"}),))
    assert "Kanarienvogel" not in str(frames._frames)
    assert widgets._options.cache_info().currsize == (1 if field.name == "category" else 0)


def test_no_more_is_kept_than_there_are_fields_and_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MOST", 3)
    frames._frames.clear()
    for number in range(10):
        drawn(Field(f"f{number}", N_("Name")), "x")
        assert len(frames._frames) <= 3
