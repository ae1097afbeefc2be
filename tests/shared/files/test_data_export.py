"""A ZIP that leaves while it is made."""

import io
from collections.abc import AsyncIterator
from zipfile import ZipFile

from shared.files.data_export import Part, zipped


async def test_a_file_has_left_before_the_next_one_is_made() -> None:
    made: list[str] = []

    async def parts() -> AsyncIterator[Part]:
        for name in ("one.txt", "two.txt"):
            made.append(name)
            yield name, name.encode() * 1000

    pieces = zipped(parts())
    first = await anext(pieces)
    assert made == ["one.txt"]
    assert b"one.txt" in first
    whole = first + b"".join([piece async for piece in pieces])
    with ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        assert [(info.filename, info.file_size) for info in archive.infolist()] == [
            ("one.txt", 7000),
            ("two.txt", 7000),
        ]


async def test_nothing_held_is_an_empty_zip() -> None:
    async def nothing() -> AsyncIterator[Part]:
        nothing_held: tuple[Part, ...] = ()
        for part in nothing_held:
            yield part

    whole = b"".join([piece async for piece in zipped(nothing())])
    assert ZipFile(io.BytesIO(whole)).namelist() == []
