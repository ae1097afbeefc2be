"""/.well-known/security.txt (RFC 9116): whom to tell of a weakness."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from services.careers.pages.crawlers import security_txt
from shared.ops.settings import Settings
from tests.platform import Kit

NOW = datetime(2026, 11, 28, 8, 30, 15, tzinfo=UTC)


def text_with(**settings: str) -> str:
    return security_txt(Settings.model_validate({"environment": "test", **settings}), NOW)


async def test_it_stands_where_everybody_looks_for_it(platform: Kit) -> None:
    answer = await platform.visitor().get("/.well-known/security.txt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.headers.get_list("set-cookie") == []
    lines = dict(line.split(": ", 1) for line in answer.text.splitlines())
    expires = datetime.fromisoformat(lines.pop("Expires"))
    assert timedelta(days=30) < expires - datetime.now(UTC) < timedelta(days=365)
    assert lines == {
        "Contact": "mailto:security@careers.un.org",
        "Preferred-Languages": "en, fr",
        "Canonical": "https://careers.test/.well-known/security.txt",
    }


async def test_it_is_read_and_not_written(platform: Kit) -> None:
    assert (await platform.visitor().client.head("/.well-known/security.txt")).status_code == 200
    refused = await platform.visitor().client.post("/.well-known/security.txt")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_the_operator_names_the_contact_and_the_site_its_address() -> None:
    text = text_with(security_contact="https://example.org/report", public_url="https://jobs.example.org/")
    assert text == (
        "Contact: https://example.org/report\n"
        "Expires: 2027-05-27T00:00:00Z\n"
        "Preferred-Languages: en, fr\n"
        "Canonical: https://jobs.example.org/.well-known/security.txt\n"
    )


def test_without_one_it_is_the_mail_address_for_security_of_the_domain_that_mails_come_from() -> None:
    text = text_with(mail_from="Jobs <jobs@example.org>", public_url="http://127.0.0.1:8000")
    assert text == (
        "Contact: mailto:security@example.org\n"
        "Expires: 2027-05-27T00:00:00Z\n"
        "Preferred-Languages: en, fr\n"
    )  # fmt: skip


@pytest.mark.parametrize("contact", [
    "security@example.org", "http://example.org/report", "mailto:", "mailto:nobody", "mailto:a@example.org\nX: y",
    "https://", "https://example.org/a b", "https://example.org/\nExpires: 1999-01-01T00:00:00Z", "tel:112",
])  # fmt: skip
def test_what_the_standard_does_not_allow_is_refused_at_the_start(contact: str) -> None:
    with pytest.raises(ValidationError, match="has to be like mailto:name@host or https://host/page"):
        text_with(security_contact=contact)
