"""What a file is, and what is said of one that is not taken, with its remedy."""

import pytest

from shared.files.answers import Found
from shared.files.kinds import look
from shared.files.parsing import Parsers
from tests.shared.files.awkward import AWKWARD, SCAN, Awkward, edited_phone_picture, phone_picture
from tests.shared.files.test_parsing import png_of


@pytest.mark.parametrize("awkward", AWKWARD, ids=lambda awkward: awkward.name)
def test_of_each_file_that_is_not_taken_it_is_said_why_and_what_to_do(awkward: Awkward) -> None:
    found = look(awkward.content)
    assert found.kind is None
    assert found.flaw
    assert str(found.flaw.of(awkward.name, "file")) == f"“{awkward.name}” {awkward.said}"
    assert found.flaw.of_pdf is awkward.document


@pytest.mark.parametrize("content", [phone_picture(), edited_phone_picture()], ids=["whole", "cut behind the first"])
def test_a_phone_s_picture_is_a_jpeg(content: bytes) -> None:
    assert look(content) == Found("image/jpeg")


@pytest.mark.parametrize("content", [b"<html></html>", b"PK\x03\x04 a letter", b"\0\0\0 nothing"])
def test_of_what_is_nothing_known_nothing_is_said(content: bytes) -> None:
    assert look(content) == Found()


@pytest.mark.parametrize(("size", "taken"), [((5000, 5000), True), ((5000, 5001), False), ((60_000, 60_000), False)])
def test_up_to_25_megapixels_are_decoded_and_of_more_the_number_is_said(size: tuple[int, int], taken: bool) -> None:
    found = look(png_of(*size))
    assert (found.kind == "image/png") is taken
    if found.flaw:
        megapixels = -(-size[0] * size[1] // 1_000_000)
        assert f"has {megapixels} megapixels" in str(found.flaw.of("scan.png", "file"))


async def test_the_parser_says_the_same_from_its_own_process() -> None:
    parsers = Parsers()
    try:
        for content in (phone_picture(), SCAN, b"", b"<html></html>"):
            assert await parsers.look(content) == look(content)
    finally:
        await parsers.close()
