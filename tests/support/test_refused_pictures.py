"""Screenshots as people have them, through the page and the JSON door: taken, or refused with what to do (R66, R67)."""

import base64
from typing import Any

import pytest

from tests.platform import Kit
from tests.shared.files.awkward import AWKWARD, Awkward, phone_picture
from tests.support.samples import PROBLEM

NEVER = "is not a PNG or JPEG picture. Attach screenshots only, never your CV or another document"


def of(anna: Any) -> dict[str, Any]:
    return {**PROBLEM, "email": anna.email}


def encoded(name: str, content: bytes) -> dict[str, Any]:
    return {"screenshots": [{"name": name, "content": base64.b64encode(content).decode()}]}


def said_of(awkward: Awkward) -> str:
    """A document is refused as one, whatever else is wrong with it; a picture never is."""
    return f"“{awkward.name}” {NEVER if awkward.document else awkward.said}"


@pytest.mark.rule("R67")
async def test_a_phone_s_picture_of_the_screen_is_taken(platform: Kit) -> None:
    anna = await platform.candidate()
    files = [("screenshots", ("IMG_1.jpg", phone_picture(), "image/jpeg"))]
    opened = await anna.post_form("/support", of(anna), files=files)
    assert "Your request was received" in opened.text
    sent = encoded("IMG_2.jpg", phone_picture())
    answer = await anna.api("POST", "/support/api/tickets", json={**of(anna), **sent})
    assert answer.status_code == 201, answer.text
    (picture,) = (await anna.api("GET", f"/support/api/tickets/{answer.json()['id']}")).json()["screenshots"]
    assert picture["kind"] == "image/jpeg"


@pytest.mark.rule("R66")
@pytest.mark.rule("R67")
async def test_a_picture_that_is_not_taken_is_not_called_a_cv_and_a_document_is(platform: Kit) -> None:
    anna = await platform.candidate()
    for awkward in AWKWARD:
        files = [("screenshots", (awkward.name, awkward.content, ""))]
        page = await anna.post_form("/support", of(anna), files=files)
        assert (page.status_code, page.text.count(said_of(awkward))) == (422, 2), awkward.name
        assert PROBLEM["description"] in page.text, "what was typed stays"
        sent = encoded(awkward.name, awkward.content)
        answer = await anna.api("POST", "/support/api/tickets", json={**of(anna), **sent})
        assert answer.status_code == 422, awkward.name
        assert [each["message"] for each in answer.json()["errors"]] == [said_of(awkward)]
    assert (await anna.api("GET", "/support/api/tickets")).json() == []
