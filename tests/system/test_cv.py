"""From a CV in a file to a submitted application: how much is typed, with our form less than a third."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import orjson
import pytest

from services.profile.domain import ALL_SECTIONS
from services.profile.domain.cv import europass_writing, json_resume_writing, own
from services.profile.use_cases.exporting import form_of
from shared.files.fillable import fillable
from shared.vocabulary.fields import Entries
from shared.web.environment import Web
from tests.applications.doors import API, draft, fill, publish, submit
from tests.applications.values import ANSWERS
from tests.platform import Kit
from tests.profile.cv.test_round_trips import filled_in, read_back
from tests.profile.values import COMPLETE
from tests.system.answers import SECTIONS

REGISTERED: Final = ("title", "family_name", "given_names", "birth_date", "email", "preferred_language")
"""What a candidate said when registering: it is filled in already."""

PROFILE: Final[Mapping[str, Mapping[str, Any]]] = {
    "contact": COMPLETE["contact"],
    "un_employment": {"ever_employed": "no"},
    "family": {"marital_status": "single", "has_dependants": "no", "has_relatives": "no"},
    "nationality": {name: value for name, value in COMPLETE["nationality"].items() if name != "second_nationality"},
}
LEVEL: Final = "level"
"""Of a diploma: chosen in an application alone, and only if the catalogue's is not the right one."""


def typed(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> int:
    """How many fields somebody types who wants this and finds that: an entry's fields count one by one."""
    count = 0
    for name, value in wanted.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            found = there.get(name) or []
            count += sum(typed(entry, found[place] if place < len(found) else {}) for place, entry in enumerate(value))
        else:
            count += value != there.get(name)
    return count


def all_typed(there: Mapping[str, Mapping[str, Any]]) -> int:
    known = {name: value for name, value in PROFILE["contact"].items() if name in REGISTERED}
    found = {**there, "contact": {**there.get("contact", {}), **known}}
    return sum(typed(values, found.get(key, {})) for key, values in WANTED.items())


def without_level(sections: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = orjson.loads(orjson.dumps(sections))
    for diploma in kept["education"]["diplomas"]:
        del diploma[LEVEL]
    return kept


WANTED: Final[Mapping[str, Mapping[str, Any]]] = {**PROFILE, **without_level(SECTIONS), "screening": ANSWERS}
"""All that stands in the application in the end, by section: what somebody says who has the least to say."""

IN_A_FILE: Final = {section.key: WANTED[section.key] for section in ALL_SECTIONS}


async def filled_in_form() -> bytes:
    """The form as it was downloaded empty, and filled in by somebody without a connection."""
    form = await fillable(form_of({}, Web.of("profile").texts("fr")), datetime(2026, 11, 29, tzinfo=UTC))
    return filled_in(controls(), form)


def controls() -> dict[str, str]:
    found: dict[str, str] = {}
    for section in ALL_SECTIONS:
        for field in section.fields:
            value = IN_A_FILE[section.key].get(field.name)
            if isinstance(field, Entries):
                entries = enumerate(value or [])
                found |= {
                    f"{section.key}/{field.name}/{number}/{name}": text
                    for number, entry in entries for name, text in entry.items()
                }  # fmt: skip
            elif value:
                found[f"{section.key}/{field.name}"] = value
    return found


async def test_what_is_typed_with_a_cv_of_each_format_and_without_one() -> None:
    europass = europass_writing.write(IN_A_FILE, language_code="en").encode()
    counted = {
        "nothing": all_typed({}),
        "JSON Resume": all_typed(read_back(orjson.dumps(json_resume_writing.write(IN_A_FILE)))),
        "Europass": all_typed(read_back(europass)),
        "our format": all_typed(read_back(orjson.dumps(own.write(IN_A_FILE)))),
        "our form": all_typed(read_back(await filled_in_form())),
    }
    assert counted == {"nothing": 78, "JSON Resume": 44, "Europass": 46, "our format": 11, "our form": 11}


@pytest.mark.rule("R29")
async def test_from_a_form_filled_in_offline_to_a_submitted_application(platform: Kit) -> None:
    vacancy, anna = await publish(platform), await platform.candidate(language="fr")
    await platform.settled()
    file = {"file": ("profile-form.pdf", await filled_in_form(), "application/pdf")}
    read = (await anna.api("POST", "/profile/api/imports/read", files=file)).json()
    ids = [each["id"] for each in read["proposals"] if each["state"] == "new"]
    wish = {"sections": read["sections"], "seen": read["seen"], "take": ids}
    assert (await anna.api("POST", "/profile/api/imports", json=wish)).json() == {"taken": ids}
    assert (await anna.api("GET", "/profile/api/completeness")).json()["complete"]
    assert "Partir du CV conservé avec votre profil" in (await anna.get("/applications/new")).text
    application = await draft(anna, vacancy, start="start_from_cv")
    begun = (await anna.api("GET", f"{API}/{application}")).json()["sections"]
    assert all(begun[name]["values"] == WANTED[name] for name in ("education", "skills", "references"))
    left = {name: SECTIONS[name] for name in ("preferences", "letter")}
    ready = await fill(anna, application, {**left, "screening": ANSWERS})
    sent = await submit(anna, application, ready["revision"])
    assert (sent.status_code, sent.json()["status"]) == (200, "applied"), sent.text
