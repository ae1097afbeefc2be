"""Parsers in processes of their own: right about files, killed when one takes too much, and back for the next."""

import asyncio
import io
import sys
import time
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from pypdf import PdfWriter

from shared.files import parsing
from shared.files.parsing import AT_ONCE, TOO_MUCH, Parsers
from shared.model.errors import Invalid, Unavailable
from shared.vocabulary.flaws import MOST_PIXELS
from tests.shared.waiting import eventually


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    found = Parsers()
    yield found
    await found.close()


def jpeg(*, progressive: bool = False) -> bytes:
    content = io.BytesIO()
    Image.effect_noise((64, 64), 90).save(content, "JPEG", progressive=progressive)
    return content.getvalue()


def pdf() -> bytes:
    content, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(content)
    return content.getvalue()


def endless_scans(count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again: each is decoded over the whole picture."""
    content = io.BytesIO()
    Image.effect_noise((4000, 4000), 5).save(content, "JPEG", progressive=True, quality=10)
    whole = content.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:-2] + whole[last:-2] * count + whole[-2:]


async def at_work() -> list[psutil.Process]:
    """The parsers that this test's process has started and that have not ended."""
    children = psutil.Process().children()
    return [child for child in children if child.is_running() and "shared.files.parser" in child.cmdline()]


def png_of(width: int, height: int) -> bytes:
    """A picture as large as it says, in few bytes."""
    rows = zlib.compress(b"\0" * ((width // 8 + 1) * height), 9)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x01\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def test_files_are_known_by_their_content(parsers: Parsers) -> None:
    files = (jpeg(), pdf(), png_of(20, 20), b"%PDF-1.7 <script>", b"", png_of(60_000, 60_000))
    found = await asyncio.gather(*map(parsers.look, files))
    assert [each.kind for each in found] == ["image/jpeg", "application/pdf", "image/png", None, None, None]


async def test_a_file_that_takes_too_long_is_refused_and_neither_holds_others_up_nor_stays() -> None:
    parsers = Parsers(seconds=2)
    slow = endless_scans(400)
    begun = time.monotonic()
    answers = await asyncio.gather(*[parsers.look(slow) for _ in range(AT_ONCE)], return_exceptions=True)
    assert [str(answer) for answer in answers] == [TOO_MUCH] * AT_ONCE
    assert all(isinstance(answer, Invalid) for answer in answers)
    assert (await parsers.look(jpeg())).kind == "image/jpeg"
    assert time.monotonic() - begun < 60
    await parsers.close()


def started_by(monkeypatch: pytest.MonkeyPatch, folder: Path, *lines: str) -> None:
    """Parsers are started by this script, whose words are those that Python would be given."""
    script = folder / "python"
    script.write_text("\n".join(("#!/bin/sh", *lines)))
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))


async def test_the_time_that_a_parser_takes_to_start_is_not_the_file_s(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started_by(monkeypatch, tmp_path, "sleep 2.5", f'exec {sys.executable} "$@"')
    parsers = Parsers(seconds=2)
    assert (await parsers.look(jpeg())).kind == "image/jpeg"
    await parsers.close()


@pytest.mark.parametrize("words", ["true", "sleep 600"])
async def test_a_parser_that_does_not_start_is_no_fault_of_the_file(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str
) -> None:
    with monkeypatch.context() as broken:
        started_by(broken, tmp_path, f"exec {words}")
        broken.setattr(parsing, "STARTING_SECONDS", 0.5)
        with pytest.raises(Unavailable, match="Files cannot be checked at the moment"):
            await parsers.look(jpeg())
        assert [child for child in psutil.Process().children() if child.name() == "sleep"] == []
    assert (await parsers.look(jpeg())).kind == "image/jpeg"


def heaviest() -> bytes:
    """Of all pictures that are accepted: every value of every colour is kept until the last scan has come."""
    content, plane = io.BytesIO(), Image.new("L", (5000, MOST_PIXELS // 5000), 128)
    Image.merge("CMYK", [plane] * 4).save(content, "JPEG", progressive=True, quality=10)
    return content.getvalue()


async def test_the_heaviest_picture_fits_into_what_a_parser_may_take(parsers: Parsers) -> None:
    assert (await parsers.look(heaviest())).kind == "image/jpeg"


async def test_a_parser_that_dies_is_replaced(parsers: Parsers) -> None:
    assert (await parsers.look(pdf())).kind == "application/pdf"
    (process,) = parsers._free
    process.kill()
    await process.wait()
    assert (await parsers.look(pdf())).kind == "application/pdf"


async def test_whoever_gives_up_waiting_leaves_no_parser_behind(parsers: Parsers) -> None:
    others = await at_work()  # of the platform that other tests of this process ask

    async def new() -> list[psutil.Process]:
        return [process for process in await at_work() if process not in others]

    waiting = asyncio.create_task(parsers.look(endless_scans(400)))
    begun = await eventually(new, "a parser at work")
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert parsers._free == []
    assert not [process for process in begun if process.is_running()]
    assert not await new()
