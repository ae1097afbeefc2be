"""What a program wrote into a file is read within bounds; what is hostile, damaged or too much is refused in words."""

import io
import json

import pytest
from pypdf import PdfWriter

from shared.files.inspecting import Inspector
from shared.files.parsing import Parsers
from shared.files.unpacking import DEEPEST, MOST_CHARACTERS, MOST_VALUES, unpack
from shared.model.errors import Invalid, Unavailable
from shared.vocabulary import flaws
from shared.vocabulary.flaws import Flaw
from tests.shared.files.scanners import EICAR, ClamdServer, listening, silent
from tests.shared.files.test_parsing import pdf
from tests.shared.files.test_scanning import scanner_at

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE cv [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><cv>&b;</cv>"""
OUTSIDE = b"""<!DOCTYPE cv SYSTEM "http://127.0.0.1/cv.dtd"><cv/>"""
INSIDE = b"""<!DOCTYPE cv [<!ENTITY passwords SYSTEM "file:///etc/passwd">]><cv>&passwords;</cv>"""


def carrying(name: str, content: bytes) -> bytes:
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_attachment(name, content)
    writer.write(written)
    return written.getvalue()


def locked() -> bytes:
    written, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(written)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b"", flaws.EMPTY),
        (b"\0\0\0", flaws.EMPTY),
        (b"PK\x03\x04 a letter", flaws.NO_DATA),
        (b"Dear Sir", flaws.NO_DATA),
        (b'{"work": [', flaws.DAMAGED_JSON),
        (b'{"work": NaN}', flaws.DAMAGED_JSON),
        (b'{"work": ' + b"9" * 5_000 + b"}", flaws.DAMAGED_JSON),
        (b'{"name": "\xff\xfe"}', flaws.DAMAGED_JSON),
        (b"[" * 100_000, flaws.TOO_MUCH_DATA),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), flaws.TOO_MUCH_DATA),
        (json.dumps([0] * (MOST_VALUES + 1)).encode(), flaws.TOO_MUCH_DATA),
        (json.dumps(["x" * (MOST_CHARACTERS + 1)]).encode(), flaws.TOO_MUCH_DATA),
        (b"<cv><job></cv>", flaws.DAMAGED_XML),
        (b"<cv>&nothing;</cv>", flaws.DAMAGED_XML),
        (LAUGHS, flaws.DOCUMENT_TYPE),
        (OUTSIDE, flaws.DOCUMENT_TYPE),
        (INSIDE, flaws.DOCUMENT_TYPE),
        (b"<!DOCTYPE html><html></html>", flaws.DOCUMENT_TYPE),
        (b"<a>" * (DEEPEST + 1) + b"</a>" * (DEEPEST + 1), flaws.TOO_MUCH_DATA),
        (b"<a>" + b"<b/>" * MOST_VALUES + b"</a>", flaws.TOO_MUCH_DATA),
        (b"<a>" + b"x" * (MOST_CHARACTERS + 1) + b"</a>", flaws.TOO_MUCH_DATA),
        (b"<" + b"x" * (MOST_CHARACTERS + 1) + b"/>", flaws.TOO_MUCH_DATA),
        (b"<a " + b"x" * (MOST_CHARACTERS + 1) + b"='b'/>", flaws.TOO_MUCH_DATA),
        (b"%PDF-1.7 and nothing more", flaws.DAMAGED_PDF),
        (locked(), flaws.LOCKED),
        (pdf(), flaws.PDF_WITHOUT_DATA),
        (carrying("photo.jpg", b"\xff\xd8\xff"), flaws.PDF_WITHOUT_DATA),
        (carrying("cv.xml", LAUGHS), flaws.DOCUMENT_TYPE),
        (carrying("cv.xml", carrying("cv.xml", b"<cv/>")), flaws.PDF_WITHOUT_DATA),
        (carrying("cv.xml", b"\0" + carrying("cv.xml", b"<cv/>")), flaws.PDF_WITHOUT_DATA),
    ],
)
def test_of_what_is_not_read_it_is_said_why(content: bytes, flaw: Flaw) -> None:
    assert unpack(content) == (None, None, flaw)


def test_xml_becomes_lists_and_objects_without_its_namespaces() -> None:
    content = b'<a:cv xmlns:a="urn:a" a:kind="x"><name>Anna &amp; Co</name><name/><!-- no --></a:cv>'
    assert unpack(content)[:2] == ("xml", {"cv": [{"@kind": "x", "name": [{"#": "Anna & Co"}, {}]}]})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_is_read_in_its_encoding(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><cv>Łódź</cv>'.encode(encoding)
    assert unpack(content).content == {"cv": [{"#": "Łódź"}]}


async def test_the_parser_says_the_same_from_its_own_process_and_goes_on_knowing_kinds() -> None:
    parsers = Parsers()
    large = json.dumps({"work": [{"summary": "é" * 39_000} for _ in range(10)]}).encode()
    try:
        for content in (large, LAUGHS, b"<cv>x</cv>", b"[" * 100_000):
            assert await parsers.unpack(content) == unpack(content)
        assert (await parsers.look(pdf())).kind == "application/pdf"
    finally:
        await parsers.close()


async def test_nothing_is_read_that_the_scanner_has_not_seen() -> None:
    parsers = Parsers()
    try:
        async with listening(ClamdServer()) as address:
            inspector = Inspector(parsers, scanner_at("clamd", address))
            assert (await inspector.unpack("cv.json", b"{}")).format == "json"
            with pytest.raises(Invalid):
                await inspector.unpack("cv.json", b"{}" + EICAR)
        async with listening(silent) as address:
            away = scanner_at("clamd", address)
            with pytest.raises(Unavailable):
                await Inspector(parsers, away, seconds=0.2).unpack("cv.json", b"{}")
    finally:
        await parsers.close()
