"""V5, files: what is uploaded is what it says, costs little, and comes back as a download and nothing else."""

import io
import zipfile
from typing import Any, Final

import pytest
from PIL import Image

from tests.applications.doors import API, applicant, draft
from tests.applications.values import pdf
from tests.platform import Candidate, Kit
from tests.shared.files.test_parsing import endless_scans, png_of

EICAR_LIKE: Final = b"MZ\x90\x00" + b"\0" * 200
HTML: Final = b"<!DOCTYPE html><script>alert(1)</script>"


async def attached(anna: Candidate, application: str, name: str, content: bytes, kind: str) -> Any:
    files = {"file": (name, content, kind)}
    return await anna.api("POST", f"{API}/{application}/attachments", files=files)


def picture(kind: str) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8)).save(written, kind)
    return written.getvalue()


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
    "name",
    [
        "../../etc/passwd.pdf", "C:\\Windows\\evil.pdf", 'a".pdf', "a\r\nX-Evil: 1.pdf", "a;b=c.pdf", "é 你好.pdf",
        "con.pdf", "." * 200 + ".pdf",
    ],
)  # fmt: skip
async def test_a_file_comes_back_as_a_download_under_a_name_of_ours(platform: Kit, name: str) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, name, pdf(), "text/html")
    assert answer.status_code in (201, 422), answer.text
    if answer.status_code == 422:
        return
    door = f"{API}/{application}/attachments/{answer.json()['id']}"
    back = await anna.api("GET", door)
    assert back.status_code == 200
    assert back.headers["content-type"] == "application/pdf"
    assert back.headers["x-content-type-options"] == "nosniff"
    assert "no-store" in back.headers["cache-control"]
    disposition = back.headers["content-disposition"]
    assert disposition.startswith('attachment; filename="')
    inside = disposition.removeprefix('attachment; filename="').removesuffix('"')
    assert not set(inside) & set('"/\\\r\n;')
    assert "x-evil" not in back.headers


async def test_a_file_is_as_large_as_its_door_allows(platform: Kit) -> None:
    anna = await applicant(platform)
    application = await draft(anna)
    answer = await attached(anna, application, "large.pdf", pdf() + b"\n%" + b"x" * 12_100_000, "application/pdf")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_stranger_reads_nobody_s_files(platform: Kit, kind: str) -> None:
    anna, eve = await applicant(platform), await platform.candidate()
    application = await draft(anna)
    made = await attached(anna, application, f"picture.{kind.lower()}", picture(kind), "image/png")
    if made.status_code == 422:  # this door takes documents only
        made = await attached(anna, application, "diploma.pdf", pdf(), "application/pdf")
    door = f"{API}/{application}/attachments/{made.json()['id']}"
    assert (await eve.api("GET", door)).status_code == 404
    assert (await platform.visitor().api("GET", door)).status_code == 401
