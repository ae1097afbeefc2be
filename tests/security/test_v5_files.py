"""V5, files: what is uploaded is what it says, costs little, and comes back as a download and nothing else."""

import io
import zipfile
from typing import Any, Final

import pytest

from tests.applications.doors import API, applicant, draft
from tests.applications.values import pdf
from tests.platform import Candidate, Kit
from tests.shared.files.test_parsing import endless_scans, png_of

EICAR_LIKE: Final = b"MZ\x90\x00" + b"\0" * 200
HTML: Final = b"<!DOCTYPE html><script>alert(1)</script>"


async def attached(anna: Candidate, application: str, name: str, content: bytes, kind: str) -> Any:
    files = {"file": (name, content, kind)}
    return await anna.api("POST", f"{API}/{application}/attachments", files=files)


def archive() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as zipped:
        zipped.writestr("word/document.xml", "<x/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("page.pdf", HTML, "application/pdf"),
        ("program.pdf", EICAR_LIKE, "application/pdf"),
        ("half.pdf", pdf()[:60], "application/pdf"),
        ("archive.pdf", archive(), "application/pdf"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("page.html", HTML, "text/html"),
        ("empty.pdf", b"", "application/pdf"),
        ("bomb.png", png_of(60_000, 60_000), "image/png"),
        ("scans.jpg", endless_scans(40_000), "image/jpeg"),
    ],
)
async def test_what_is_not_what_it_says_or_costs_too_much_is_refused_with_a_sentence(
    platform: Kit, name: str, content: bytes, kind: str
) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, name, content, kind)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"]
    assert (await anna.api("GET", f"{API}/{application}")).json()["attachments"] == []
    good = await attached(anna, application, "diploma.pdf", pdf(), "application/pdf")
    assert good.status_code == 201


@pytest.mark.parametrize(
    ("sent", "name"),
    [("../../etc/passwd.pdf", "passwd.pdf"), ("C:\\Windows\\evil.pdf", "evil.pdf"), ("con.pdf", "con.pdf")],
)
async def test_a_file_comes_back_as_a_download_under_a_name_of_ours(platform: Kit, sent: str, name: str) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, sent, pdf(), "text/html")
    assert answer.status_code == 201, answer.text
    back = await anna.api("GET", f"{API}/{application}/attachments/{answer.json()['id']}")
    assert back.status_code == 200
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in back.headers["cache-control"]
    assert back.headers["content-disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("name", ['a".pdf', "a\r\nX-Evil: 1.pdf", "a;b=c.pdf", "é 你好.pdf", "." * 200 + ".pdf"])
async def test_a_name_that_is_more_than_a_name_is_refused(platform: Kit, name: str) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, name, pdf(), "application/pdf")
    assert answer.status_code == 422
    assert "cannot be a file's name here" in answer.json()["detail"]
    assert (await anna.api("GET", f"{API}/{application}")).json()["attachments"] == []


async def test_a_file_is_as_large_as_its_door_allows(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, "large.pdf", pdf() + b"\n%" + b"x" * 12_100_000, "application/pdf")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_stranger_reads_nobody_s_files(platform: Kit) -> None:
    anna, eve = await applicant(platform), await platform.candidate()
    application = await draft(anna)
    made = await attached(anna, application, "diploma.pdf", pdf(), "application/pdf")
    door = f"{API}/{application}/attachments/{made.json()['id']}"
    assert (await eve.api("GET", door)).status_code == 404
    assert (await platform.visitor().api("GET", door)).status_code == 401
    assert (await anna.api("GET", door)).status_code == 200
