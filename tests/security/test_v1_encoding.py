"""V1, encoding and sanitization: what somebody typed is text wherever it comes out, and never part of what it is in."""

from html import unescape
from typing import Final

import pytest

from tests.applications.doors import applicant, draft, fill
from tests.applications.values import SECTIONS
from tests.platform import Kit
from tests.support.samples import QUESTION
from tests.vacancies.doors import API as VACANCIES
from tests.vacancies.doors import body, publish, word

MARKUP: Final = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)><svg/onload=alert(3)>"
TEMPLATE: Final = "{{7*7}} {%raw%} %(x)s ${7*7} #{7*7} <%=7*7%> {0}"
STATEMENT: Final = "x'; drop table events; -- \\"
ALIVE: Final = ("<script>alert", "<img src=x", "<svg/onload", "onerror=alert(2)>", "49 ")


async def test_a_letter_with_markup_templates_and_sql_is_shown_as_it_was_typed(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    typed = f"{MARKUP}\n{TEMPLATE}\n{STATEMENT}\n" + "Dear colleagues, " * 20
    values = {**SECTIONS["letter"], "letter": typed}
    saved = await fill(anna, application, {"letter": values})
    assert saved["sections"]["letter"]["values"]["letter"].strip() == typed.strip()
    for page in ("letter", "review"):
        shown = await anna.get(f"/applications/{application}/{page}")
        assert shown.status_code == 200
        assert [sign for sign in ALIVE if sign in shown.text] == []
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text
        assert "{{7*7}}" in shown.text
        assert "drop table events; --" in shown.text


@pytest.mark.parametrize("asked", [MARKUP, TEMPLATE, STATEMENT, "%", "_", "\\", "'\"", "a & b | ! c <-> d:*"])
async def test_what_is_searched_for_is_text_to_the_database_and_on_the_page(platform: Kit, asked: str) -> None:
    visitor = platform.visitor()
    page = await visitor.get("/vacancies", params={"keywords": asked})
    assert page.status_code == 200
    assert [sign for sign in ALIVE if sign in page.text] == []
    answer = await visitor.get("/vacancies/api/vacancies", params={"keywords": asked})
    assert answer.status_code == 200
    assert asked in unescape(page.text)


async def test_a_notice_s_html_is_cleaned_wherever_it_is_shown(platform: Kit) -> None:
    hostile = (
        "<p>Draws <b>maps</b>.</p><script>alert(1)</script><a href='javascript:alert(1)' onclick='alert(2)'>x</a>"
        "<img src=x onerror=alert(3)><iframe src='//evil.example'></iframe><form action='//evil.example'></form>"
        "<style>*{display:none}</style><p style='position:fixed'>over</p><a href='https://un.org' target=_blank>y</a>"
    )
    notice, made, _ = await publish(
        platform, description=hostile, title="Cartographer </title><script>alert(1)</script>"
    )
    visitor = platform.visitor()
    feed = await visitor.get(f"/vacancies/feed.atom?keywords={word(notice)}")
    for answer in (await visitor.get(f"/vacancies/{made['id']}"), feed):
        assert answer.status_code == 200
        for sign in ("<script>alert", "javascript:", "onclick", "onerror", "<iframe", "evil.example", "display:none"):
            assert sign not in answer.text, sign
    assert "<b>maps</b>" in (await visitor.get(f"/vacancies/{made['id']}")).text


async def test_a_calendar_s_lines_are_ours_whatever_the_title_says(platform: Kit) -> None:
    hr = await platform.machine("hr")
    answer = await hr.api("POST", VACANCIES, json=body(title="Cartographer\r\nATTACH:https://evil.example"))
    assert answer.status_code == 422
    _, made, _ = await publish(platform, title="Cartographer; of\\nATTACH:https://evil.example, and\\, more")
    text = (await platform.visitor().get(f"/vacancies/{made['id']}.ics")).text
    assert "Cartographer\\; of" in text.replace("\r\n ", "")
    assert "of\\\\nATTACH" in text.replace("\r\n ", "")


HEADERS: Final = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Postulo-Template",
    "X-Correlation-ID", "MIME-Version",
    "Content-Type",
}  # fmt: skip


async def test_a_mail_s_headers_are_ours_whatever_the_ticket_says(platform: Kit) -> None:
    anna = await platform.candidate()
    await platform.settled()
    for field in ("subject", "full_name"):
        broken = {**QUESTION, "email": anna.email, field: "Blank page\r\nBcc: eve@evil.example"}
        refused = await anna.api("POST", "/support/api/tickets", json=broken)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == [field]
    subject = "Bcc: eve@evil.example =?utf-8?q?=0D=0ABcc:_eve=40evil.example?="
    ticket = {**QUESTION, "email": anna.email, "subject": subject}
    assert (await anna.api("POST", "/support/api/tickets", json=ticket)).status_code == 201
    mail = await platform.mail(anna.email, "support/mail/opened")
    assert mail.headers.keys() == HEADERS
    assert (mail.to, mail.headers["To"]) == (anna.email, anna.email)
