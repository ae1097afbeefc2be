"""What a profile says in another format, read into an empty one, is what that format can say."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

import orjson
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from services.profile.domain import ALL_SECTIONS, SECTION, normalise
from services.profile.domain.cv import europass_writing, form, json_resume, json_resume_writing, own, read
from services.profile.domain.cv.source import Node
from services.profile.use_cases.exporting import form_of
from shared.files.fillable import fillable
from shared.files.unpacking import unpack
from shared.vocabulary.fields import COUNTRIES, AnyField, Entries, Field, PromptList, Values
from shared.web.environment import Web
from tests.profile.values import COMPLETE, CV

WHOLE = {**COMPLETE, **CV}
TEXTS = Web.of("profile")

RESUME: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "contact": {
        "": (
            "email", "phone", "permanent_street", "permanent_postcode", "permanent_city", "permanent_region",
            "permanent_country",
        ),
    },
    "education": {
        "diplomas": ("title", "institution", "field_of_study", "started_on", "ended_on"),
        "certificates": ("title", "institution", "obtained_on"),
        "jobs": (
            "title", "employer", "business", "city", "country", "started_on", "current", "ended_on", "duties",
            "achievements",
        ),
    },
    "skills": {
        "": ("mother_tongue", "it_skills", "other_skills"),
        "languages": ("language", "read", "write", "speak", "understand"),
        "publications": ("title", "publisher", "published_on", "link"),
    },
    "references": {"referees": ("name", "relationship")},
}  # fmt: skip
"""What JSON Resume can say, by section and list; the section's own fields under no name."""

EUROPASS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "contact": {
        "": (
            "family_name", "given_names", "birth_date", "gender", "email", "phone", "other_phone", "permanent_street",
            "permanent_postcode", "permanent_city", "permanent_region", "permanent_country",
        ),
    },
    "nationality": {"": ("nationality", "second_nationality", "third_nationality")},
    "education": {
        "diplomas": (
            "title", "institution", "city", "country", "field_of_study", "started_on", "ended_on", "obtained",
            "obtained_on",
        ),
        "certificates": ("title", "institution", "obtained_on"),
        "jobs": ("title", "employer", "city", "country", "started_on", "current", "ended_on", "duties"),
    },
    "skills": {
        "": ("mother_tongue", "it_skills"),
        "languages": ("language", "read", "write", "speak", "understand"),
    },
}  # fmt: skip


def carried(sections: Mapping[str, Values], kept: Mapping[str, Mapping[str, tuple[str, ...]]]) -> dict[str, Any]:
    """What of these sections a format can say."""
    said: dict[str, Any] = {}
    for key, lists in kept.items():
        values = sections.get(key, {})
        plain = {name: values[name] for name in lists.get("", ()) if values.get(name)}
        groups = {
            name: [{field: entry[field] for field in fields if entry.get(field)} for entry in values.get(name) or []]
            for name, fields in lists.items() if name
        }  # fmt: skip
        said[key] = {**plain, **{name: entries for name, entries in groups.items() if any(entries)}}
    return {key: values for key, values in said.items() if values}


def read_back(content: bytes) -> dict[str, Any]:
    held = unpack(content)
    assert held.format, held.flaw
    return {key: dict(values) for key, values in read(held.format, held.content).sections.items() if values}


def filled_in(values: Mapping[str, str], pages: bytes) -> bytes:
    writer, written = PdfWriter(clone_from=io.BytesIO(pages)), io.BytesIO()
    for page in writer.pages:
        writer.update_page_form_field_values(page, dict(values), auto_regenerate=False)
    writer.write(written)
    return written.getvalue()


WORDS = st.text("abcdeéł ", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
DAYS = st.dates(date(1950, 1, 1), date(2025, 12, 31)).map(date.isoformat)


def values_of(field: Field) -> st.SearchStrategy[str]:
    if field.kind == "date":
        return DAYS
    if field.kind in ("yesno", "checkbox"):
        return st.sampled_from(("yes", "no"))
    if isinstance(field.options, PromptList):
        return st.sampled_from([*field.options.labels("en")])
    return st.sampled_from([each.value for each in field.options]) if field.options else WORDS


def filled(fields: tuple[AnyField, ...]) -> st.SearchStrategy[dict[str, Any]]:
    plain = {field.name: values_of(field) for field in fields if isinstance(field, Field)}
    groups = {
        group.name: st.lists(filled(group.fields).filter(bool), min_size=1, max_size=2)
        for group in fields
        if isinstance(group, Entries)
    }
    return st.fixed_dictionaries({}, optional={**plain, **groups})


PROFILES = st.fixed_dictionaries({section.key: filled(section.fields) for section in ALL_SECTIONS}).filter(
    lambda sections: any(sections.values())
)


@for_all(PROFILES)
def test_our_own_format_says_everything(sections: dict[str, Any]) -> None:
    written = orjson.dumps(own.write(sections))
    assert read_back(written) == {key: values for key, values in sections.items() if values}


def test_json_resume_says_what_it_can() -> None:
    assert read_back(orjson.dumps(json_resume_writing.write(WHOLE))) == carried(WHOLE, RESUME)


def test_europass_says_what_it_can() -> None:
    written = europass_writing.write(WHOLE, language_code="fr").encode()
    assert read_back(written) == carried(WHOLE, EUROPASS)


def said(entry: dict[str, Any]) -> dict[str, Any]:
    """A job that is there still has no end; one that ended is not there any more."""
    if entry.get("current") == "yes":
        return {name: value for name, value in entry.items() if name != "ended_on"}
    return {**entry, "current": "no", "ended_on": "2020-02-02"}


(JOBS,) = (field for field in SECTION["education"].fields if isinstance(field, Entries) and field.name == "jobs")


@for_all(st.lists(filled(JOBS.fields), min_size=1, max_size=3))
def test_jobs_come_back_from_either_format(entries: list[dict[str, Any]]) -> None:
    sections = {"education": {"jobs": [said({**entry, "started_on": "2001-02-03"}) for entry in entries]}}
    assert read_back(orjson.dumps(json_resume_writing.write(sections))) == carried(sections, RESUME)
    written = europass_writing.write(sections, language_code="en").encode()
    assert read_back(written) == carried(sections, EUROPASS)


@pytest.mark.parametrize("city", ["Cede", ""])
def test_each_country_comes_back_from_json_resume(city: str) -> None:
    for code in COUNTRIES.labels("en"):
        (job,) = json_resume_writing.write({"education": {"jobs": [{"city": city, "country": code}]}})["work"]
        assert json_resume.place(Node(job["location"])) == (city, code)


def test_a_sign_that_xml_cannot_hold_is_not_written() -> None:
    contact = normalise(SECTION["contact"].fields, {"family_name": "A\uffffb\ufffe"})
    written = europass_writing.write({"contact": contact}, language_code="en").encode()
    assert read_back(written) == {"contact": {"family_name": "Ab"}}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_form_comes_back_as_it_was_filled_in(language: str) -> None:
    pages = await fillable(form_of(WHOLE, TEXTS.texts(language)), datetime(2026, 11, 29, tzinfo=UTC))
    assert read_back(pages) == WHOLE
    typed = {
        "contact/birth_place": "Łódź",
        "education/jobs/2/title": "Clerk",
        "education/jobs/2/started_on": "1/2/2003",
    }
    back = read_back(filled_in(typed, pages))
    assert back["contact"]["birth_place"] == "Łódź"
    assert back["education"]["jobs"][1] == {"title": "Clerk", "started_on": "2003-02-01"}


async def test_every_control_of_the_form_has_a_name_in_words_and_a_place_on_its_page() -> None:
    pages = await fillable(form_of({}, TEXTS.texts("fr")), datetime(2026, 11, 29, tzinfo=UTC))
    reader = PdfReader(io.BytesIO(pages))
    found: list[Any] = [each.get_object() for page in reader.pages for each in cast("Any", page["/Annots"])]
    boxes = {str(box["/T"]): box for box in found}
    shown = [part.name for part in form.contents({}) if isinstance(part, form.Box)]
    assert {*boxes} == {*shown, form.MARK}
    assert boxes["contact/birth_date"]["/TU"] == "Date de naissance (année-mois-jour)"
    for name in shown:
        left, bottom, right, top = map(float, boxes[name]["/Rect"])
        assert 0 < left < right < 595
        assert 0 < bottom < top < 842
